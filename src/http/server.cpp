#include "http/server.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/post.hpp>
#include <cstring>

#include "http/listener.h"

namespace dunlin::http {

using asio::ip::tcp;
namespace {

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
                                                   clock, counters_, options_, loops.size());
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
            .lagging_websockets = counters_.lagging,
            .body_bytes = counters_.body_bytes,
            .queue_bytes = counters_.queue_bytes,
            .slow_streams = counters_.slow_streams,
            .slow_websockets = counters_.slow_websockets,
            .evictions = counters_.evictions,
            .refused_connections = counters_.refused_connections,
            .refused_upgrades = counters_.refused_upgrades,
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
