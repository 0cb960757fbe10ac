// A crowd that is cut off at once and comes back at once, again and again.
//
//   bench_storm --port P --pid PID --key KEY --subscribers N --rounds R --payload-bytes B
//
// Who is refused with 503 comes back after its Retry-After; who is reset, after a second. When all
// are joined again, one change must reach all of them. Prints one JSON line for each round; the
// first one is the first connect.

#include <fmt/format.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "publisher.h"
#include "subscribers.h"
#include "support.h"
#include "websocket.h"

namespace dunlin::bench {
namespace {

constexpr std::uint64_t publisher_number = std::numeric_limits<std::uint64_t>::max();
constexpr std::int64_t second_ns = 1'000'000'000;
constexpr std::int64_t round_timeout_ns = 120 * second_ns;
constexpr int poll_ms = 10;
/// Connected between two looks at the answers; far more than a server takes in a turn.
constexpr std::size_t connected_at_once = 500;

class Storm {
public:
    Storm(const Target& target, int pid, std::size_t count)
        : target_(target),
          pid_(pid),
          publisher_(target, poller_, publisher_number),
          clients_(count),
          buffer_(64 * 1024, '\0') {}

    void run(int round) {
        cut();
        const std::int64_t start = now_ns();
        refused_ = reset_ = 0;
        while (joined_ < clients_.size()) {
            connect_due();
            take_events();
            if (now_ns() - start > round_timeout_ns) {
                fail(fmt::format("only {} of {} joined in time", joined_, clients_.size()));
            }
        }
        const std::int64_t all_joined = now_ns();
        check_delivery();
        fmt::print(R"({{"round":{},"clients":{},"join_ms":{},"delivered_ms":{},"refused":{},)"
                   R"("reset":{},"rss":{}}})"
                   "\n",
                   round, clients_.size(), (all_joined - start) / 1'000'000,
                   (now_ns() - all_joined) / 1'000'000, refused_, reset_, process_rss_bytes(pid_));
        std::fflush(stdout);
    }

private:
    enum class State { Absent, Upgrading, Joining, Joined };
    struct Client {
        Descriptor socket;
        FrameSplitter frames;
        std::string handshake;
        std::int64_t connect_at_ns = 0;
        std::uint64_t seen = 0;  // the last change
        State state = State::Absent;
    };

    /// By a reset, as when a proxy dies: nobody says goodbye.
    void cut() {
        for (Client& client : clients_) leave(client, 0);
        joined_ = 0;
        due_ = 0;
    }

    void leave(Client& client, std::int64_t back_at_ns) {
        if (client.socket) {
            const linger at_once{.l_onoff = 1, .l_linger = 0};
            setsockopt(client.socket.value(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
        }
        client = Client();
        client.connect_at_ns = back_at_ns;
    }

    void connect_due() {
        const std::int64_t now = now_ns();
        std::size_t connected = 0;
        for (std::size_t i = 0; i < clients_.size() && connected < connected_at_once; ++i) {
            due_ = (due_ + 1) % clients_.size();
            Client& client = clients_[due_];
            if (client.state != State::Absent || client.connect_at_ns > now) continue;
            client.socket = connect_to(target_.port, due_);
            client.state = State::Upgrading;
            send_all(client.socket, upgrade_request(live_path(target_)));
            poller_.add(client.socket, due_, EPOLLIN);
            ++connected;
        }
    }

    void take_events() {
        for (const Poller::Event& event : poller_.wait(poll_ms)) {
            if (event.number == publisher_number) {
                if (publisher_.take_answer()) answered_ = true;
            } else {
                receive(clients_[event.number]);
            }
        }
    }

    void receive(Client& client) {
        if (!client.socket) return;
        const ssize_t count = recv(client.socket.value(), buffer_.data(), buffer_.size(), 0);
        if (count < 0 && errno == EAGAIN) return;
        if (count <= 0) {
            if (client.state == State::Joined) fail("a joined client was closed");
            ++reset_;
            return leave(client, now_ns() + second_ns);
        }
        const std::string_view bytes(buffer_.data(), static_cast<std::size_t>(count));
        if (client.state != State::Upgrading) return take_frames(client, bytes);
        client.handshake += bytes;
        const std::size_t end = client.handshake.find("\r\n\r\n");
        if (end != std::string::npos) take_answer(client, end + 4);
    }

    void take_answer(Client& client, std::size_t head_bytes) {
        if (client.handshake.starts_with("HTTP/1.1 503")) {
            const std::size_t field = client.handshake.find("Retry-After: ");
            if (field == std::string::npos) fail("503 without Retry-After");
            ++refused_;
            return leave(client, now_ns() + second_ns * std::atoi(&client.handshake[field + 13]));
        }
        if (!client.handshake.starts_with("HTTP/1.1 101")) fail("refused: " + client.handshake);
        const std::string rest = client.handshake.substr(head_bytes);
        client.handshake = {};
        client.state = State::Joining;
        send_all(client.socket, text_frame(live_join_message(), Masking::Masked));
        take_frames(client, rest);
    }

    void take_frames(Client& client, std::string_view bytes) {
        client.frames.feed(bytes, [&](const FrameHead& head, std::string_view frame) {
            if (head.opcode == close_opcode) fail("a client was told to close");
            if (head.opcode != text_opcode) return;
            if (client.state == State::Joining &&
                frame.find(R"("system")") != std::string_view::npos) {
                client.state = State::Joined;
                ++joined_;
            }
            if (frame.find(sequence_text(sequence_)) != std::string_view::npos &&
                std::exchange(client.seen, sequence_) != sequence_) {
                ++delivered_;
            }
        });
    }

    void check_delivery() {
        ++sequence_;
        delivered_ = 0;
        answered_ = false;
        publisher_.publish(sequence_, 1);
        const std::int64_t deadline = now_ns() + 15 * second_ns;
        while (delivered_ < clients_.size() || !answered_) {
            take_events();
            if (now_ns() > deadline) {
                fail(fmt::format("a change reached {} of {}", delivered_, clients_.size()));
            }
        }
    }

    Target target_;
    int pid_;
    Poller poller_;
    Publisher publisher_;
    std::vector<Client> clients_;
    std::string buffer_;
    std::size_t due_ = 0;
    std::size_t joined_ = 0;
    std::size_t refused_ = 0, reset_ = 0;
    std::size_t delivered_ = 0;
    std::uint64_t sequence_ = 0;
    bool answered_ = false;
};

}  // namespace
}  // namespace dunlin::bench

int main(int argc, char** argv) {
    using namespace dunlin::bench;
    const Arguments arguments(argc, argv);
    raise_file_limit();
    const Target target{
        .protocol = Protocol::Dunlin,
        .port = static_cast<std::uint16_t>(arguments.number("port", 0)),
        .key = arguments.text("key", ""),
        .payload_bytes = static_cast<std::size_t>(arguments.number("payload-bytes", 200)),
    };
    Storm storm(target, static_cast<int>(arguments.number("pid", 0)),
                static_cast<std::size_t>(arguments.number("subscribers", 10'000)));
    const auto rounds = static_cast<int>(arguments.number("rounds", 20));
    for (int round = 0; round <= rounds; ++round) storm.run(round);
    std::_Exit(0);
}
