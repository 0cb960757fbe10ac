#include "slow_readers.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>

#include "subscribers.h"
#include "websocket.h"

namespace dunlin::bench {

namespace {

constexpr std::int64_t second_ns = 1'000'000'000;
constexpr std::int64_t life_ns = 30 * second_ns;
constexpr std::size_t ticked_at_once = 8;
constexpr std::size_t bytes_per_second = 100;
constexpr std::size_t numbers_from = 50'000;  // source addresses of their own

enum class Kind { Nothing, Little, TinyWindow };
constexpr std::size_t kinds = 3;

}  // namespace

SlowReaders::SlowReaders(const Target& target, std::size_t count)
    : target_(target), readers_(count) {}

void SlowReaders::join() {
    const std::int64_t now = now_ns();
    for (std::size_t i = 0; i < readers_.size(); ++i) {
        begin(i, now);
        // Not all in the same second again.
        const auto share = static_cast<std::int64_t>(i * life_ns / readers_.size());
        readers_[i].begin_at_ns = now + life_ns + share;
    }
}

void SlowReaders::begin(std::size_t number, std::int64_t now) {
    Reader& reader = readers_[number];
    reader.socket = connect_to(target_.port, numbers_from + number);
    if (static_cast<Kind>(number % kinds) == Kind::TinyWindow) {
        const int window = 1;  // the kernel takes its smallest
        setsockopt(reader.socket.value(), SOL_SOCKET, SO_RCVBUF, &window, sizeof window);
    }
    // Both at once: the answers are not looked at.
    send_all(reader.socket, upgrade_request(live_path(target_)) +
                                text_frame(live_join_message(), Masking::Masked));
    reader.begin_at_ns = now + life_ns;
    reader.read_at_ns = now + second_ns;
}

void SlowReaders::tick() {
    const std::int64_t now = now_ns();
    for (std::size_t i = 0; i < std::min(ticked_at_once, readers_.size()); ++i) {
        tick(next_, now);
        next_ = (next_ + 1) % readers_.size();
    }
}

void SlowReaders::tick(std::size_t number, std::int64_t now) {
    Reader& reader = readers_[number];
    if (now >= reader.begin_at_ns) return begin(number, now);
    if (static_cast<Kind>(number % kinds) != Kind::Little || now < reader.read_at_ns) return;
    std::array<char, bytes_per_second> buffer;
    recv(reader.socket.value(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    reader.read_at_ns = now + second_ns;
}

}  // namespace dunlin::bench
