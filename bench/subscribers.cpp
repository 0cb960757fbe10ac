#include "subscribers.h"

#include <fmt/format.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>
#include <charconv>

namespace dunlin::bench {

namespace {

constexpr std::size_t receive_bytes = 256 * 1024;
/// Handshakes under way at a time: less than any server's accept queue.
constexpr std::size_t joining_max = 100;
constexpr std::int64_t join_timeout_ns = 60'000'000'000;
constexpr int join_poll_ms = 1000;

constexpr std::string_view join_message =
    R"(["1","1","realtime:bench","phx_join",{"config":{"broadcast":{"ack":false,"self":false},)"
    R"("presence":{"key":"","enabled":false},"postgres_changes":[{"event":"INSERT",)"
    R"("schema":"public","table":"events"}],"private":false}}])";

}  // namespace

std::string live_path(const Target& target) {
    if (target.protocol == Protocol::Broadcast) return "/";
    return "/realtime/v1/websocket?vsn=2.0.0&apikey=" + target.key;
}

std::string_view live_join_message() {
    return join_message;
}

Subscribers::Subscribers(const Target& target, Poller& poller, std::size_t count,
                         OnChange on_change)
    : target_(target),
      poller_(poller),
      on_change_(std::move(on_change)),
      subscribers_(count),
      buffer_(receive_bytes, '\0') {}

void Subscribers::join() {
    const std::int64_t deadline = now_ns() + join_timeout_ns;
    while (joined_ < subscribers_.size()) {
        while (connected_ < subscribers_.size() && connected_ - joined_ < joining_max)
            connect_next();
        for (const Poller::Event& event : poller_.wait(join_poll_ms)) receive(event.number);
        if (now_ns() > deadline) fail(fmt::format("only {} subscribers joined in time", joined_));
    }
}

void Subscribers::expect(std::uint64_t sequence) {
    for (Subscriber& subscriber : subscribers_) subscriber.expected = sequence;
}

void Subscribers::connect_next() {
    Subscriber& subscriber = subscribers_[connected_];
    subscriber.socket = connect_to(target_.port, connected_);
    send_all(subscriber.socket, upgrade_request(live_path(target_)));
    poller_.add(subscriber.socket, connected_, EPOLLIN);
    ++connected_;
}

void Subscribers::receive(std::uint64_t number) {
    Subscriber& subscriber = subscribers_[number];
    while (true) {
        const ssize_t count = recv(subscriber.socket.value(), buffer_.data(), buffer_.size(), 0);
        if (count < 0 && errno == EAGAIN) return;
        if (count <= 0) fail(fmt::format("subscriber {} was closed", number));
        const std::string_view bytes(buffer_.data(), static_cast<std::size_t>(count));
        if (subscriber.state == State::Upgrading) {
            take_handshake(subscriber, bytes);
        } else {
            take_frames(subscriber, bytes);
        }
        if (bytes.size() < buffer_.size()) return;
    }
}

void Subscribers::take_handshake(Subscriber& subscriber, std::string_view bytes) {
    subscriber.handshake += bytes;
    const std::size_t end = subscriber.handshake.find("\r\n\r\n");
    if (end == std::string::npos) return;
    if (!subscriber.handshake.starts_with("HTTP/1.1 101")) {
        fail("upgrade refused: " + subscriber.handshake);
    }
    const std::string rest = subscriber.handshake.substr(end + 4);
    subscriber.handshake = {};
    if (target_.protocol == Protocol::Broadcast) {
        joined(subscriber);
    } else {
        subscriber.state = State::Joining;
        send_all(subscriber.socket, text_frame(join_message, Masking::Masked));
    }
    take_frames(subscriber, rest);
}

void Subscribers::joined(Subscriber& subscriber) {
    subscriber.state = State::Joined;
    ++joined_;
}

void Subscribers::take_frames(Subscriber& subscriber, std::string_view bytes) {
    subscriber.frames.feed(bytes, [&](const FrameHead& head, std::string_view frame) {
        take_frame(subscriber, head, frame);
    });
}

void Subscribers::take_frame(Subscriber& subscriber, const FrameHead& head,
                             std::string_view frame) {
    if (head.opcode == close_opcode) fail("a subscriber was told to close");
    if (head.opcode != text_opcode) return;
    if (subscriber.state == State::Joined) {
        take_change(subscriber, frame);
        return;
    }
    // The reply comes first; the channel delivers changes from the `system` message on.
    if (frame.find(R"("status":"error")") != std::string_view::npos) {
        fail(fmt::format("join refused: {}", frame.substr(head.head_bytes)));
    }
    if (frame.find(R"("system")") != std::string_view::npos) joined(subscriber);
}

void Subscribers::take_change(Subscriber& subscriber, std::string_view frame) {
    const std::uint64_t sequence = sequence_in(frame);
    if (sequence != subscriber.expected) {
        fail(fmt::format("change {} came where {} was due", sequence, subscriber.expected));
    }
    ++subscriber.expected;
    frame_bytes_ = frame.size();
    on_change_(sequence);
}

std::uint64_t Subscribers::sequence_in(std::string_view frame) {
    constexpr std::string_view name = "seq=";
    // Frames are alike, so it is nearly always where it was.
    if (frame.size() < sequence_at_ + sequence_text_bytes ||
        frame.substr(sequence_at_, name.size()) != name) {
        sequence_at_ = frame.find(name);
        if (sequence_at_ == std::string_view::npos) fail(fmt::format("not a change: {}", frame));
    }
    const char* digits = frame.data() + sequence_at_ + name.size();
    std::uint64_t sequence = 0;
    std::from_chars(digits, frame.data() + sequence_at_ + sequence_text_bytes, sequence);
    return sequence;
}

}  // namespace dunlin::bench
