#include "http/loop_state.h"

#include <boost/asio/post.hpp>

namespace dunlin::http {

void LoopState::remove(const std::shared_ptr<Peer>& peer) {
    peers.erase(peer);
    if (draining && peers.empty() && on_empty) std::exchange(on_empty, nullptr)();
}

void LoopState::flush_later(std::shared_ptr<Peer> peer) {
    dirty.push_back(std::move(peer));
    if (flush_posted) return;
    flush_posted = true;
    asio::post(context, [this] {
        flush_posted = false;
        const auto now = std::exchange(dirty, {});
        for (const auto& each : now) each->flush();
    });
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
