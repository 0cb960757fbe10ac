#include "http/websocket_connection.h"

#include <openssl/evp.h>
#include <sys/uio.h>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <charconv>

#include "core/codec.h"
#include "core/limits.h"
#include "http/ascii.h"

namespace dunlin::http {

namespace {

constexpr std::size_t frames_per_write = 64;
constexpr std::int64_t close_timeout_s = 5;
constexpr std::uint16_t try_again_later = 1013;
constexpr std::uint16_t going_away = 1001;

std::string base64(const unsigned char* bytes, int size) {
    std::string text(static_cast<std::size_t>((size + 2) / 3 * 4), '\0');
    EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), bytes, size);
    return text;
}

std::uint16_t close_code_of(const Error& error) {
    std::uint16_t code = 1002;
    std::from_chars(error.details.data(), error.details.data() + error.details.size(), code);
    return code;
}

}  // namespace

std::string json_text(std::string_view text) {
    std::string out;
    codec::write_json_string(text, out);
    return out;
}

std::optional<std::string> websocket_accept_key(const RequestHead& head) {
    const auto key = head.header("sec-websocket-key");
    if (!contains_token(head.header("connection"), "upgrade") ||
        !contains_token(head.header("upgrade"), "websocket") ||
        head.header("sec-websocket-version") != "13" || key.size() != 24) {
        return std::nullopt;
    }
    const std::string salted = std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    EVP_Digest(salted.data(), salted.size(), digest, &size, EVP_sha1(), nullptr);
    return base64(digest, static_cast<int>(size));
}

WebSocketConnection::WebSocketConnection(LoopState& loop, Socket socket,
                                         std::unique_ptr<WebSocketHandler> handler)
    : loop_(loop),
      socket_(std::move(socket)),
      handler_(std::move(handler)),
      reader_(limits::websocket_message_bytes_max),
      last_heard_s_(loop.now_s) {
    ++loop_.counters.websockets;
}

WebSocketConnection::~WebSocketConnection() { --loop_.counters.websockets; }

