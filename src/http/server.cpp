#include "http/server.h"

#include <fmt/format.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <cstring>

#include "core/limits.h"
#include "http/connection.h"
#include "http/loop_state.h"

namespace dunlin::http {

using asio::ip::tcp;
using Acceptor = asio::basic_socket_acceptor<tcp, asio::io_context::executor_type>;

namespace {

constexpr int notsent_lowat_bytes = 16 * 1024;  // a stalled reader holds 30 KB, not 4 MB
constexpr int user_timeout_ms = 30'000;
constexpr int accepted_per_turn_max = 256;
constexpr std::string_view too_many_connections =
    "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nRetry-After: 1\r\nConnection: "
    "close\r\n\r\n";

/// Accepts on one loop.
struct Listener {
    Listener(asio::io_context& context, std::uint32_t index, const Router& router,
             const Clock& clock, Counters& counters, const ServerOptions& options)
        : loop(context, index, router, clock, counters, options), acceptor(context) {}

    void accept();
    bool accept_waiting();
    void welcome(Socket socket);
    void turn_away(Socket socket);
    void tick();
    void drain(std::function<void()> done);

    LoopState loop;
    Acceptor acceptor;
    std::int64_t drain_by_s = 0;
    bool accepts = true;
};

Error cannot_listen(const ServerOptions& options, std::uint16_t port, std::string_view why) {
    return Error{ErrorCode::Unavailable,
                 fmt::format("cannot listen on {}:{}: {}", options.host, port, why), "", "",
                 "Is another server running? --port chooses another port."};
}

/// A bound, listening socket. SO_REUSEPORT lets the loops share a port, but would also let a second
/// server steal half of the connections: so the first socket of a server is tried without it.
Result<int> bind_socket(const ServerOptions& options, const tcp::endpoint& endpoint, bool shared) {
    const int descriptor =
        ::socket(endpoint.protocol().family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    const int on = 1;
    ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (shared) ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
    if (descriptor < 0 ||
        ::bind(descriptor, endpoint.data(), static_cast<socklen_t>(endpoint.size())) != 0 ||
        ::listen(descriptor, SOMAXCONN) != 0) {
        const int why = errno;
        if (descriptor >= 0) ::close(descriptor);
        return std::unexpected(cannot_listen(options, endpoint.port(), std::strerror(why)));
    }
    return descriptor;
}

Result<std::uint16_t> port_of(int descriptor) {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size);
    return address.ss_family == AF_INET6 ? ntohs(reinterpret_cast<sockaddr_in6&>(address).sin6_port)
                                         : ntohs(reinterpret_cast<sockaddr_in&>(address).sin_port);
}

void Listener::accept() {
    acceptor.async_wait(Acceptor::wait_read, [this](const boost::system::error_code& failure) {
        if (!acceptor.is_open()) return;
        // Out of descriptors: the next second tries again. At once would be a busy loop.
        accepts = !failure && accept_waiting();
        if (accepts) accept();
    });
}

/// One a turn of the loop would be unfair: those who are in already have a request each in every
/// turn, so that the last of a crowd waited more than a second. False when it failed.
bool Listener::accept_waiting() {
    for (int i = 0; i < accepted_per_turn_max; ++i) {
        boost::system::error_code failure;
        Socket socket = acceptor.accept(loop.context, failure);
        if (failure == asio::error::would_block) return true;
        if (failure) return false;
        if (loop.peers.size() < loop.options.connections_max)
            welcome(std::move(socket));
        else
            turn_away(std::move(socket));
    }
    return true;
}

void Listener::welcome(Socket socket) {
    const int descriptor = socket.native_handle();
    ::setsockopt(descriptor, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &notsent_lowat_bytes, sizeof(int));
    ::setsockopt(descriptor, IPPROTO_TCP, TCP_USER_TIMEOUT, &user_timeout_ms, sizeof(int));
    auto connection = std::make_shared<Connection>(loop, std::move(socket));
    loop.add(connection);
    connection->start();
}

/// One line into the socket's own buffer, nothing kept.
void Listener::turn_away(Socket socket) {
    boost::system::error_code ignored;
    socket.non_blocking(true, ignored);
    socket.write_some(asio::buffer(too_many_connections), ignored);
}

/// One timer a loop instead of one a connection.
void Listener::tick() {
    loop.timer.expires_after(loop.options.second);
    loop.timer.async_wait([this](const boost::system::error_code& failure) {
        if (failure) return;
        ++loop.now_s;
        if (!accepts && acceptor.is_open()) accept();
        const std::vector<std::shared_ptr<Peer>> peers(loop.peers.begin(), loop.peers.end());
        for (const auto& peer : peers) {
            if (drain_by_s != 0 && loop.now_s >= drain_by_s)
                peer->abandon();
            else
                peer->tick();
        }
        tick();
    });
}

void Listener::drain(std::function<void()> done) {
    boost::system::error_code ignored;
    acceptor.close(ignored);
    loop.draining = true;
    drain_by_s = loop.now_s + std::chrono::seconds(limits::http_drain_timeout).count();
    loop.on_empty = std::move(done);
    const std::vector<std::shared_ptr<Peer>> peers(loop.peers.begin(), loop.peers.end());
    for (const auto& peer : peers) peer->drain();
    if (loop.peers.empty() && loop.on_empty) std::exchange(loop.on_empty, nullptr)();
}

class LoopServer final : public Server {
public:
    explicit LoopServer(ServerOptions options) : options_(std::move(options)) {}
    Result<void> open(const std::vector<asio::io_context*>& loops, const Router& router,
                      const Clock& clock);

