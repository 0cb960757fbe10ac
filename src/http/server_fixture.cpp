#include "http/server_fixture.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <future>
#include <stdexcept>

#include "http/ascii.h"

namespace dunlin::http {

namespace {

constexpr timeval patience{.tv_sec = 20, .tv_usec = 0};

asio::awaitable<Response> echo(const Request& request) {
    std::string text(method_name(request.method));
    text += " " + request.path + " " + request.body;
    co_return Response::json(200, std::move(text));
}

/// A body of as many letters as the query says.
asio::awaitable<Response> letters(const Request& request) {
    co_return Response::json(200, std::string(std::stoul(request.query), 'a'));
}

[[noreturn]] void fail_as_a_library_does() {
    std::rethrow_exception(std::make_exception_ptr(std::runtime_error("a library failed")));
}

asio::awaitable<Response> fail_later(const Request&) {
    fail_as_a_library_does();
    co_return Response{};
}

asio::awaitable<Response> fail_at_once(const Request&) {
    fail_as_a_library_does();
}

asio::awaitable<Response> careless(const Request&) {
    Response response{.status = 204, .body = "HTTP/1.1 200 OK\r\n\r\n"};
    response.set("X-Careless", "a\r\nX-Injected: b");
    co_return response;
}

/// Sends back what it hears, but for a few words.
class EchoSocket final : public WebSocketHandler {
public:
    EchoSocket(std::atomic<int>& closed, ToldSockets& told) : closed_(closed), told_(told) {}

    void opened(WebSocket& socket) override {
        socket_ = &socket;
        socket.send(wire::make_frame(wire::Opcode::Text, "welcome"));
    }
    void text(std::string_view message) override {
        if (message == "throw") fail_as_a_library_does();
        if (message == "close") return socket_->close(4000, "asked for");
        if (message == "flood") return send_frames(1000, 64 * 1024);
        if (message.starts_with("small ")) return send_frames(number_in(message), 100);
        if (message.starts_with("large ")) return send_frames(number_in(message), 10'000);
        socket_->send(wire::make_frame(wire::Opcode::Text, message));
    }
    void binary(std::string_view message) override {
        socket_->send(wire::make_frame(wire::Opcode::Binary, message));
    }
    void lagging() override { ++told_.lagged; }
    void caught_up() override { ++told_.caught_up; }
    void closed() override {
        ++closed_;
        closed_.notify_all();
    }

private:
    static int number_in(std::string_view message) {
        return std::stoi(std::string(message.substr(6)));
    }
    /// No two share their bytes.
    void send_frames(int count, std::size_t size) {
        for (int i = 0; i < count; ++i) {
            socket_->send(wire::make_frame(wire::Opcode::Binary, std::string(size, 'a')));
        }
    }

    std::atomic<int>& closed_;
    ToldSockets& told_;
    WebSocket* socket_ = nullptr;
};

/// Writes what its name says; counts its end.
class TestStream : public StreamHandler {
public:
    TestStream(std::string name, std::atomic<int>& closed)
        : name_(std::move(name)), closed_(closed) {}

    void opened(StreamWriter& writer) override {
        writer_ = &writer;
        if (name_ == "throws") fail_as_a_library_does();
        if (name_ == "flood") flood();
        if (name_ == "throws" || name_ == "flood") return;
        write("hello ");
        write("");  // must not end the body
        write("world");
        if (name_ == "ends") writer.end();
        if (name_ == "breaks") writer.abort();
    }
    void stopping() override {
        if (name_ == "stays") return;
        write(", bye");
        writer_->end();
        write("too late");
    }
    void closed() override {
        ++closed_;
        closed_.notify_all();
    }

private:
    void write(std::string text) {
        writer_->write(std::make_shared<const std::string>(std::move(text)));
    }
    /// As a source that does not hold back.
    void flood() {
        for (int i = 0; i < 1000; ++i) write(std::string(64 * 1024, 'a'));
    }

    std::string name_;
    std::atomic<int>& closed_;
    StreamWriter* writer_ = nullptr;
};

/// So many megabytes, each made when there is room for it.
class Download final : public StreamHandler {
public:
    Download(std::size_t megabytes, std::atomic<int>& closed)
        : pieces_left_(megabytes * 16), closed_(closed) {}

