#include "http/output_queue.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <span>
#include <utility>

namespace dunlin::http {

namespace {

constexpr std::size_t pieces_per_write = 64;

/// One system call; send() is the cheaper one for a single part. As send(2) in all else.
ssize_t gather_send(int socket, std::span<iovec> parts) {
    constexpr int flags = MSG_NOSIGNAL | MSG_DONTWAIT;
    if (parts.size() == 1) return ::send(socket, parts[0].iov_base, parts[0].iov_len, flags);
    msghdr message{};
    message.msg_iov = parts.data();
    message.msg_iovlen = parts.size();
    return ::sendmsg(socket, &message, flags);
}

}  // namespace

std::size_t OutputQueue::cost_of(const SharedBytes& piece) {
    return piece->size() + LoopMemory::piece_bytes + LoopMemory::place_bytes;
}

void OutputQueue::push(SharedBytes piece) {
    if (pieces_.capacity() == 0) pieces_ = loop_.lend_queue();
    bytes_ += cost_of(piece);
    if (blocked_) loop_.memory.hold(piece);
    pieces_.push_back(std::move(piece));
    if (blocked_) loop_.relieve_if_over();
}

OutputQueue::Outcome OutputQueue::write_to(int socket) {
    while (!empty()) {
        std::array<iovec, pieces_per_write> parts;  // not cleared: most turns send one piece
        std::size_t count = 0;
        for (std::size_t i = sent_pieces_; i < pieces_.size() && count < pieces_per_write;
             ++i, ++count) {
            const std::size_t skip = count == 0 ? begun_bytes_ : 0;
            parts[count] = {const_cast<char*>(pieces_[i]->data()) + skip,
                            pieces_[i]->size() - skip};
        }
        const auto sent = gather_send(socket, {parts.data(), count});
        if (sent < 0 && errno != EAGAIN && errno != EWOULDBLOCK) return Outcome::Failed;
        if (sent < 0) {
            block();
            return Outcome::Blocked;
        }
        count_sent(static_cast<std::size_t>(sent));
    }
    clear();
    return Outcome::Sent;
}

/// What is written within its turn is never counted: only slow readers pay for the counting.
void OutputQueue::block() {
    const auto first = pieces_.begin() + static_cast<std::ptrdiff_t>(sent_pieces_);
    pieces_.erase(pieces_.begin(), first);
    sent_pieces_ = 0;
    if (blocked_) return;
    blocked_ = true;
    for (const auto& piece : pieces_) loop_.memory.hold(piece);
    loop_.relieve_if_over();
}

void OutputQueue::count_sent(std::size_t count) {
    loop_.counters.bytes_sent += count;
    total_sent_bytes_ += count;
    begun_bytes_ += count;
    while (!empty() && begun_bytes_ >= pieces_[sent_pieces_]->size()) {
        begun_bytes_ -= pieces_[sent_pieces_]->size();
        count_out(pieces_[sent_pieces_]);
        // Let go at once: a slow reader must not keep what is out.
        pieces_[sent_pieces_++].reset();
    }
}

void OutputQueue::count_out(const SharedBytes& piece) {
    bytes_ -= cost_of(piece);
    if (blocked_) loop_.memory.release(piece);
}

void OutputQueue::drop(First first) {
    const std::size_t kept = begun_bytes_ > 0 || first == First::Keep ? 1 : 0;
    while (pieces_.size() > sent_pieces_ + kept) {
        count_out(pieces_.back());
        pieces_.pop_back();
    }
}

void OutputQueue::clear() {
    for (; !empty(); ++sent_pieces_) count_out(pieces_[sent_pieces_]);
    loop_.take_back(std::exchange(pieces_, {}));
    sent_pieces_ = 0;
    begun_bytes_ = 0;
    blocked_ = false;
}

}  // namespace dunlin::http
