#include "http/connection.h"

#include <fmt/format.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <charconv>

#include "core/limits.h"
#include "http/response_text.h"
#include "http/websocket_connection.h"

namespace dunlin::http {

namespace {

constexpr std::size_t request_id_bytes_max = 64;

std::string request_id_of(const RequestHead& head, LoopState& loop) {
    const auto given = head.header("x-request-id");
    if (!given.empty() && given.size() <= request_id_bytes_max) return std::string(given);
    return fmt::format("{:x}-{:x}-{:x}", loop.clock.now_us(), loop.index, ++loop.next_request);
}

}  // namespace

Connection::Connection(LoopState& loop, Socket socket) : loop_(loop), socket_(std::move(socket)) {
    ++loop_.counters.connections;
}

void Connection::start() {
    boost::system::error_code failure;
    const auto endpoint = socket_.remote_endpoint(failure);
    if (!failure) remote_ = fmt::format("{}:{}", endpoint.address().to_string(), endpoint.port());
    socket_.non_blocking(true, failure);
    socket_.set_option(asio::ip::tcp::no_delay(true), failure);
    enter(Phase::Head);
    wait_readable();
}

void Connection::enter(Phase phase) {
    phase_ = phase;
    auto allowed = limits::http_idle_timeout;
    if (phase == Phase::Head) allowed = limits::http_header_timeout;
    if (phase == Phase::Body) allowed = limits::http_body_timeout;
    if (phase == Phase::Writing) allowed = limits::http_write_timeout;
    deadline_s_ = loop_.now_s + allowed.count();
}

void Connection::wait_readable() {
    if (closed_) return;
    socket_.async_wait(Socket::wait_read, [self = shared_from_this()](const boost::system::error_code& failure) {
        if (failure) return self->close();
        self->on_readable();
    });
}

void Connection::on_readable() {
    boost::system::error_code failure;
    const std::size_t count = socket_.read_some(asio::buffer(loop_.buffer), failure);
    if (failure == asio::error::would_block) return wait_readable();
    if (failure) return close();
    input_.append(loop_.buffer.data(), count);
    if (phase_ == Phase::Idle) enter(Phase::Head);
    advance();
}

/// Goes on with what has arrived; waits for more when that is not enough.
void Connection::advance() {
    if (phase_ == Phase::Head && !read_head()) return;
    if (phase_ == Phase::Body && !read_body()) return;
    handle();
}

bool Connection::read_head() {
    auto head = parse_head(input_);
    if (!head) {
        refuse(std::stoi(head.error().details), head.error().message);
        return false;
    }
    if (head->bytes == 0) {
        wait_readable();
        return false;
    }
    head_ = std::move(*head);
    keep_alive_ = head_.keep_alive && !loop_.draining;
    input_.erase(0, head_.bytes);
    if (head_.content_length > limits::http_body_bytes_max) {
        refuse(413, fmt::format("the body is over {} bytes", limits::http_body_bytes_max));
        return false;
    }
    body_ = BodyReader(head_.chunked, head_.content_length, limits::http_body_bytes_max);
    if (head_.expects_continue && !body_.done() && input_.empty()) {
        boost::system::error_code ignored;
        socket_.write_some(asio::buffer(std::string_view("HTTP/1.1 100 Continue\r\n\r\n")), ignored);
    }
    enter(Phase::Body);
    return true;
}

bool Connection::read_body() {
    std::string_view rest = input_;
    const auto taken = body_.take(rest);
    input_.erase(0, input_.size() - rest.size());
    if (!taken) {
        refuse(http_status(taken.error().code), taken.error().message);
        return false;
    }
    if (!body_.done()) wait_readable();
    return body_.done();
}

void Connection::handle() {
    enter(Phase::Handling);
    ++loop_.counters.requests;
    request_ = Request{.method = head_.method,
                       .target = std::move(head_.target),
                       .path = std::move(head_.path),
                       .query = std::move(head_.query),
                       .headers = head_.headers,
                       .body = std::move(body_.body()),
                       .remote = remote_,
                       .id = request_id_of(head_, loop_),
                       .loop = loop_.index};
    if (request_.method == Method::Options) return answer(preflight_answer(head_));
    const auto match = loop_.router.find(request_.method, request_.path);
    if (match.websocket != nullptr && request_.method == Method::Get) return upgrade(*match.websocket, request_);
    if (match.handler == nullptr) {
        if (match.allowed.empty()) return answer(Response::error({ErrorCode::NotFound, "no such path"}));
        auto response = Response::error({ErrorCode::MethodNotAllowed,
                                         fmt::format("Unsupported HTTP method: {}", head_.method_text), "PGRST117"});
        response.set("Allow", match.allowed);
        return answer(std::move(response));
    }
    asio::co_spawn(loop_.context, (*match.handler)(request_),
                   [self = shared_from_this()](std::exception_ptr failure, Response response) {
                       if (failure) response = Response::error({ErrorCode::Internal, "internal error", "XX000"});
                       self->answer(std::move(response));
                   });
}

void Connection::upgrade(const WebSocketFactory& factory, const Request& request) {
    const auto key = websocket_accept_key(head_);
    if (!key) {
        Response response = Response::json(426, R"({"error":"this address speaks WebSocket version 13"})");
        response.set("Upgrade", "websocket");
        response.set("Sec-WebSocket-Version", "13");
        return answer(std::move(response));
    }
    auto handler = factory(request);
    if (!handler) {
        std::string body = R"({"error":)";
        body += json_text(handler.error().message) + "}";
        return answer(Response::json(http_status(handler.error().code), std::move(body)));
    }
    closed_ = true;  // this object is done: the socket goes on as a WebSocket
    const auto self = shared_from_this();
    auto websocket = std::make_shared<WebSocketConnection>(loop_, std::move(socket_), std::move(*handler));
    loop_.add(websocket);
    loop_.remove(self);
    --loop_.counters.connections;
    websocket->start(*key, input_);
}

void Connection::answer(Response response) {
    if (closed_) return;
    if (response.status >= 500) ++loop_.counters.errors_5xx;
    else if (response.status >= 400) ++loop_.counters.errors_4xx;
    output_head_ = response_head(head_, request_.id, response, keep_alive_, loop_.clock.now_us());
    output_body_ = head_.method == Method::Head ? std::string() : std::move(response.body);
    written_ = 0;
    enter(Phase::Writing);
    write();
}

/// For what cannot be followed by another request: the end of this one is unknown.
void Connection::refuse(int status, const std::string& message) {
    keep_alive_ = false;
    input_.clear();
    request_.id = request_id_of(head_, loop_);
    answer(Response::json(status, fmt::format(R"({{"code":null,"details":null,"hint":null,"message":"{}"}})", message)));
}

void Connection::write() {
    const std::size_t total = output_head_.size() + output_body_.size();
    while (written_ < total) {
        const std::size_t in_head = std::min(written_, output_head_.size());
        const std::array<asio::const_buffer, 2> parts = {
            asio::buffer(output_head_) + in_head, asio::buffer(output_body_) + (written_ - in_head)};
        boost::system::error_code failure;
        const std::size_t count = socket_.write_some(parts, failure);
        if (failure == asio::error::would_block) {
            socket_.async_wait(Socket::wait_write, [self = shared_from_this()](const boost::system::error_code& ended) {
                if (ended) return self->close();
                self->write();
            });
            return;
        }
        if (failure) return close();
        written_ += count;
        loop_.counters.bytes_sent += count;
    }
    after_write();
}

void Connection::after_write() {
    output_head_.clear();
    output_body_ = {};
    if (!keep_alive_ || loop_.draining) {
        boost::system::error_code ignored;
        socket_.shutdown(Socket::shutdown_send, ignored);
        return close();
    }
    enter(input_.empty() ? Phase::Idle : Phase::Head);
    if (input_.empty()) return wait_readable();
    // The next pipelined request is already here; from a fresh turn, so that they do not nest.
    asio::post(loop_.context, [self = shared_from_this()] { self->advance(); });
}

void Connection::tick() {
    if (phase_ == Phase::Handling || loop_.now_s <= deadline_s_) return;
    if (phase_ == Phase::Head || phase_ == Phase::Body) refuse(408, "the request did not arrive in time");
    close();
}

void Connection::drain() {
    keep_alive_ = false;
    if (phase_ == Phase::Idle || (phase_ == Phase::Head && input_.empty())) close();
}

void Connection::abandon() { close(); }

void Connection::close() {
    if (closed_) return;
    closed_ = true;
    boost::system::error_code ignored;
    socket_.close(ignored);
    --loop_.counters.connections;
    loop_.remove(shared_from_this());
}

}  // namespace dunlin::http