    void opened(StreamWriter& writer) override {
        writer_ = &writer;
        drained();
    }
    void drained() override {
        while (writer_->writable() && pieces_left_ > 0) {
            --pieces_left_;
            writer_->write(std::make_shared<const std::string>(64 * 1024, 'a'));
        }
        if (pieces_left_ == 0) writer_->end();
    }
    void stopping() override {}
    void closed() override {
        ++closed_;
        closed_.notify_all();
    }

private:
    std::size_t pieces_left_;
    std::atomic<int>& closed_;
    StreamWriter* writer_ = nullptr;
};

asio::awaitable<Response> streamed(std::unique_ptr<StreamHandler> handler) {
    Response response;
    response.set("Content-Type", "text/plain");
    response.stream = std::move(handler);
    co_return response;
}

}  // namespace

std::string request(std::string_view line, std::string_view fields) {
    return std::string(line) + " HTTP/1.1\r\nHost: a\r\n" + std::string(fields) + "\r\n";
}

std::string Answer::header(std::string_view name) const {
    std::string_view rest = head;
    while (!rest.empty()) {
        const auto end = rest.find("\r\n");
        const auto line = rest.substr(0, end);
        const auto colon = line.find(':');
        if (colon != line.npos && equal_ignoring_case(line.substr(0, colon), name)) {
            return std::string(trim(line.substr(colon + 1)));
        }
        rest = end == rest.npos ? std::string_view() : rest.substr(end + 2);
    }
    return "";
}

Client::Client(std::uint16_t port, int receive_buffer)
    : descriptor_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ::setsockopt(descriptor_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    if (receive_buffer > 0) {
        ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    }
    sockaddr_in address{.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(descriptor_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
}

Client::~Client() {
    ::close(descriptor_);
}

bool Client::send(std::string_view bytes) const {
    while (!bytes.empty()) {
        const auto sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent < 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

void Client::half_close() const {
    ::shutdown(descriptor_, SHUT_WR);
}

bool Client::receive() {
    std::array<char, 64 * 1024> buffer;
    const auto count = ::recv(descriptor_, buffer.data(), buffer.size(), 0);
    EXPECT_FALSE(count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) << "nothing came";
    was_reset_ = count < 0 && errno == ECONNRESET;
    if (count > 0) pending_.append(buffer.data(), static_cast<std::size_t>(count));
    return count > 0;
}

std::string Client::read_bytes(std::size_t count) {
    while (pending_.size() < count && receive()) {
    }
    std::string bytes = pending_.substr(0, count);
    pending_.erase(0, bytes.size());
    return bytes;
}

Answer Client::read(Body body) {
    Answer answer;
    while (pending_.find("\r\n\r\n") == pending_.npos) {
        if (!receive()) return answer;
    }
    answer.head = read_bytes(pending_.find("\r\n\r\n") + 4);
    answer.status = std::stoi(answer.head.substr(9, 3));
    const auto length = answer.header("content-length");
    if (body == Body::AsAnnounced && !length.empty()) answer.body = read_bytes(std::stoul(length));
    return answer;
}

Answer Client::exchange(std::string_view bytes) {
    send(bytes);
    return read();
}

std::string Client::read_to_end() {
    while (receive()) {
    }
    return std::exchange(pending_, {});
}

TestServer::TestServer(ServerOptions options, std::size_t loops)
    : loops_(loops), gate_(loops_.at(0)) {
    gate_.expires_at(asio::steady_timer::time_point::max());
    add_test_routes();
    add_test_sockets();
    add_test_streams();
    options.port = 0;
    std::vector<asio::io_context*> contexts;
    for (std::size_t i = 0; i < loops; ++i) contexts.push_back(&loops_.at(i));
    auto listening = Server::listen(std::move(options), contexts, router_, clock_);
    EXPECT_TRUE(listening) << listening.error().message;
    server_ = std::move(*listening);
    loops_.start();
}

TestServer::~TestServer() {
    // As the application does: the loops end before the server, and go after it.
    loops_.stop();
}

void TestServer::add_test_routes() {
    router_.add(Method::Get, "/echo", echo);
    router_.add(Method::Post, "/echo", echo);
    router_.add(Method::Get, "/letters", letters);
    router_.add(Method::Get, "/below/*", echo);
    router_.add(Method::Get, "/fails/later", fail_later);
    router_.add(Method::Get, "/fails/at-once", fail_at_once);
    router_.add(Method::Get, "/careless", careless);
    router_.add(Method::Get, "/wait", [this](const Request& request) { return wait(request); });
}

void TestServer::add_test_sockets() {
    using Opened = Result<std::unique_ptr<WebSocketHandler>>;
    router_.add_websocket("/socket", [this](const Request&) -> Opened {
        return std::make_unique<EchoSocket>(closed_sockets_, told_);
    });
    router_.add_websocket("/socket/refused", [](const Request&) -> Opened {
        return std::unexpected(Error{ErrorCode::Unauthorized, "no \"key\""});
    });
    router_.add_websocket("/socket/throws",
                          [](const Request&) -> Opened { fail_as_a_library_does(); });
}

void TestServer::add_test_streams() {
    router_.add(Method::Get, "/stream", [this](const Request& request) {
        return streamed(std::make_unique<TestStream>(request.query, closed_sockets_));
    });
    router_.add(Method::Get, "/download", [this](const Request& request) {
        const auto megabytes = std::stoul(request.query);
        return streamed(std::make_unique<Download>(megabytes, closed_sockets_));
    });
}

asio::awaitable<Response> TestServer::wait(const Request& request) {
    ++waiting_;
    waiting_.notify_all();
    boost::system::error_code cancelled;
    co_await gate_.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
    co_return Response::json(200, "waited " + request.query);
}

void TestServer::release() {
    asio::post(loops_.at(0), [this] { gate_.cancel(); });
}

void TestServer::wait_for_waiting(int count) {
    for (int now = waiting_.load(); now < count; now = waiting_.load()) waiting_.wait(now);
}

void TestServer::wait_for_closed(int count) {
    for (int now = closed_sockets_.load(); now < count; now = closed_sockets_.load()) {
        closed_sockets_.wait(now);
    }
}

void TestServer::begin_drain() {
    server_->drain([this] {
        drained_ = true;
        drained_.notify_all();
    });
    // What was posted after it runs after it.
    std::promise<void> told;
    asio::post(loops_.at(0), [&] { told.set_value(); });
    told.get_future().wait();
}

void TestServer::drain() {
    begin_drain();
    wait_drained();
}

}  // namespace dunlin::http
