#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "http/loop_state.h"
#include "http/output_queue.h"
#include "http/request_head.h"
#include "wire/websocket_frame.h"

namespace dunlin::http {

/// Whether the request asks for a WebSocket at all, version 13, whatever its key.
bool is_websocket_upgrade(const RequestHead& head);

/// The Sec-WebSocket-Accept value (RFC 6455 section 4.2.2), or nothing when the request is not an
/// valid upgrade to WebSocket version 13.
std::optional<std::string> websocket_accept_key(const RequestHead& head);

/// `text` as a JSON string with quotes.
std::string json_text(std::string_view text);

/// One open WebSocket. Reads into the loop's buffer, writes its queue by one gather write per loop
/// turn, so that an idle connection owns no buffer. Belongs to its loop.
class WebSocketConnection final : public Peer,
                                  public WebSocket,
                                  public std::enable_shared_from_this<WebSocketConnection> {
public:
    WebSocketConnection(LoopState& loop, Socket socket, std::unique_ptr<WebSocketHandler> handler);

    /// Sends the 101 answer; `early` are bytes that came right behind the request.
    void start(const std::string& accept_key, std::string_view early);

    void send(const wire::Frame& frame) override;
    void close(std::uint16_t code, std::string_view reason) override;

    void tick() override;
    void drain() override;
    void abandon() override;
    void flush() override;
    bool is_long_lived() const override { return true; }
    std::size_t queued_bytes() const override { return close_by_s_ == 0 ? queue_.bytes() : 0; }
    void evict() override;

private:
    void wait_readable();
    void on_readable();
    void take(std::string_view bytes);
    void handle(const wire::Message& message);
    void guarded(const std::function<void()>& call);
    void push(const wire::Frame& frame);
    void close_slow(std::string_view reason);
    void write();
    void notice_lag();
    void notice_recovery();
    bool hold(std::size_t bytes);
    void wait_writable();
    void end();

    LoopState& loop_;
    Socket socket_;
    std::unique_ptr<WebSocketHandler> handler_;
    wire::FrameReader reader_;
    OutputQueue queue_;
    std::size_t held_bytes_ = 0;  // of a message that arrives in parts
    std::int64_t last_heard_s_ = 0;
    std::int64_t ask_after_s_ = 0;  // of silence
    std::int64_t close_by_s_ = 0;   // 0: not closing
    bool waiting_writable_ = false;
    bool dirty_ = false;
    bool lagging_ = false;
    bool pinged_ = false;
    bool ended_ = false;
    bool peer_closed_ = false;  // its close frame came
    bool broken_ = false;       // its bytes are no frames any more
};

}  // namespace dunlin::http
