#include "http/stream_connection.h"

#include <fmt/format.h>

#include <boost/asio/buffer.hpp>
#include <utility>

#include "core/limits.h"
#include "io/log.h"

namespace dunlin::http {

namespace {

/// What is left when the handler is asked for more, so that the socket does not run dry meanwhile.
constexpr std::size_t refill_bytes = limits::stream_queue_bytes_soft / 4;

SharedBytes shared(std::string bytes) {
    return std::make_shared<const std::string>(std::move(bytes));
}

}  // namespace

StreamConnection::StreamConnection(LoopState& loop, Socket socket, StreamRequest request,
                                   std::unique_ptr<StreamHandler> handler)
    : loop_(loop),
      socket_(std::move(socket)),
      request_(std::move(request)),
      handler_(std::move(handler)),
      queue_(loop) {
    ++loop_.counters.streams;
}

void StreamConnection::start(std::string head) {
    push(shared(std::move(head)));
    guarded([&] { handler_->opened(*this); });
    if (loop_.draining) drain();
    wait_readable();
}

/// What a library throws ends this stream, not its loop. A handler may end the stream in any call.
template <class Call>
void StreamConnection::guarded(Call&& call) {
    if (handler_ == nullptr) return;
    try {
        call();
    } catch (const std::exception& failure) {
        log::error("a stream handler failed",
                   {{"what", failure.what()}, {"request_id", request_.id}});
        abort();
    }
}

void StreamConnection::push(SharedBytes piece) {
    if (queue_.empty()) deadline_s_ = loop_.now_s + limits::http_write_timeout.count();
    queue_.push(std::move(piece));
    flush_soon();
}

void StreamConnection::flush_soon() {
    if (dirty_ || waiting_writable_ || phase_ == Phase::Closed) return;
    dirty_ = true;
    loop_.flush_later(shared_from_this());
}

bool StreamConnection::write(SharedBytes bytes) {
    if (phase_ != Phase::Open || cut_) return false;
    // RFC 9112 section 7.1: an empty chunk would be the last one.
    if (bytes->empty()) return writable();
    if (queue_.bytes() + bytes->size() > limits::stream_queue_bytes_max && !queue_.empty()) {
        ++loop_.counters.slow_streams;
        abort();
        return false;
    }
    if (request_.framing == StreamRequest::Framing::Chunked) {
        const char* before = std::exchange(begun_, true) ? "\r\n" : "";
        push(shared(fmt::format("{}{:x}\r\n", before, bytes->size())));
    }
    push(std::move(bytes));
    return writable();
}

bool StreamConnection::writable() {
    paused_ = queue_.bytes() > limits::stream_queue_bytes_soft;
    return !paused_;
}

void StreamConnection::end() {
    if (phase_ != Phase::Open || cut_) return;
    phase_ = Phase::Ending;
    if (request_.framing == StreamRequest::Framing::Chunked) {
        push(shared(begun_ ? "\r\n0\r\n\r\n" : "0\r\n\r\n"));
    }
    flush_soon();
}

/// From a fresh turn: the handler may be in the middle of something.
void StreamConnection::abort() {
    if (phase_ == Phase::Lingering || phase_ == Phase::Closed) return;
    cut_ = true;
    if (dirty_) return;
    dirty_ = true;
    loop_.flush_later(shared_from_this());
}

void StreamConnection::flush() {
    dirty_ = false;
    if (cut_) return close();
    if (waiting_writable_ || phase_ == Phase::Closed) return;
    const std::uint64_t sent_before = queue_.sent_bytes();
    const auto outcome = queue_.write_to(socket_.native_handle());
    if (outcome == OutputQueue::Outcome::Failed) return close();
    if (queue_.sent_bytes() != sent_before) {
        deadline_s_ = loop_.now_s + limits::http_write_timeout.count();
    }
    if (outcome == OutputQueue::Outcome::Blocked) {
        wait_writable();
    } else if (phase_ == Phase::Ending) {
        return linger();
    }
    tell_drained();
}

void StreamConnection::tell_drained() {
    if (!paused_ || phase_ != Phase::Open || queue_.bytes() > refill_bytes) return;
    paused_ = false;
    guarded([&] { handler_->drained(); });
}

void StreamConnection::wait_writable() {
    waiting_writable_ = true;
    socket_.async_wait(Socket::wait_write,
                       [self = shared_from_this()](const boost::system::error_code& failure) {
                           self->waiting_writable_ = false;
                           if (failure) return self->close();
                           self->flush();
                       });
}

void StreamConnection::wait_readable() {
    if (phase_ == Phase::Closed) return;
    socket_.async_wait(Socket::wait_read,
                       [self = shared_from_this()](const boost::system::error_code& failure) {
                           if (failure) return self->close();
                           self->on_readable();
                       });
}

void StreamConnection::on_readable() {
    if (phase_ == Phase::Closed) return;
    boost::system::error_code failure;
    socket_.read_some(asio::buffer(loop_.buffer), failure);
    if (failure && failure != asio::error::would_block) return close();
    wait_readable();  // "Connection: close" said that nothing more is answered
}

/// RFC 9112 section 9.6, as after any last answer.
void StreamConnection::linger() {
    phase_ = Phase::Lingering;
    finish();
    deadline_s_ = loop_.now_s + limits::http_linger_timeout.count();
    boost::system::error_code failure;
    socket_.shutdown(Socket::shutdown_send, failure);
    if (failure) close();
}

void StreamConnection::finish() {
    if (handler_ == nullptr) return;
    --loop_.counters.streams;
    if (loop_.options.on_request) {
        loop_.options.on_request({.method = request_.method,
                                  .path = request_.path,
                                  .status = request_.status,
                                  .duration_us = loop_.clock.now_us() - request_.started_us,
                                  .bytes = queue_.sent_bytes(),
                                  .id = request_.id,
                                  .remote = request_.remote});
    }
    const auto handler = std::exchange(handler_, nullptr);
    try {
        handler->closed();
    } catch (const std::exception& failure) {
        log::error("a stream handler failed at its end",
                   {{"what", failure.what()}, {"request_id", request_.id}});
    }
}

void StreamConnection::tick() {
    const bool waits = !queue_.empty() || phase_ == Phase::Lingering;
    if (!waits || loop_.now_s <= deadline_s_) return;
    if (phase_ != Phase::Lingering) ++loop_.counters.slow_streams;
    close();
}

void StreamConnection::drain() {
    if (phase_ == Phase::Open) guarded([&] { handler_->stopping(); });
}

void StreamConnection::abandon() {
    close();
}

void StreamConnection::evict() {
    queue_.clear();
    abort();
}

void StreamConnection::close() {
    if (phase_ == Phase::Closed) return;
    phase_ = Phase::Closed;
    const auto self = shared_from_this();
    boost::system::error_code ignored;
    socket_.close(ignored);
    finish();
    queue_.clear();
    loop_.remove(self);
}

}  // namespace dunlin::http
