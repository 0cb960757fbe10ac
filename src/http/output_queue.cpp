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

void OutputQueue::push(SharedBytes piece) {
    if (pieces_.capacity() == 0) pieces_ = loop_.lend_queue();
    bytes_ += piece->size();
    pieces_.push_back(std::move(piece));
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
            pieces_.erase(pieces_.begin(),
                          pieces_.begin() + static_cast<std::ptrdiff_t>(sent_pieces_));
            sent_pieces_ = 0;
            return Outcome::Blocked;
        }
        count_sent(static_cast<std::size_t>(sent));
    }
    clear();
    return Outcome::Sent;
}

void OutputQueue::count_sent(std::size_t count) {
    loop_.counters.bytes_sent += count;
    total_sent_bytes_ += count;
    bytes_ -= count;
    begun_bytes_ += count;
    while (!empty() && begun_bytes_ >= pieces_[sent_pieces_]->size()) {
        begun_bytes_ -= pieces_[sent_pieces_++]->size();
    }
}

void OutputQueue::drop(First first) {
    const std::size_t kept = begun_bytes_ > 0 || first == First::Keep ? 1 : 0;
    pieces_.resize(std::min(pieces_.size(), sent_pieces_ + kept));
    bytes_ = 0;
    for (std::size_t i = sent_pieces_; i < pieces_.size(); ++i) bytes_ += pieces_[i]->size();
    bytes_ -= begun_bytes_;
}

void OutputQueue::clear() {
    loop_.take_back(std::exchange(pieces_, {}));
    bytes_ = 0;
    sent_pieces_ = 0;
    begun_bytes_ = 0;
}

}  // namespace dunlin::http
