#include "crowd.h"

#include <fmt/format.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>

namespace dunlin::bench {

namespace {

constexpr std::size_t receive_bytes = 256 * 1024;
/// Handshakes under way at a time: less than any server's accept queue.
constexpr std::size_t opening_max = 100;
constexpr std::int64_t second_ns = 1'000'000'000;
constexpr std::int64_t join_timeout_ns = 120 * second_ns;
constexpr int join_poll_ms = 100;
constexpr std::string_view ping_message = R"([null,"7","phoenix","heartbeat",{}])";

bool has(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

}  // namespace

Crowd::Crowd(const Plan& plan, Poller& poller)
    : plan_(plan),
      poller_(poller),
      receivers_(plan.receivers() + (plan.has_sender() ? 1 : 0)),
      buffer_(receive_bytes, '\0') {
    for (std::size_t i = 0; i < plan.receivers(); ++i)
        receivers_[i].lanes = Lanes(plan.lanes_of(i));
}

void Crowd::join_all() {
    for (Receiver& receiver : receivers_) receiver.joins_at_once = true;
    open_all();
}

void Crowd::open_all() {
    const bool joins = receivers_.front().joins_at_once;
    const std::int64_t deadline = now_ns() + join_timeout_ns;
    std::size_t next = 0;
    const auto done = [&] { return joins ? joined_ : open_; };
    while (done() < receivers_.size()) {
        while (next < receivers_.size() && next - done() < opening_max) open(next++);
        for (const Poller::Event& event : poller_.wait(join_poll_ms)) receive(event.number);
        tick();
        if (now_ns() > deadline)
            fail(fmt::format("only {} of {} joined in time", done(), receivers_.size()));
    }
}

void Crowd::come_back(std::size_t number) {
    receivers_[number].joins_at_once = true;
    open(number);
}

void Crowd::open(std::size_t number) {
    Receiver& receiver = receivers_[number];
    receiver.socket = connect_to(plan_.port(), number);
    receiver.state = State::Opening;
    poller_.add(receiver.socket, number, EPOLLIN);
    send_all(receiver.socket, plan_.opening(number, receiver.position));
    if (plan_.way() == Way::Redis) opened(number, "");
}

void Crowd::join(std::size_t number, std::string_view position) {
    Receiver& receiver = receivers_[number];
    receiver.position = position;
    if (receiver.state == State::Absent) return come_back(number);
    receiver.state = State::Joining;
    send_all(receiver.socket, text_frame(plan_.join(number, position), Masking::Masked));
}

void Crowd::cut(std::size_t number) {
    Receiver& receiver = receivers_[number];
    const linger at_once{.l_onoff = 1, .l_linger = 0};
    setsockopt(receiver.socket.value(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    receiver.socket = Descriptor();
    receiver.frames = {};
    receiver.events = {};
    if (receiver.state == State::Joined) --joined_;
    receiver.state = State::Absent;
}

void Crowd::send(std::size_t number, std::string_view bytes) {
    send_all(receivers_[number].socket, bytes);
}

void Crowd::ping(std::size_t number) {
    send(number, text_frame(ping_message, Masking::Masked));
}

void Crowd::receive(std::uint64_t number) {
    Receiver& receiver = receivers_[number];
    if (receiver.state == State::Absent) return;
    const ssize_t count = recv(receiver.socket.value(), buffer_.data(), buffer_.size(), 0);
    if (count < 0 && errno == EAGAIN) return;
    if (count <= 0) {
        if (receiver.state == State::Opening) return put_off(number);
        fail(fmt::format("receiver {} was closed", number));
    }
    const std::string_view bytes(buffer_.data(), static_cast<std::size_t>(count));
    received_bytes_ += bytes.size();
    if (receiver.state == State::Opening) return take_handshake(number, bytes);
    take_bytes(receiver, bytes);
}

void Crowd::take_handshake(std::size_t number, std::string_view bytes) {
    Receiver& receiver = receivers_[number];
    receiver.handshake += bytes;
    const std::size_t end = receiver.handshake.find("\r\n\r\n");
    if (end == std::string::npos) return;
    const std::string answer = std::exchange(receiver.handshake, {});
    if (answer.starts_with("HTTP/1.1 503")) return put_off(number);
    const bool is_feed = plan_.way() == Way::Feed;
    if (!answer.starts_with(is_feed ? "HTTP/1.1 200" : "HTTP/1.1 101")) fail("refused: " + answer);
    opened(number, std::string_view(answer).substr(end + 4));
}

void Crowd::opened(std::size_t number, std::string_view rest) {
    Receiver& receiver = receivers_[number];
    receiver.state = State::Open;
    ++open_;
    if (plan_.join(number, "").empty()) {
        entered(receiver);
    } else if (receiver.joins_at_once) {
        join(number, std::string(receiver.position));
    }
    if (!rest.empty()) take_bytes(receiver, rest);
}

void Crowd::entered(Receiver& receiver) {
    receiver.state = State::Joined;
    ++joined_;
}

/// Refused with 503, or reset: a second later again (docs/protocol/realtime.md).
void Crowd::put_off(std::size_t number) {
    ++refused_;
    cut(number);
    put_off_.emplace_back(now_ns() + second_ns, number);
}

void Crowd::tick() {
    while (!put_off_.empty() && put_off_.front().first <= now_ns()) {
        open(put_off_.front().second);
        put_off_.pop_front();
    }
}

void Crowd::take_bytes(Receiver& receiver, std::string_view bytes) {
    switch (plan_.way()) {
        case Way::Feed:
            return take_events(receiver, receiver.events.feed(bytes));
        case Way::Redis: {
            // Messages are short beside the buffer; what is cut off waits for its rest.
            receiver.handshake += bytes;
            const std::size_t end = receiver.handshake.rfind("\r\n");
            if (end == std::string::npos) return;
            take_stamps(receiver, std::string_view(receiver.handshake).substr(0, end));
            receiver.handshake.erase(0, end);
            return;
        }
        default:
            receiver.frames.feed(bytes, [&](const FrameHead& head, std::string_view frame) {
                take_frame(receiver, head, frame);
            });
    }
}

void Crowd::take_frame(Receiver& receiver, const FrameHead& head, std::string_view frame) {
    if (head.opcode == close_opcode) fail("a receiver was told to close");
    const std::string_view text = frame.substr(head.head_bytes);
    if (head.opcode == text_opcode && plan_.way() != Way::Relay) take_reply(receiver, text);
    take_stamps(receiver, text);
}

void Crowd::take_reply(Receiver& receiver, std::string_view text) {
    constexpr std::string_view name = R"("position":")";
    constexpr std::size_t head_bytes = 200;  // where replies say what they are
    const std::string_view head = text.substr(0, head_bytes);
    if (has(head, R"("phx_reply")")) {
        if (has(head, R"("phoenix")")) ++pongs_;
        const bool is_refused = has(text, R"("status":"error")") || has(text, R"("resumed":false)");
        if (is_refused) fail(fmt::format("join refused: {}", text));
        if (receiver.state == State::Joining) entered(receiver);
    } else if (has(head, R"("phx_error")") || has(head, R"("phx_close")")) {
        fail(fmt::format("a channel ended: {}", text));
    }
    if (!keeps_positions_) return;
    const std::size_t at = text.find(name);
    if (at == std::string_view::npos) return;
    const std::string_view rest = text.substr(at + name.size());
    receiver.position = rest.substr(0, rest.find('"'));
}

void Crowd::take_events(Receiver& receiver, std::string_view events) {
    if (events.starts_with("event: error") || has(events, "\nevent: error") ||
        has(events, "event: resync"))
        fail(fmt::format("a stream ended: {}", events.substr(0, 500)));
    take_stamps(receiver, events);
    if (has(events, "event: snapshot")) snapshot_is_complete_ = true;
}

void Crowd::take_stamps(Receiver& receiver, std::string_view text) {
    const std::int64_t now = now_ns();
    std::size_t at = 0;
    while (const auto stamp = next_stamp(text, at)) ledger_.take(receiver.lanes, *stamp, now);
}

std::uint64_t Crowd::missing(const std::vector<std::uint64_t>& sent) const {
    std::uint64_t count = ledger_.skipped;
    for (const Receiver& receiver : receivers_) count += receiver.lanes.missing(sent);
    return count;
}

}  // namespace dunlin::bench
