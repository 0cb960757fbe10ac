#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>

#include "http/connection.h"
#include "http/response_text.h"
#include "http/stream_connection.h"

namespace dunlin::http {

namespace {

std::string text_of(const std::exception_ptr& failure) {
    try {
        std::rethrow_exception(failure);
    } catch (const std::exception& exception) {
        return exception.what();
    } catch (...) {
        return "not a std::exception";
    }
}

}  // namespace

/// What failed goes to the log; the client gets the id to find it by.
Response Connection::failed(const std::exception_ptr& failure) const {
    if (loop_.options.on_exception) loop_.options.on_exception(record(), text_of(failure));
    return Response::error(
        {ErrorCode::Internal, "internal error", "XX000", "request id " + request_.id});
}

void Connection::answer(Response response) {
    if (closed_) return;
    request_.body = {};
    body_ = {};
    if (loop_.draining) keep_alive_ = false;
    const bool has_no_body = response.status == 204 || response.status == 304;
    if (response.stream != nullptr && !has_no_body && head_.method != Method::Head) {
        return become_stream(std::move(response));
    }
    const auto head_of = [&] {
        return response_head(head_, request_.id, response, keep_alive_, loop_.clock.now_us());
    };
    output_head_ = head_of();
    hold(0);
    if (!hold(response.body.size())) {
        response = Response::error({ErrorCode::Unavailable, "too many large answers at once"});
        output_head_ = head_of();
        hold(0);
    }
    count(response.status);
    output_body_ = head_.method == Method::Head ? std::string() : std::move(response.body);
    written_ = 0;
    enter(Phase::Writing);
    write();
}

/// This object is done: the socket goes on as a stream.
void Connection::become_stream(Response response) {
    closed_ = true;
    const auto self = shared_from_this();
    auto head = response_head(head_, request_.id, response, false, loop_.clock.now_us());
    count(response.status);
    hold(0);
    using Framing = StreamRequest::Framing;
    const auto known = record();
    StreamRequest request{
        .method = std::string(known.method),
        .path = std::string(known.path),
        .id = std::move(request_.id),
        .remote = std::move(remote_),
        .status = response.status,
        .started_us = started_us_,
        .framing = head_.minor_version == 0 ? Framing::UntilClose : Framing::Chunked};
    auto stream = std::make_shared<StreamConnection>(loop_, std::move(socket_), std::move(request),
                                                     std::move(response.stream));
    loop_.add(stream);
    loop_.remove(self);
    --loop_.counters.connections;
    stream->start(std::move(head));
}

void Connection::count(int status) {
    status_ = status;
    ++loop_.counters.requests;
    if (status >= 500)
        ++loop_.counters.errors_5xx;
    else if (status >= 400)
        ++loop_.counters.errors_4xx;
}

/// For what cannot be followed by another request: the end of this one is unknown.
void Connection::refuse(int status, const std::string& message) {
    keep_alive_ = false;
    input_ = {};
    if (request_.id.empty()) request_.id = choose_id();
    Response response = Response::error({ErrorCode::InvalidInput, message});
    response.status = status;
    answer(std::move(response));
}

void Connection::write() {
    if (closed_) return;
    const std::size_t total = output_head_.size() + output_body_.size();
    while (written_ < total) {
        const std::size_t in_head = std::min(written_, output_head_.size());
        const std::array<asio::const_buffer, 2> parts = {
            asio::buffer(output_head_) + in_head,
            asio::buffer(output_body_) + (written_ - in_head)};
        boost::system::error_code failure;
        const std::size_t count = socket_.write_some(parts, failure);
        if (failure == asio::error::would_block) {
            socket_.async_wait(Socket::wait_write,
                               [self = shared_from_this()](const boost::system::error_code& ended) {
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

/// Gives back what the request held before anything else is waited for.
void Connection::after_write() {
    report(status_, written_);
    output_head_ = {};
    output_body_ = {};
    head_ = {};
    request_ = {};
    body_ = {};
    hold(0);
    if (!keep_alive_ || loop_.draining) return linger();
    enter(input_.empty() ? Phase::Idle : Phase::Head);
    if (input_.empty()) {
        input_ = {};
        return wait_readable();
    }
    // The next pipelined request is already here; from a fresh turn, so that they do not nest.
    asio::post(loop_.context, [self = shared_from_this()] { self->advance(); });
}

/// RFC 9112 section 9.6: a close while bytes are unread resets the connection, and the client would
/// lose the answer. So the rest is read, dropped, and waited for a moment.
void Connection::linger() {
    input_ = {};
    boost::system::error_code failure;
    socket_.shutdown(Socket::shutdown_send, failure);
    enter(Phase::Lingering);
    if (failure) return close();
    wait_readable();
}

RequestRecord Connection::record() const {
    const std::string_view target = head_.target;
    return {.method = head_.method_text,
            .path = target.substr(0, target.find('?')),
            .id = request_.id,
            .remote = remote_};
}

void Connection::report(int status, std::uint64_t bytes) const {
    if (!loop_.options.on_request) return;
    auto line = record();
    line.status = status;
    line.duration_us = loop_.clock.now_us() - started_us_;
    line.bytes = bytes;
    loop_.options.on_request(line);
}

void Connection::tick() {
    if (phase_ == Phase::Handling || loop_.now_s <= deadline_s_) return;
    if (phase_ == Phase::Body || (phase_ == Phase::Head && !input_.empty())) {
        return refuse(408, "the request did not arrive in time");
    }
    close();
}

void Connection::drain() {
    keep_alive_ = false;
    if (phase_ == Phase::Idle || (phase_ == Phase::Head && input_.empty())) close();
}

void Connection::abandon() {
    close();
}

void Connection::close() {
    if (closed_) return;
    closed_ = true;
    if (phase_ == Phase::Handling) report(0, 0);
    if (phase_ == Phase::Writing) report(status_, written_);
    hold(0);
    boost::system::error_code ignored;
    socket_.close(ignored);
    --loop_.counters.connections;
    loop_.remove(shared_from_this());
}

}  // namespace dunlin::http
