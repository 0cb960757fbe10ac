#pragma once

#include <memory>
#include <string>

#include "http/loop_state.h"
#include "http/output_queue.h"
#include "http/stream.h"

namespace dunlin::http {

/// What a streamed answer needs to know of its request: for the access log, and how to say where
/// the body ends.
struct StreamRequest {
    std::string method, path, id, remote;
    int status = 200;
    std::int64_t started_us = 0;
    enum class Framing : std::uint8_t { Chunked, UntilClose } framing = Framing::Chunked;
};

/// A connection whose last answer is a stream. Owns the socket until it is closed; what the client
/// still sends is read and dropped, and its end of the connection ends the stream. An idle one owns
/// no buffer. Belongs to its loop.
class StreamConnection final : public Peer,
                               public StreamWriter,
                               public std::enable_shared_from_this<StreamConnection> {
public:
    StreamConnection(LoopState& loop, Socket socket, StreamRequest request,
                     std::unique_ptr<StreamHandler> handler);

    /// Sends the head of the answer and opens the handler.
    void start(std::string head);

    bool write(SharedBytes bytes) override;
    bool writable() override;
    void end() override;
    void abort() override;

    void tick() override;
    void drain() override;
    void abandon() override;
    void flush() override;
    bool is_long_lived() const override { return true; }
    std::size_t queued_bytes() const override { return cut_ ? 0 : queue_.bytes(); }
    void evict() override;

private:
    enum class Phase : std::uint8_t { Open, Ending, Lingering, Closed };

    template <class Call>
    void guarded(Call&& call);
    void push(SharedBytes piece);
    void flush_soon();
    void wait_readable();
    void on_readable();
    void wait_writable();
    void tell_drained();
    void finish();  // the body is out, or never will be
    void linger();
    void close();

    LoopState& loop_;
    Socket socket_;
    StreamRequest request_;
    std::unique_ptr<StreamHandler> handler_;  // null once it was told closed()
    OutputQueue queue_;
    std::int64_t deadline_s_ = 0;  // for the next byte to go out, or for the client's goodbye
    Phase phase_ = Phase::Open;
    bool begun_ = false;   // a chunk is out: the next one ends it
    bool paused_ = false;  // the handler waits for drained()
    bool cut_ = false;
    bool dirty_ = false;
    bool waiting_writable_ = false;
};

}  // namespace dunlin::http
