#include "http/loop_state.h"

#include <algorithm>
#include <boost/asio/post.hpp>

#include "core/limits.h"
#include "io/log.h"

namespace dunlin::http {

void LoopState::remove(const std::shared_ptr<Peer>& peer) {
    peers.erase(peer);
    if (draining && peers.empty() && on_empty) std::exchange(on_empty, nullptr)();
}

void LoopState::flush_later(std::shared_ptr<Peer> peer) {
    dirty.push_back(std::move(peer));
    if (flush_posted) return;
    flush_posted = true;
    asio::post(context, [this] { flush(); });
}

void LoopState::flush() {
    // Not those that become dirty meanwhile: a download would fill the turn alone.
    for (auto left = std::min(dirty.size(), limits::flushes_per_turn_max); left > 0; --left) {
        const auto peer = std::move(dirty.front());
        dirty.pop_front();
        peer->flush();
    }
    flush_posted = !dirty.empty();
    if (flush_posted) asio::post(context, [this] { flush(); });
}

bool LoopState::upgrade_later(std::function<void()> upgrade_one) {
    if (upgrades.size() >= options.upgrades_waiting_max) return false;
    upgrades.push_back(std::move(upgrade_one));
    if (upgrade_posted) return true;
    upgrade_posted = true;
    asio::post(context, [this] { upgrade(); });
    return true;
}

void LoopState::upgrade() {
    for (std::size_t i = 0; i < limits::upgrades_per_turn_max && !upgrades.empty(); ++i) {
        const auto upgrade_one = std::move(upgrades.front());
        upgrades.pop_front();
        upgrade_one();
    }
    upgrade_posted = !upgrades.empty();
    if (upgrade_posted) asio::post(context, [this] { upgrade(); });
}

void LoopState::relieve_if_over() {
    if (relieve_posted || !memory.is_over()) return;
    relieve_posted = true;
    asio::post(context, [this] { relieve(); });
}

/// A piece that others wait for as well is not free before the last of them has gone, so this looks
/// again after each.
void LoopState::relieve() {
    relieve_posted = false;
    std::vector<std::pair<std::size_t, std::shared_ptr<Peer>>> largest;
    for (const auto& peer : peers) {
        if (peer->queued_bytes() > 0) largest.emplace_back(peer->queued_bytes(), peer);
    }
    std::ranges::sort(largest, std::greater(), [](const auto& each) { return each.first; });
    const std::size_t before = memory.queue_bytes();
    std::size_t evicted = 0;
    for (; evicted < largest.size() && !memory.is_relieved(); ++evicted) {
        largest[evicted].second->evict();
    }
    if (evicted == 0) return;
    counters.evictions += evicted;
    log::warn("queues of slow readers were dropped: together they were too large",
              {{"closed", evicted},
               {"queue_bytes_before", before},
               {"queue_bytes", memory.queue_bytes()}});
}

std::int64_t LoopState::jitter(std::int64_t below) {
    return static_cast<std::int64_t>(next_jitter++ % static_cast<std::uint64_t>(below));
}

std::vector<wire::Frame> LoopState::lend_queue() {
    if (spare_queues.empty()) return {};
    auto queue = std::move(spare_queues.back());
    spare_queues.pop_back();
    return queue;
}

void LoopState::take_back(std::vector<wire::Frame> queue) {
    constexpr std::size_t queues_max = 16'384;
    constexpr std::size_t frames_max = 32;  // 8 MB in all
    if (queue.capacity() > frames_max || spare_queues.size() == queues_max) return;
    queue.clear();
    spare_queues.push_back(std::move(queue));
}

}  // namespace dunlin::http
