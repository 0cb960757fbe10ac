#include "http/connection.h"

#include <fmt/format.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <utility>

#include "core/limits.h"
#include "http/ascii.h"
#include "http/response_text.h"
#include "http/websocket_connection.h"

namespace dunlin::http {

namespace {

constexpr std::size_t request_id_bytes_max = 64;

/// A handler that throws before its first co_await throws here, and not through the loop.
asio::awaitable<Response> run(const Handler& handler, const Request& request) {
    co_return co_await handler(request);
}

Response not_allowed(const RequestHead& head, const std::string& allowed) {
    auto response =
        Response::error({ErrorCode::MethodNotAllowed,
                         fmt::format("Unsupported HTTP method: {}", head.method_text), "PGRST117"});
    response.set("Allow", allowed);
    return response;
}

Response not_an_upgrade(int status) {
    Response response =
        Response::json(status, R"({"error":"this address speaks WebSocket version 13"})");
    response.set("Upgrade", "websocket");
    response.set("Sec-WebSocket-Version", "13");
    return response;
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
    if (phase == Phase::Lingering) allowed = limits::http_linger_timeout;
    if (phase == Phase::Writing) {
        const auto size = output_head_.size() + output_body_.size();
        allowed = limits::http_write_timeout +
                  std::chrono::seconds(size / limits::http_write_bytes_per_second_min);
    }
    deadline_s_ = loop_.now_s + allowed.count();
}

void Connection::wait_readable() {
    if (closed_ || waiting_readable_) return;
    waiting_readable_ = true;
    socket_.async_wait(Socket::wait_read,
                       [self = shared_from_this()](const boost::system::error_code& failure) {
                           self->waiting_readable_ = false;
                           if (failure) return self->close();
                           self->on_readable();
                       });
}

void Connection::on_readable() {
    // A refusal for lateness may have gone out since the wait began.
    if (closed_ || phase_ == Phase::Handling || phase_ == Phase::Writing) return;
    boost::system::error_code failure;
    const std::size_t count = socket_.read_some(asio::buffer(loop_.buffer), failure);
    if (failure == asio::error::would_block) return wait_readable();
    if (failure) return close();
    if (phase_ == Phase::Lingering) return wait_readable();  // read and dropped
    input_.append(loop_.buffer.data(), count);
    if (phase_ == Phase::Idle) enter(Phase::Head);
    advance();
}

/// Goes on with what has arrived; waits for more when that is not enough.
void Connection::advance() {
    if (closed_) return;
    if (phase_ == Phase::Head && !read_head()) return;
    if (phase_ == Phase::Body && !read_body()) return;
    handle();
}

bool Connection::read_head() {
    auto head = parse_head(input_);
    started_us_ = loop_.clock.now_us();
    if (!head) {
        refuse(std::stoi(head.error().details), head.error().message);
        return false;
    }
    if (head->bytes == 0) {
        wait_readable();
        return false;
    }
    head_ = std::move(*head);
    request_.id = choose_id();
    keep_alive_ = head_.keep_alive && !loop_.draining;
    input_.erase(0, head_.bytes);
    if (head_.content_length > limits::http_body_bytes_max) {
        refuse(413, fmt::format("the body is over {} bytes", limits::http_body_bytes_max));
        return false;
    }
    body_ = BodyReader(head_.chunked, head_.content_length, limits::http_body_bytes_max);
    if (head_.expects_continue && !body_.done() && input_.empty()) {
        boost::system::error_code ignored;
        socket_.write_some(asio::buffer(std::string_view("HTTP/1.1 100 Continue\r\n\r\n")),
                           ignored);
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
    if (!hold(body_.body().size())) {
        refuse(503, "too many large requests at once");
        return false;
    }
    if (!body_.done()) wait_readable();
    return body_.done();
}

/// Counts the body that this connection holds. False when it makes the loop's too much together.
bool Connection::hold(std::size_t bytes) {
    return loop_.memory.change_body(std::exchange(held_bytes_, bytes), bytes);
}

/// A client's own id, when it is a word that can stand in any log, else a new one.
std::string Connection::choose_id() {
    const auto given = head_.header("x-request-id");
    if (is_token(given) && given.size() <= request_id_bytes_max) return std::string(given);
    return fmt::format("{:x}-{:x}-{:x}", loop_.clock.now_us(), loop_.index, ++loop_.next_request);
}

void Connection::handle() {
    enter(Phase::Handling);
    request_ = Request{.method = head_.method,
                       .target = head_.target,
                       .path = std::move(head_.path),
                       .query = std::move(head_.query),
                       .headers = head_.headers,
                       .body = std::move(body_.body()),
                       .remote = remote_,
                       .id = std::move(request_.id),
                       .loop = loop_.index};
    if (request_.method == Method::Options) return answer(preflight_answer(head_));
    const auto match = loop_.router.find(request_.method, request_.path);
    if (match.websocket != nullptr && request_.method == Method::Get) {
        return upgrade(*match.websocket);
    }
    if (match.handler == nullptr && match.allowed.empty()) {
        return answer(Response::error({ErrorCode::NotFound, "no such path"}));
    }
    if (match.handler == nullptr) return answer(not_allowed(head_, match.allowed));
    asio::co_spawn(loop_.context, run(*match.handler, request_),
                   [self = shared_from_this()](std::exception_ptr failure, Response response) {
                       if (failure) response = self->failed(failure);
                       self->answer(std::move(response));
                   });
}

void Connection::upgrade(const WebSocketFactory& factory) {
    // RFC 6455 section 4.2.1; 426 says what to do, so it is for those who did not try.
    const auto key = websocket_accept_key(head_);
    if (!key) return answer(not_an_upgrade(is_websocket_upgrade(head_) ? 400 : 426));
    const auto later = [self = shared_from_this(), &factory, key = *key] {
        self->upgrade_now(factory, key);
    };
    if (!loop_.upgrade_later(later)) answer(too_many_upgrades());
}

Response Connection::too_many_upgrades() {
    ++loop_.counters.refused_upgrades;
    auto response =
        Response::json(503, R"({"error":"too many connections at once; try again later"})");
    response.set("Retry-After", std::to_string(loop_.retry_after_s()));
    return response;
}

void Connection::upgrade_now(const WebSocketFactory& factory, const std::string& key) {
    if (closed_) return;
    if (loop_.draining) {
        return answer(Response::json(503, R"({"error":"the server is stopping"})"));
    }
    Result<std::unique_ptr<WebSocketHandler>> handler;
    try {
        handler = factory(request_);
    } catch (...) {
        return answer(failed(std::current_exception()));
    }
    if (!handler) {
        return answer(Response::json(http_status(handler.error().code),
                                     R"({"error":)" + json_text(handler.error().message) + "}"));
    }
    become_websocket(std::move(*handler), key);
}

/// This object is done: the socket goes on as a WebSocket.
void Connection::become_websocket(std::unique_ptr<WebSocketHandler> handler,
                                  const std::string& key) {
    closed_ = true;
    const auto self = shared_from_this();
    ++loop_.counters.requests;
    report(101, 0);
    hold(0);
    auto websocket =
        std::make_shared<WebSocketConnection>(loop_, std::move(socket_), std::move(handler));
    loop_.add(websocket);
    loop_.remove(self);
    --loop_.counters.connections;
    websocket->start(key, input_);
}

}  // namespace dunlin::http
