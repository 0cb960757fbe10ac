#include "http/websocket_connection.h"

#include <openssl/evp.h>

#include <boost/asio/buffer.hpp>
#include <charconv>
#include <utility>

#include "core/codec.h"
#include "core/limits.h"
#include "io/log.h"

namespace dunlin::http {

namespace {

constexpr std::int64_t close_timeout_s = 5;
constexpr std::int64_t idle_s_max = std::chrono::seconds(limits::websocket_idle_timeout).count();
/// Who came at the same time is not asked at the same time.
constexpr std::int64_t ask_jitter_s = 16;
constexpr std::uint16_t try_again_later = 1013;
constexpr std::uint16_t going_away = 1001;
constexpr std::uint16_t internal_error = 1011;

std::string base64(const unsigned char* bytes, int size) {
    std::string text(static_cast<std::size_t>((size + 2) / 3 * 4), '\0');
    EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), bytes, size);
    return text;
}

/// 16 bytes in base64 (RFC 6455 section 4.1).
bool is_key(std::string_view text) {
    constexpr std::string_view digits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    return text.size() == 24 && text.ends_with("==") && text.find_first_not_of(digits) == 22;
}

/// RFC 6455 section 5.5.1: the other side's code comes back. The reader has checked it.
std::uint16_t echoed_code(std::string_view payload) {
    if (payload.size() < 2) return 1000;
    return static_cast<std::uint16_t>(static_cast<unsigned char>(payload[0]) * 256 +
                                      static_cast<unsigned char>(payload[1]));
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

bool is_websocket_upgrade(const RequestHead& head) {
    return head.minor_version == 1 && head.lists("connection", "upgrade") &&
           head.lists("upgrade", "websocket") && head.header("sec-websocket-version") == "13";
}

std::optional<std::string> websocket_accept_key(const RequestHead& head) {
    const auto key = head.header("sec-websocket-key");
    if (!is_websocket_upgrade(head) || !is_key(key)) return std::nullopt;
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
      queue_(loop),
      last_heard_s_(loop.now_s),
      ask_after_s_(idle_s_max / 2 - loop.jitter(ask_jitter_s)) {
    ++loop_.counters.websockets;
}

void WebSocketConnection::start(const std::string& accept_key, std::string_view early) {
    push(std::make_shared<const std::string>(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Accept: " +
        accept_key + "\r\n\r\n"));
    guarded([&] { handler_->opened(*this); });
    if (!early.empty()) take(early);
    wait_readable();
}

void WebSocketConnection::wait_readable() {
    if (ended_) return;
    socket_.async_wait(Socket::wait_read,
                       [self = shared_from_this()](const boost::system::error_code& failure) {
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

/// What a library throws ends this socket, not its loop.
void WebSocketConnection::guarded(const std::function<void()>& call) {
    try {
        call();
    } catch (const std::exception& failure) {
        log::error("a WebSocket handler failed", {{"what", failure.what()}});
        close(internal_error, "internal error");
    }
}

void WebSocketConnection::take(std::string_view bytes) {
    // Read to see the end of the connection, but not kept: there is nothing more to be said.
    if (peer_closed_ || broken_) return;
    reader_.feed(bytes);
    while (!ended_ && !peer_closed_) {
        auto step = reader_.next();
        if (!step) {
            broken_ = true;  // What follows cannot be told apart any more.
            close(close_code_of(step.error()), step.error().message);
            break;
        }
        if (!step->has_message) break;
        handle(step->message);
    }
    if (peer_closed_ || broken_)
        reader_ = wire::FrameReader(limits::websocket_message_bytes_max);
    else
        reader_.shrink();
    if (!ended_ && !hold(reader_.held_bytes())) {
        broken_ = true;  // The rest of the message is not read.
        reader_ = wire::FrameReader(limits::websocket_message_bytes_max);
        hold(0);
        close(try_again_later, "too many large messages at once");
    }
}

/// Counts the part of a message that this socket holds. False when there is no room for it.
bool WebSocketConnection::hold(std::size_t bytes) {
    return loop_.memory.change_body(std::exchange(held_bytes_, bytes), bytes);
}

void WebSocketConnection::handle(const wire::Message& message) {
    if (message.opcode == wire::Opcode::Close) {
        peer_closed_ = true;
        close(echoed_code(message.payload), "");
        // Ours was sent before: the handshake is complete.
        if (!dirty_ && !waiting_writable_) flush();
        return;
    }
    if (close_by_s_ != 0) return;  // Nothing else matters while closing.
    switch (message.opcode) {
        case wire::Opcode::Text:
            return guarded([&] { handler_->text(message.payload); });
        case wire::Opcode::Binary:
            return guarded([&] { handler_->binary(message.payload); });
        case wire::Opcode::Ping:
            // Within the limits of the queue, as everything that waits for a reader.
            return send(wire::make_frame(wire::Opcode::Pong, message.payload));
        default:
            return;
    }
}

void WebSocketConnection::send(const wire::Frame& frame) {
    if (close_by_s_ != 0 || ended_) return;
    const std::size_t bytes_max = loop_.options.queue_bytes_max;
    // What waits counts, not the frame: one larger than the queue is for readers who keep up.
    if (queue_.bytes() > bytes_max) {
        ++loop_.counters.slow_websockets;
        return close_slow("the reader is too slow: join again and resume");
    }
    push(frame);
    // A large commit is many frames in one turn. Who reads as fast must not look slow by then.
    if (queue_.bytes() > bytes_max / 16 && !waiting_writable_) write();
    notice_lag();
}

void WebSocketConnection::evict() {
    close_slow("too much waits for slow readers: join again and resume");
}

/// What a slow reader has not read is dropped: it may come back and resume. A frame that is half
/// out stays, and so does the answer to the upgrade.
void WebSocketConnection::close_slow(std::string_view reason) {
    using enum OutputQueue::First;
    queue_.drop(queue_.sent_bytes() == 0 ? Keep : KeepWhenBegun);
    close(try_again_later, reason);
}

void WebSocketConnection::notice_lag() {
    const bool lags = queue_.bytes() > loop_.options.queue_bytes_max / 4;
    if (lagging_ || !lags || ended_ || close_by_s_ != 0) return;
    lagging_ = true;
    ++loop_.counters.lagging;
    guarded([&] { handler_->lagging(); });
}

void WebSocketConnection::notice_recovery() {
    const bool lags = queue_.bytes() > loop_.options.queue_bytes_max / 8;
    if (!lagging_ || lags || ended_ || close_by_s_ != 0) return;
    lagging_ = false;
    --loop_.counters.lagging;
    guarded([&] { handler_->caught_up(); });
}

void WebSocketConnection::push(const wire::Frame& frame) {
    queue_.push(frame);
    if (dirty_ || waiting_writable_ || ended_) return;
    dirty_ = true;
    loop_.flush_later(shared_from_this());
}

void WebSocketConnection::flush() {
    dirty_ = false;
    if (waiting_writable_ || ended_) return;
    write();
    notice_recovery();
}

void WebSocketConnection::write() {
    const auto outcome = queue_.write_to(socket_.native_handle());
    if (outcome == OutputQueue::Outcome::Blocked) return wait_writable();
    // The server hangs up first once both sides have said goodbye (RFC 6455, 7.1.1).
    if (outcome == OutputQueue::Outcome::Failed || peer_closed_) end();
}

void WebSocketConnection::wait_writable() {
    waiting_writable_ = true;
    socket_.async_wait(Socket::wait_write,
                       [self = shared_from_this()](const boost::system::error_code& failure) {
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
    if (silent_s > idle_s_max) return end();
    if (silent_s > ask_after_s_ && !pinged_) {
        pinged_ = true;
        push(wire::make_frame(wire::Opcode::Ping, ""));
    }
}

void WebSocketConnection::drain() {
    close(going_away, "the server is stopping");
    flush();
}

void WebSocketConnection::abandon() {
    end();
}

void WebSocketConnection::end() {
    if (ended_) return;
    ended_ = true;
    boost::system::error_code ignored;
    socket_.close(ignored);
    queue_.clear();
    hold(0);
    if (lagging_) --loop_.counters.lagging;
    // Here and not in the destructor, which may run after the server's.
    --loop_.counters.websockets;
    handler_->closed();
    loop_.remove(shared_from_this());
}

}  // namespace dunlin::http
