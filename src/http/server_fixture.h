#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <string>
#include <string_view>

#include "core/clock.h"
#include "http/server.h"
#include "io/loops.h"

namespace dunlin::http {

/// One answer as it came over the socket; status 0 when the connection ended instead.
struct Answer {
    int status = 0;
    std::string head;  // with the status line
    std::string body;

    /// "" when there is none.
    std::string header(std::string_view name) const;
};

/// A blocking socket that sends any bytes. Waits fail after a while, so that no test hangs.
class Client {
public:
    /// `receive_buffer` in bytes, 0 for the system's default.
    explicit Client(std::uint16_t port, int receive_buffer = 0);
    ~Client();
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    /// False when the server has closed.
    bool send(std::string_view bytes) const;
    void half_close() const;
    enum class Body : bool { None, AsAnnounced };
    Answer read(Body body = Body::AsAnnounced);
    Answer exchange(std::string_view bytes);
    /// Everything until the server closes.
    std::string read_to_end();
    /// Whether the connection ended by a reset: what was on its way may be lost.
    bool was_reset() const { return was_reset_; }
    /// Exactly so many bytes, fewer when the server closes before.
    std::string read_bytes(std::size_t count);

private:
    bool receive();
    int descriptor_;
    std::string pending_;
    bool was_reset_ = false;
};

/// What the handlers of sockets were told.
struct ToldSockets {
    std::atomic<int> lagged = 0;
    std::atomic<int> caught_up = 0;
};

/// A server on a free port with the routes in server_fixture.cpp.
class TestServer {
public:
    explicit TestServer(ServerOptions options = {}, std::size_t loops = 1);
    ~TestServer();

    std::uint16_t port() const { return server_->port(); }
    Server& server() { return *server_; }
    /// Drains and waits until it is done.
    void drain();
    /// Begins to drain; true once it has told every connection.
    void begin_drain();
    bool is_drained() const { return drained_.load(); }
    void wait_drained() const { drained_.wait(false); }
    /// Lets the handlers of /wait answer.
    void release();
    /// Of /socket: how many were told that they lag, and that they caught up.
    int lagged() const { return told_.lagged; }
    int caught_up() const { return told_.caught_up; }
    /// Until so many handlers of /wait have begun.
    void wait_for_waiting(int count);
    /// Until so many sockets of /socket and streams are closed.
    void wait_for_closed(int count);
    const Router& router() const { return router_; }

private:
    asio::awaitable<Response> wait(const Request& request);
    void add_test_routes();
    void add_test_sockets();
    void add_test_streams();

    Router router_;
    SystemClock clock_;
    io::Loops loops_;
    asio::steady_timer gate_;
    std::atomic<int> waiting_ = 0;
    std::atomic<int> closed_sockets_ = 0;
    ToldSockets told_;
    std::atomic<bool> drained_ = false;
    std::unique_ptr<Server> server_;
};

/// A request without a body; `fields` each with CRLF.
std::string request(std::string_view line, std::string_view fields = "");

}  // namespace dunlin::http
