#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.h"
#include "core/limits.h"
#include "core/result.h"
#include "http/message.h"
#include "wire/websocket_frame.h"

namespace dunlin::http {

namespace asio = boost::asio;

using Handler = std::function<asio::awaitable<Response>(const Request&)>;

/// One open WebSocket. Belongs to its loop. Sends by one gather write per loop turn; over
/// ServerOptions::queue_bytes_max it drops its queue and closes with 1013.
class WebSocket {
public:
    virtual ~WebSocket() = default;
    virtual void send(const wire::Frame& frame) = 0;
    virtual void close(std::uint16_t code, std::string_view reason) = 0;
    /// Bytes sent that the peer has not taken yet.
    virtual std::size_t queued_bytes() const = 0;
};

/// What a WebSocket endpoint does. One object per connection, on the connection's loop.
class WebSocketHandler {
public:
    virtual ~WebSocketHandler() = default;
    virtual void opened(WebSocket& socket) = 0;
    virtual void text(std::string_view message) = 0;
    virtual void binary(std::string_view message) = 0;
    /// A quarter of what may wait for this reader does: the time to leave out what is only state,
    /// and to replay no more. May be called inside WebSocket::send().
    virtual void lagging() {}
    /// Half of that is gone again. Never called inside WebSocket::send().
    virtual void caught_up() {}
    /// The socket is gone; it is not used afterwards.
    virtual void closed() = 0;
};

/// Accepts or refuses the upgrade. A refusal is answered with the error's status and
/// `{"error": message}`.
using WebSocketFactory = std::function<Result<std::unique_ptr<WebSocketHandler>>(const Request&)>;

/// Which handler answers which path. Built before the server starts, then immutable.
class Router {
public:
    /// `path` is exact, or ends in "/*" for everything below. The longest match wins. A path that
    /// is known with another method is answered with 405 and Allow.
    void add(Method method, std::string path, Handler handler);
    void add_websocket(std::string path, WebSocketFactory factory);
    /// Answers what no route takes (static files, 404).
    void set_fallback(Handler handler);

    struct Match {
        const Handler* handler = nullptr;
        const WebSocketFactory* websocket = nullptr;
        std::string allowed;  // "GET, POST" when only the method was wrong
    };
    Match find(Method method, std::string_view path) const;

private:
    struct Route {
        std::string path;
        bool prefix = false;
        std::vector<std::pair<Method, Handler>> handlers;
        WebSocketFactory websocket;
    };
    std::vector<Route> routes_;
    Handler fallback_;
    Route& route(const std::string& path);
    const Route* best_of(std::string_view path) const;
    static std::string allowed_of(const Route& route);
};

/// What the access log may know of a request: the path without its query, no headers, no body.
/// Texts are borrowed for the call.
struct RequestRecord {
    std::string_view method;       // "" when the head could not be read
    std::string_view path;         // as sent, not decoded; ASCII
    int status = 0;                // 0: the connection ended before there was an answer
    std::int64_t duration_us = 0;  // from the end of the head to the end of the answer
    std::uint64_t bytes = 0;       // sent, head and body
    std::string_view id;
    std::string_view remote;
};

struct ServerOptions {
    std::string host = "127.0.0.1";
    std::uint16_t port = 54321;                                       // 0: any free port
    std::size_t connections_max = limits::http_connections_max;       // per loop
    std::size_t upgrades_waiting_max = limits::upgrades_waiting_max;  // per loop
    std::size_t memory_bytes_max = limits::held_bytes_max;            // of all loops together
    std::size_t queue_bytes_max = limits::websocket_queue_bytes_max;  // of one WebSocket
    /// At a stop, sockets and streams are closed evenly within this time.
    std::chrono::seconds farewell_time = limits::http_farewell_time;
    /// How long a second of the timeouts lasts: tests shorten all of them together.
    std::chrono::milliseconds second{1000};
    /// Called once for each request, on its loop.
    std::function<void(const RequestRecord&)> on_request{};
    /// Called before the 500 of a handler that threw, on its loop.
    std::function<void(const RequestRecord&, std::string_view what)> on_exception{};
};

struct ServerStatistics {
    // At present
    std::uint64_t connections = 0;
    std::uint64_t websockets = 0;
    std::uint64_t streams = 0;
    std::uint64_t lagging_websockets = 0;  // told to hold back
    std::uint64_t body_bytes = 0;          // of bodies and of messages that arrive in parts
    /// What waits for slow readers, each frame counted once in each loop, however many wait for it.
    std::uint64_t queue_bytes = 0;
    // Since the start
    std::uint64_t slow_streams = 0;     // cut, because the client took nothing, or too little
    std::uint64_t slow_websockets = 0;  // closed, because the queue was full
    std::uint64_t evictions = 0;        // closed, because all queues together were too large
    std::uint64_t refused_connections = 0;
    std::uint64_t refused_upgrades = 0;
    std::uint64_t requests = 0;
    std::uint64_t errors_4xx = 0;
    std::uint64_t errors_5xx = 0;
    std::uint64_t bytes_sent = 0;
};

/// HTTP/1.1 on one acceptor per loop (SO_REUSEPORT); a connection never changes its loop.
class Server {
public:
    /// `loops` and `router` are borrowed. Binds at once.
    /// Fails with Unavailable when the address is taken or not of this machine.
    static Result<std::unique_ptr<Server>> listen(ServerOptions options,
                                                  std::vector<asio::io_context*> loops,
                                                  const Router& router, const Clock& clock);
    /// Not before the loops have stopped.
    virtual ~Server() = default;
    virtual std::uint16_t port() const = 0;
    /// Stops accepting, lets running requests finish, closes WebSockets with 1001 and ends streams
    /// evenly over ServerOptions::farewell_time, then resolves, limits::http_drain_timeout later at
    /// most. Call once, on any thread; `done` is called once, on a
    /// loop.
    virtual void drain(std::function<void()> done) = 0;
    virtual ServerStatistics statistics() const = 0;
};

}  // namespace dunlin::http