    std::uint16_t port() const override { return port_; }
    void drain(std::function<void()> done) override;
    ServerStatistics statistics() const override;

private:
    ServerOptions options_;
    Counters counters_;
    std::vector<std::unique_ptr<Listener>> listeners_;
    std::uint16_t port_ = 0;
};

Result<void> LoopServer::open(const std::vector<asio::io_context*>& loops, const Router& router,
                              const Clock& clock) {
    boost::system::error_code failure;
    const auto host = options_.host == "localhost" ? std::string("127.0.0.1") : options_.host;
    const auto address = asio::ip::make_address(host, failure);
    if (failure)
        return std::unexpected(cannot_listen(options_, options_.port, "not an IP address"));
    auto probe = bind_socket(options_, {address, options_.port}, false);
    if (!probe) return std::unexpected(probe.error());
    port_ = *port_of(*probe);
    ::close(*probe);
    for (std::size_t i = 0; i < loops.size(); ++i) {
        auto descriptor = bind_socket(options_, {address, port_}, true);
        if (!descriptor) return std::unexpected(descriptor.error());
        auto listener = std::make_unique<Listener>(*loops[i], static_cast<std::uint32_t>(i), router,
                                                   clock, counters_, options_);
        listener->acceptor.assign(tcp::endpoint(address, port_).protocol(), *descriptor, failure);
        listener->acceptor.non_blocking(true, failure);
        listeners_.push_back(std::move(listener));
    }
    // Only now: a loop must not meet a listener that goes because a later one could not be bound.
    for (auto& listener : listeners_) {
        asio::post(listener->loop.context, [raw = listener.get()] {
            raw->accept();
            raw->tick();
        });
    }
    return {};
}

void LoopServer::drain(std::function<void()> done) {
    // Counts down on the loops; the last one calls `done`.
    auto left = std::make_shared<std::atomic<std::size_t>>(listeners_.size());
    for (auto& listener : listeners_) {
        asio::post(listener->loop.context, [raw = listener.get(), left, done] {
            raw->drain([left, done] {
                if (--*left == 0) done();
            });
        });
    }
}

ServerStatistics LoopServer::statistics() const {
    return {.connections = counters_.connections + counters_.websockets + counters_.streams,
            .websockets = counters_.websockets,
            .streams = counters_.streams,
            .slow_streams = counters_.slow_streams,
            .requests = counters_.requests,
            .errors_4xx = counters_.errors_4xx,
            .errors_5xx = counters_.errors_5xx,
            .bytes_sent = counters_.bytes_sent};
}

}  // namespace

Result<std::unique_ptr<Server>> Server::listen(ServerOptions options,
                                               std::vector<asio::io_context*> loops,
                                               const Router& router, const Clock& clock) {
    auto server = std::make_unique<LoopServer>(std::move(options));
    auto opened = server->open(loops, router, clock);
    if (!opened) return std::unexpected(opened.error());
    return server;
}

}  // namespace dunlin::http
