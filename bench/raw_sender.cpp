// The ceiling of fan-out: epoll, no policies, no database. What one client sends goes to all
// others; every socket gets all messages of a turn of the loop in one writev.
//
//   bench_raw_sender        prints "raw_sender ready at PORT"

#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "support.h"
#include "websocket.h"

namespace dunlin::bench {
namespace {

constexpr std::uint64_t listener_number = std::numeric_limits<std::uint64_t>::max();
constexpr std::size_t receive_bytes = 64 * 1024;
constexpr std::size_t vectors_max = 1024;

struct Client {
    Descriptor socket;
    FrameSplitter frames;
    std::string handshake;
    std::string backlog;  // what the socket did not take
    bool is_open = false;
};

struct TurnMessage {
    std::uint64_t from;
    std::string frame;
};

class RawSender {
public:
    RawSender() : listener_(listen_on(0)), buffer_(receive_bytes, '\0') {
        poller_.add(listener_, listener_number, EPOLLIN);
    }

    std::uint16_t port() const { return local_port(listener_); }

    void turn() {
        for (const Poller::Event& event : poller_.wait(-1)) {
            if (event.number == listener_number) {
                accept_all();
                continue;
            }
            if ((event.events & EPOLLOUT) != 0) flush_backlog(event.number);
            if ((event.events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) read(event.number);
        }
        if (!messages_.empty()) broadcast();
    }

private:
    void accept_all() {
        while (true) {
            Descriptor socket(
                accept4(listener_.value(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
            if (!socket) {
                if (errno == EAGAIN || errno == ECONNABORTED) return;
                fail_errno("accept");
            }
            const int on = 1;
            setsockopt(socket.value(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
            const std::uint64_t number = clients_.size();
            poller_.add(socket, number, EPOLLIN);
            clients_.push_back(std::make_unique<Client>());
            clients_.back()->socket = std::move(socket);
        }
    }

    void read(std::uint64_t number) {
        if (number >= clients_.size() || clients_[number] == nullptr) return;
        Client& client = *clients_[number];
        const ssize_t count = recv(client.socket.value(), buffer_.data(), buffer_.size(), 0);
        if (count < 0 && errno == EAGAIN) return;
        if (count <= 0) {
            clients_[number].reset();
            return;
        }
        const std::string_view bytes(buffer_.data(), static_cast<std::size_t>(count));
        if (!client.is_open) {
            upgrade(client, bytes);
            return;
        }
        client.frames.feed(bytes, [&](const FrameHead& head, std::string_view frame) {
            if (head.opcode != text_opcode) return;
            messages_.push_back({number, text_frame(unmask(head, frame), Masking::Plain)});
        });
    }

    void upgrade(Client& client, std::string_view bytes) {
        client.handshake += bytes;
        if (!client.handshake.ends_with("\r\n\r\n")) return;
        const std::string answer = upgrade_answer(client.handshake);
        if (answer.empty()) fail("not an upgrade: " + client.handshake);
        send_all(client.socket, answer);
        client.handshake = {};
        client.is_open = true;
    }

    void broadcast() {
        for (std::uint64_t number = 0; number < clients_.size(); ++number) {
            if (clients_[number] != nullptr && clients_[number]->is_open) send_turn(number);
        }
        messages_.clear();
    }

    void send_turn(std::uint64_t number) {
        Client& client = *clients_[number];
        vectors_.clear();
        std::size_t bytes = 0;
        for (TurnMessage& message : messages_) {
            if (message.from == number) continue;
            bytes += message.frame.size();
            vectors_.push_back({message.frame.data(), message.frame.size()});
        }
        if (vectors_.empty()) return;
        std::size_t sent = 0;
        if (client.backlog.empty() && vectors_.size() <= vectors_max) {
            const ssize_t result =
                writev(client.socket.value(), vectors_.data(), static_cast<int>(vectors_.size()));
            sent = static_cast<std::size_t>(std::max<ssize_t>(result, 0));
        }
        if (sent == bytes) return;
        for (const iovec& part : vectors_) {
            const std::size_t skipped = std::min(sent, part.iov_len);
            sent -= skipped;
            client.backlog.append(static_cast<const char*>(part.iov_base) + skipped,
                                  part.iov_len - skipped);
        }
        poller_.change(client.socket, number, EPOLLIN | EPOLLOUT);
    }

    void flush_backlog(std::uint64_t number) {
        if (clients_[number] == nullptr) return;
        Client& client = *clients_[number];
        const ssize_t sent =
            send(client.socket.value(), client.backlog.data(), client.backlog.size(), MSG_NOSIGNAL);
        if (sent > 0) client.backlog.erase(0, static_cast<std::size_t>(sent));
        if (client.backlog.empty()) {
            client.backlog = {};
            poller_.change(client.socket, number, EPOLLIN);
        }
    }

    Poller poller_;
    Descriptor listener_;
    std::string buffer_;
    std::vector<std::unique_ptr<Client>> clients_;  // null: gone; numbers are not used again
    std::vector<TurnMessage> messages_;
    std::vector<iovec> vectors_;
};

}  // namespace
}  // namespace dunlin::bench

int main() {
    using namespace dunlin::bench;
    raise_file_limit();
    signal(SIGPIPE, SIG_IGN);
    RawSender sender;
    fmt::print("raw_sender ready at {}\n", sender.port());
    std::fflush(stdout);
    while (true) sender.turn();
}
