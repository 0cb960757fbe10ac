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

}  // namespace dunlin::http