void WebSocketConnection::start(const std::string& accept_key, std::string_view early) {
    push(std::make_shared<const std::string>(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Accept: " + accept_key + "\r\n\r\n"));
    handler_->opened(*this);
    if (!early.empty()) take(early);
    wait_readable();
}

void WebSocketConnection::wait_readable() {
    if (ended_) return;
    socket_.async_wait(Socket::wait_read, [self = shared_from_this()](const boost::system::error_code& failure) {
        if (failure) return self->end();
        self->on_readable();
    });
}

void WebSocketConnection::on_readable() {
    boost::system::error_code failure;
    const std::size_t count = socket_.read_some(asio::buffer(loop_.buffer), failure);
    if (failure == asio::error::would_block) return wait_readable();
    if (failure) return end();
    last_heard_s_ = loop_.now_s;
    pinged_ = false;
    take({loop_.buffer.data(), count});
    wait_readable();
}

void WebSocketConnection::take(std::string_view bytes) {
    reader_.feed(bytes);
    while (!ended_ && !peer_closed_ && !broken_) {
        auto step = reader_.next();
        if (!step) {
            broken_ = true;  // What follows cannot be told apart any more.
            return close(close_code_of(step.error()), step.error().message);
        }
        if (!step->has_message) break;
        handle(step->message);
    }
    reader_.shrink();
}

void WebSocketConnection::handle(const wire::Message& message) {
    if (message.opcode == wire::Opcode::Close) {
        peer_closed_ = true;
        close(1000, "");
        if (!dirty_ && !waiting_writable_) flush();  // Ours was sent before: the handshake is complete.
        return;
    }
    if (close_by_s_ != 0) return;  // Nothing else matters while closing.
    switch (message.opcode) {
        case wire::Opcode::Text: return handler_->text(message.payload);
        case wire::Opcode::Binary: return handler_->binary(message.payload);
        case wire::Opcode::Ping: return push(wire::make_frame(wire::Opcode::Pong, message.payload));
        default: return;
    }
}

void WebSocketConnection::send(const wire::Frame& frame) {
    if (close_by_s_ != 0 || ended_) return;
    if (queue_.size() - sent_frames_ >= limits::websocket_queue_messages_max ||
        queued_bytes_ + frame->size() > limits::websocket_queue_bytes_max) {
        // Too slow: what it has not read is dropped, and it may come back and resume.
        queue_.resize(std::min(queue_.size(), sent_frames_ + (sent_bytes_ > 0 ? 1 : 0)));
        return close(try_again_later, "the reader is too slow");
    }
    push(frame);
}

void WebSocketConnection::push(const wire::Frame& frame) {
    queue_.push_back(frame);
    queued_bytes_ += frame->size();
    if (dirty_ || waiting_writable_ || ended_) return;
    dirty_ = true;
    loop_.flush_later(shared_from_this());
}

void WebSocketConnection::flush() {
    dirty_ = false;
    while (!ended_ && sent_frames_ < queue_.size()) {
        std::array<iovec, frames_per_write> parts{};
        std::size_t count = 0;
        for (std::size_t i = sent_frames_; i < queue_.size() && count < frames_per_write; ++i, ++count) {
            const std::size_t skip = count == 0 ? sent_bytes_ : 0;
            parts[count] = {const_cast<char*>(queue_[i]->data()) + skip, queue_[i]->size() - skip};
        }
        msghdr message{};
        message.msg_iov = parts.data();
        message.msg_iovlen = count;
        const auto sent = ::sendmsg(socket_.native_handle(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return wait_writable();
        if (sent < 0) return end();
        loop_.counters.bytes_sent += static_cast<std::uint64_t>(sent);
        queued_bytes_ -= static_cast<std::size_t>(sent);
        std::size_t left = sent_bytes_ + static_cast<std::size_t>(sent);
        while (sent_frames_ < queue_.size() && left >= queue_[sent_frames_]->size()) {
            left -= queue_[sent_frames_++]->size();
        }
        sent_bytes_ = left;
    }
    queue_ = {};  // an idle connection holds no memory
    sent_frames_ = 0;
    // The server hangs up first once both sides have said goodbye (RFC 6455, 7.1.1).
    if (peer_closed_) end();
}

void WebSocketConnection::wait_writable() {
    queue_.erase(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(sent_frames_));
    sent_frames_ = 0;
    waiting_writable_ = true;
    socket_.async_wait(Socket::wait_write, [self = shared_from_this()](const boost::system::error_code& failure) {
        self->waiting_writable_ = false;
        if (failure) return self->end();
        self->flush();
    });
}

void WebSocketConnection::close(std::uint16_t code, std::string_view reason) {
    if (close_by_s_ != 0 || ended_) return;
    push(wire::make_frame(wire::Opcode::Close, wire::close_payload(code, reason)));
    close_by_s_ = loop_.now_s + close_timeout_s;
}

void WebSocketConnection::tick() {
    if (close_by_s_ != 0) {
        if (loop_.now_s >= close_by_s_) end();
        return;
    }
    const std::int64_t silent_s = loop_.now_s - last_heard_s_;
    const std::int64_t allowed_s = std::chrono::seconds(limits::websocket_idle_timeout).count();
    if (silent_s > allowed_s) return end();
    if (silent_s > allowed_s / 2 && !pinged_) {
        pinged_ = true;
        push(wire::make_frame(wire::Opcode::Ping, ""));
    }
}

void WebSocketConnection::drain() {
    close(going_away, "the server is stopping");
    flush();
}

void WebSocketConnection::abandon() { end(); }

void WebSocketConnection::end() {
    if (ended_) return;
    ended_ = true;
    boost::system::error_code ignored;
    socket_.close(ignored);
    handler_->closed();
    loop_.remove(shared_from_this());
}

}  // namespace dunlin::http
