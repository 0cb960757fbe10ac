#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "http/loop_state.h"
#include "http/stream.h"

namespace dunlin::http {

/// Pieces of bytes that wait for one socket, shared with the queues of others and written by gather
/// writes. Empty, it owns no memory; blocked, it is counted in LoopState::memory until clear().
/// Belongs to its connection, which clears it at its end.
class OutputQueue {
public:
    explicit OutputQueue(LoopState& loop) : loop_(loop) {}
    OutputQueue(const OutputQueue&) = delete;
    OutputQueue& operator=(const OutputQueue&) = delete;

    void push(SharedBytes piece);

    enum class Outcome : std::uint8_t { Sent, Blocked, Failed };
    /// Writes until all is sent or the socket takes no more (then the caller waits for it).
    Outcome write_to(int socket);

    /// Forgets what waits. A piece that is half out stays, or the first one if `keep_first` says
    /// so.
    enum class First : std::uint8_t { KeepWhenBegun, Keep };
    void drop(First first);
    void clear();

    bool empty() const { return sent_pieces_ == pieces_.size(); }
    /// Not yet sent, with what each piece costs beside its bytes: many small ones are not free.
    std::size_t bytes() const { return bytes_; }
    static std::size_t cost_of(const SharedBytes& piece);
    /// Sent in all.
    std::uint64_t sent_bytes() const { return total_sent_bytes_; }

private:
    void count_sent(std::size_t count);
    void block();
    void count_out(const SharedBytes& piece);

    LoopState& loop_;
    std::vector<SharedBytes> pieces_;
    std::size_t bytes_ = 0;
    std::size_t sent_pieces_ = 0;  // of pieces_
    std::size_t begun_bytes_ = 0;  // sent of the piece after them
    std::uint64_t total_sent_bytes_ = 0;
    bool blocked_ = false;  // and so counted
};

}  // namespace dunlin::http
