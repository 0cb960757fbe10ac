#include "http/loop_memory.h"

#include "core/check.h"
#include "core/limits.h"

namespace dunlin::http {

LoopMemory::LoopMemory(std::size_t bytes_max, Total& body_bytes, Total& queue_bytes)
    : bytes_max_(bytes_max), total_bodies_(body_bytes), total_queues_(queue_bytes) {}

void LoopMemory::hold(const SharedBytes& piece) {
    const bool is_first = ++places_[piece.get()] == 1;
    count_queues(
        static_cast<std::int64_t>(place_bytes + (is_first ? piece_bytes + piece->size() : 0)));
}

void LoopMemory::release(const SharedBytes& piece) {
    const auto places = places_.find(piece.get());
    CHECK(places != places_.end());
    const bool is_last = --places->second == 0;
    if (is_last) places_.erase(places);
    count_queues(
        -static_cast<std::int64_t>(place_bytes + (is_last ? piece_bytes + piece->size() : 0)));
}

void LoopMemory::count_queues(std::int64_t change) {
    // Unsigned arithmetic is modulo 2^64, so a negative change takes away.
    queues_ += static_cast<std::size_t>(change);
    total_queues_.fetch_add(static_cast<std::uint64_t>(change), std::memory_order_relaxed);
}

bool LoopMemory::change_body(std::size_t before, std::size_t after) {
    if (before == after) return true;
    bodies_ += after - before;
    total_bodies_.fetch_add(after - before, std::memory_order_relaxed);
    if (after < before || after <= limits::http_small_body_bytes_max) return true;
    return bodies_ <= bytes_max_ / 2 && !is_over();
}

}  // namespace dunlin::http
