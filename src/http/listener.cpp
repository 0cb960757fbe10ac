#include "http/listener.h"

#include <fmt/format.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/ip/tcp.hpp>
#include <utility>

#include "core/limits.h"
#include "http/connection.h"

namespace dunlin::http {

namespace {

constexpr int notsent_lowat_bytes = 16 * 1024;  // a stalled reader holds 30 KB, not 4 MB
constexpr int user_timeout_ms = 30'000;
/// Goodbyes come in this many steps a second.
constexpr std::size_t farewell_steps_per_second = 20;

}  // namespace

void Listener::accept() {
    acceptor.async_wait(Acceptor::wait_read, [this](const boost::system::error_code& failure) {
        if (!acceptor.is_open()) return;
        // Out of descriptors: the next second tries again. At once would be a busy loop.
        accepts_ = !failure && accept_waiting();
        if (accepts_) accept();
    });
}

/// One a turn of the loop would be unfair: those who are in already have a request each in every
/// turn, so that the last of a crowd waited more than a second. False when it failed.
bool Listener::accept_waiting() {
    for (std::size_t i = 0; i < limits::accepts_per_turn_max; ++i) {
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
    ++loop.counters.refused_connections;
    const std::string answer = fmt::format(
        "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nRetry-After: {}\r\n"
        "Connection: close\r\n\r\n",
        loop.retry_after_s());
    boost::system::error_code ignored;
    socket.non_blocking(true, ignored);
    socket.write_some(asio::buffer(answer), ignored);
}

/// One timer a loop instead of one a connection.
void Listener::tick() {
    loop.timer.expires_after(loop.options.second);
    loop.timer.async_wait([this](const boost::system::error_code& failure) {
        if (failure) return;
        ++loop.now_s;
        if (!accepts_ && acceptor.is_open()) accept();
        const std::vector<std::shared_ptr<Peer>> peers(loop.peers.begin(), loop.peers.end());
        for (const auto& peer : peers) {
            if (drain_by_s_ != 0 && loop.now_s >= drain_by_s_)
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
    const std::chrono::seconds allowed = loop.options.farewell_time + limits::http_drain_timeout;
    drain_by_s_ = loop.now_s + allowed.count();
    loop.on_empty = std::move(done);
    const std::vector<std::shared_ptr<Peer>> peers(loop.peers.begin(), loop.peers.end());
    for (const auto& peer : peers) {
        if (peer->is_long_lived())
            leaving_.push_back(peer);
        else
            peer->drain();
    }
    const auto seconds = static_cast<std::size_t>(loop.options.farewell_time.count());
    const std::size_t steps = std::max<std::size_t>(1, seconds * farewell_steps_per_second);
    leaving_per_step_ = std::max((leaving_.size() + steps - 1) / steps,
                                 limits::http_farewells_per_second_min / farewell_steps_per_second);
    take_leave();
    if (loop.peers.empty() && loop.on_empty) std::exchange(loop.on_empty, nullptr)();
}

/// All at once would come back all at once, to the server that takes over.
void Listener::take_leave() {
    for (std::size_t i = 0; i < leaving_per_step_ && !leaving_.empty(); ++i) {
        const auto peer = std::move(leaving_.back());
        leaving_.pop_back();
        peer->drain();
    }
    if (leaving_.empty()) return;
    farewell_timer_.expires_after(loop.options.second / farewell_steps_per_second);
    farewell_timer_.async_wait([this](const boost::system::error_code& failure) {
        if (!failure) take_leave();
    });
}

}  // namespace dunlin::http
