#include "publisher.h"

#include <fmt/format.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "websocket.h"

namespace dunlin::bench {

namespace {

constexpr int created_status = 201;
/// Publishers have source addresses of their own.
constexpr std::size_t publisher_number = 1'000'000;
constexpr int upgrade_timeout_ms = 5000;

std::string bulk_insert(const Target& target, std::uint64_t first, std::size_t count) {
    std::string body = "[";
    for (std::size_t i = 0; i < count; ++i) {
        if (i > 0) body += ',';
        body += event_row(first + i, target.payload_bytes);
    }
    return post_request("/rest/v1/events", target.key, body + "]");
}

std::string broadcast_frames(const Target& target, std::uint64_t first, std::size_t count) {
    std::string frames;
    for (std::size_t i = 0; i < count; ++i) {
        std::string payload = sequence_text(first + i);
        payload.resize(std::max(target.payload_bytes, payload.size()), 'x');
        frames += text_frame(payload, Masking::Masked);
    }
    return frames;
}

void upgrade(const Descriptor& socket) {
    send_all(socket, upgrade_request("/"));
    Poller poller;
    poller.add(socket, 0, EPOLLIN);
    std::string answer;
    std::array<char, 1024> buffer;
    while (!answer.ends_with("\r\n\r\n")) {
        if (poller.wait(upgrade_timeout_ms).empty()) fail("the publisher was not let in");
        const ssize_t count = recv(socket.value(), buffer.data(), buffer.size(), 0);
        if (count <= 0) fail("the publisher was refused: " + answer);
        answer.append(buffer.data(), static_cast<std::size_t>(count));
    }
}

}  // namespace

Publisher::Publisher(const Target& target, Poller& poller, std::uint64_t number)
    : target_(target), socket_(connect_to(target.port, publisher_number)) {
    if (target_.protocol == Protocol::Broadcast) upgrade(socket_);
    poller.add(socket_, number, EPOLLIN);
}

void Publisher::publish(std::uint64_t first, std::size_t count) {
    send_all(socket_, expects_answer() ? bulk_insert(target_, first, count)
                                       : broadcast_frames(target_, first, count));
}

bool Publisher::take_answer() {
    std::array<char, 16 * 1024> buffer;
    const ssize_t count = recv(socket_.value(), buffer.data(), buffer.size(), 0);
    if (count < 0 && errno == EAGAIN) return false;
    if (count <= 0) fail("the server closed the publisher's connection");
    if (!expects_answer()) fail("a broadcast server echoed");
    if (!answers_.feed({buffer.data(), static_cast<std::size_t>(count)})) return false;
    if (answers_.status() != created_status) fail("insert refused: " + answers_.answer());
    return true;
}

}  // namespace dunlin::bench
