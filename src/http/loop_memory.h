#pragma once

#include <atomic>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstddef>
#include <cstdint>

#include "http/stream.h"

namespace dunlin::http {

/// Memory that the connections of one loop hold for their peers: bodies, messages that arrive in
/// parts, and what waits in queues that are blocked. A piece that waits in many queues is counted
/// once. Belongs to its loop; the totals are of all loops.
class LoopMemory {
public:
    using Total = std::atomic<std::uint64_t>;
    /// A piece's own cost beside its bytes, and that of its place in a queue.
    static constexpr std::size_t piece_bytes = 48;
    static constexpr std::size_t place_bytes = 16;

    LoopMemory(std::size_t bytes_max, Total& body_bytes, Total& queue_bytes);

    /// `piece` waits in one queue more.
    void hold(const SharedBytes& piece);
    /// In one less; it was held before.
    void release(const SharedBytes& piece);

    /// A connection holds `after` bytes of a body, and held `before`. False when it has grown and
    /// is more than the bodies of this loop may be together (counted all the same).
    bool change_body(std::size_t before, std::size_t after);

    bool is_over() const { return bodies_ + queues_ > bytes_max_; }
    /// Some room is free again: whoever makes room stops here, not at the brink.
    bool is_relieved() const { return bodies_ + queues_ <= bytes_max_ / 8 * 7; }
    std::size_t queue_bytes() const { return queues_; }

private:
    void count_queues(std::int64_t change);

    std::size_t bytes_max_;
    std::size_t bodies_ = 0;
    std::size_t queues_ = 0;
    Total& total_bodies_;
    Total& total_queues_;
    boost::unordered_flat_map<const std::string*, std::uint32_t> places_;  // by piece
};

}  // namespace dunlin::http
