#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_future.hpp>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "io/loops.h"

namespace dunlin::outbound {

namespace asio = boost::asio;

/// Runs a coroutine to its end on a loop of its own.
template <typename T>
T await(asio::awaitable<T> coroutine) {
    asio::io_context loop;
    auto result = asio::co_spawn(loop, std::move(coroutine), asio::use_future);
    loop.run();
    return result.get();
}

/// A server at a free port of loopback, whose connections each run `converse` on its thread.
class ServerFixture {
public:
    virtual ~ServerFixture() = default;
    std::uint16_t port() const { return port_; }

protected:
    ServerFixture();
    /// Call last in the constructor of the derived class, and stop() first in its destructor.
    void start();
    void stop() { loops_.stop(); }
    virtual asio::awaitable<void> converse(asio::ip::tcp::socket socket) = 0;

private:
    asio::awaitable<void> accept_all();

    io::Loops loops_{1, "fixture"};
    asio::ip::tcp::acceptor acceptor_;
    std::uint16_t port_ = 0;
};

/// Answers every request with the text that `answer` makes of it; "" is no answer at all. Closes
/// the connection when the answer says so.
class HttpFixture final : public ServerFixture {
public:
    using Answer = std::function<std::string(const std::string& request)>;
    explicit HttpFixture(Answer answer) : answer_(std::move(answer)) { start(); }
    ~HttpFixture() override { stop(); }
    std::string url(std::string_view path) const;

private:
    asio::awaitable<void> converse(asio::ip::tcp::socket socket) override;
    asio::awaitable<std::string> read_request(asio::ip::tcp::socket& socket, std::string& buffer);
    Answer answer_;
};

/// A status line, Content-Length and a body.
std::string http_answer(std::string_view status, std::string_view body,
                        std::string_view headers = "");

/// A mail server that takes everything, but for the replies that a test has put in.
class SmtpFixture final : public ServerFixture {
public:
    /// Replies to a command ("RCPT", "DATA", "." for the end of a message, "" for the greeting)
    /// one after another; the usual ones when they are used up.
    using Replies = std::map<std::string, std::deque<std::string>>;

    explicit SmtpFixture(Replies replies = {}) : replies_(std::move(replies)) { start(); }
    ~SmtpFixture() override { stop(); }

    std::vector<std::string> commands() const;
    std::vector<std::string> messages() const;

private:
    asio::awaitable<void> converse(asio::ip::tcp::socket socket) override;
    std::string reply_to(const std::string& command);
    std::optional<std::string> scripted(const std::string& command);

    // Guards the rest: the test reads what the fixture's thread writes.
    mutable std::mutex mutex_;
    Replies replies_;
    std::vector<std::string> commands_;
    std::vector<std::string> messages_;
};

}  // namespace dunlin::outbound
