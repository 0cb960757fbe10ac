#include "outbound/server_fixture.h"

#include <fmt/format.h>

#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <charconv>

#include "io/spawn.h"

namespace dunlin::outbound {

namespace {

using asio::ip::tcp;

std::size_t content_length(const std::string& head) {
    constexpr std::string_view name = "Content-Length: ";
    const auto at = head.find(name);
    std::size_t length = 0;
    if (at != head.npos) {
        std::from_chars(head.data() + at + name.size(), head.data() + head.size(), length);
    }
    return length;
}

asio::awaitable<std::string> read_part(tcp::socket& socket, std::string& buffer,
                                       std::string_view end) {
    const auto size = co_await asio::async_read_until(socket, asio::dynamic_buffer(buffer), end,
                                                      asio::use_awaitable);
    std::string part = buffer.substr(0, size - end.size());
    buffer.erase(0, size);
    co_return part;
}

}  // namespace

ServerFixture::ServerFixture()
    : acceptor_(loops_.at(0), tcp::endpoint(asio::ip::make_address("127.0.0.1"), 0)) {}

void ServerFixture::start() {
    port_ = acceptor_.local_endpoint().port();
    io::spawn(loops_.at(0).get_executor(), accept_all(), "fixture");
    loops_.start();
}

asio::awaitable<void> ServerFixture::accept_all() {
    while (true) {
        auto socket = co_await acceptor_.async_accept(asio::use_awaitable);
        io::spawn(loops_.at(0).get_executor(), converse(std::move(socket)), "fixture connection");
    }
}

std::string HttpFixture::url(std::string_view path) const {
    return fmt::format("http://127.0.0.1:{}{}", port(), path);
}

asio::awaitable<std::string> HttpFixture::read_request(tcp::socket& socket, std::string& buffer) {
    std::string request = co_await read_part(socket, buffer, "\r\n\r\n") + "\r\n\r\n";
    const std::size_t length = content_length(request);
    if (buffer.size() < length) {
        co_await asio::async_read(socket, asio::dynamic_buffer(buffer),
                                  asio::transfer_exactly(length - buffer.size()),
                                  asio::use_awaitable);
    }
    request += buffer.substr(0, length);
    buffer.erase(0, length);
    co_return request;
}

asio::awaitable<void> HttpFixture::converse(tcp::socket socket) {
    std::string buffer;
    while (true) {
        const std::string answer = answer_(co_await read_request(socket, buffer));
        if (answer.empty()) break;
        co_await asio::async_write(socket, asio::buffer(answer), asio::use_awaitable);
        if (answer.contains("Connection: close")) co_return;
    }
    // No answer: until the client gives up.
    char byte = 0;
    co_await socket.async_read_some(asio::buffer(&byte, 1), asio::use_awaitable);
}

std::string http_answer(std::string_view status, std::string_view body, std::string_view headers) {
    return fmt::format("HTTP/1.1 {}\r\nContent-Length: {}\r\nConnection: close\r\n{}\r\n{}", status,
                       body.size(), headers, body);
}

std::vector<std::string> SmtpFixture::commands() const {
    const std::lock_guard lock(mutex_);
    return commands_;
}

std::vector<std::string> SmtpFixture::messages() const {
    const std::lock_guard lock(mutex_);
    return messages_;
}

std::optional<std::string> SmtpFixture::scripted(const std::string& command) {
    const std::lock_guard lock(mutex_);
    const auto found = replies_.find(command);
    if (found == replies_.end() || found->second.empty()) return std::nullopt;
    std::string reply = std::move(found->second.front());
    found->second.pop_front();
    return reply;
}

std::string SmtpFixture::reply_to(const std::string& command) {
    if (auto reply = scripted(command)) return *reply;
    if (command.empty()) return "220 fixture ESMTP";
    if (command == "EHLO") return "250-fixture\r\n250 AUTH PLAIN";
    if (command == "AUTH") return "235 welcome";
    if (command == "DATA") return "354 go on";
    if (command == "QUIT") return "221 bye";
    return "250 ok";
}

asio::awaitable<void> SmtpFixture::converse(tcp::socket socket) {
    std::string buffer;
    std::string reply = reply_to("") + "\r\n";
    while (true) {
        co_await asio::async_write(socket, asio::buffer(reply), asio::use_awaitable);
        if (reply.starts_with("221") || reply.starts_with("421")) co_return;
        if (reply.starts_with("354")) {
            const std::string message = co_await read_part(socket, buffer, "\r\n.\r\n");
            const std::lock_guard lock(mutex_);
            messages_.push_back(message);
            reply.clear();
        }
        if (reply.empty()) {
            reply = reply_to(".") + "\r\n";
            continue;
        }
        const std::string line = co_await read_part(socket, buffer, "\r\n");
        {
            const std::lock_guard lock(mutex_);
            commands_.push_back(line);
        }
        reply = reply_to(line.substr(0, 4)) + "\r\n";
    }
}

}  // namespace dunlin::outbound
