// Load for live channels: many subscribers and one who makes changes. Counts every frame and checks
// that each subscriber gets each change once and in order.
//
//   bench_live_load --protocol dunlin|broadcast --port P --pid PID --subscribers N --payload-bytes
//   B
//                   [--key KEY] [--slow-readers N] --phases burst:K:SECONDS,paced:RATE:SECONDS,...
//
// burst: K changes in one write, and the next when all subscribers have them (closed loop).
// paced: RATE changes a second at fixed times, whether or not the last has arrived (open loop).
// Prints one JSON line for the join and one for each phase.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <limits>
#include <string>
#include <vector>

#include "publisher.h"
#include "slow_readers.h"
#include "subscribers.h"
#include "support.h"

namespace dunlin::bench {
namespace {

constexpr std::uint64_t publisher_number = std::numeric_limits<std::uint64_t>::max();
constexpr std::int64_t second_ns = 1'000'000'000;
constexpr std::int64_t millisecond_ns = 1'000'000;
constexpr std::int64_t delivery_timeout_ns = 15 * second_ns;
constexpr std::int64_t settle_ns = second_ns / 2;

struct Phase {
    std::string kind;
    int amount = 0;  // burst: changes at a time; paced: changes a second
    double seconds = 0;
};

std::vector<Phase> parse_phases(const std::string& text) {
    std::vector<Phase> phases;
    for (std::size_t start = 0; start < text.size();) {
        const std::size_t end = std::min(text.find(',', start), text.size());
        const std::string part = text.substr(start, end - start);
        const std::size_t first = part.find(':');
        const std::size_t second = part.find(':', first + 1);
        if (second == std::string::npos) fail("a phase is KIND:AMOUNT:SECONDS, not " + part);
        phases.push_back({part.substr(0, first), std::stoi(part.substr(first + 1)),
                          std::stod(part.substr(second + 1))});
        start = end + 1;
    }
    return phases;
}

/// What became of one change.
struct Journey {
    std::int64_t sent_ns = 0;
    std::int64_t answered_ns = 0;
    std::int64_t received_ns = 0;  // by the last subscriber
    std::size_t missing = 0;       // subscribers still without it
};

/// Sleeping, not waiting for events: a client that waits in epoll_wait is woken by every single
/// send, which the server pays for.
void nap() {
    const timespec time{.tv_sec = 0, .tv_nsec = 100'000};
    nanosleep(&time, nullptr);
}

class LiveLoad {
public:
    LiveLoad(const Target& target, int pid, std::size_t count, std::size_t slow_count)
        : pid_(pid),
          slow_readers_(target, slow_count),
          publisher_(target, poller_, publisher_number),
          subscribers_(target, poller_, count, [this](std::uint64_t number) { received(number); }) {
    }

    /// Also fills the server's caches before its memory is measured.
    void join() {
        send(1);
        finish(Wait::Events);
        const std::int64_t rss_before = process_rss_bytes(pid_);
        const std::int64_t start = now_ns();
        has_subscribers_ = true;
        subscribers_.expect(journeys_.size());
        subscribers_.join();
        slow_readers_.join();
        const std::int64_t joined = now_ns();
        while (now_ns() < joined + settle_ns) take_events(Wait::Events, millisecond_ns);
        const std::int64_t rss_joined = process_rss_bytes(pid_);
        send(1);
        finish(Wait::Events);
        fmt::print(
            R"({{"phase":"join","subscribers":{},"join_ms":{},"rss_before":{},"rss_joined":{},)"
            R"("rss_used":{},"frame_bytes":{}}})"
            "\n",
            subscribers_.count(), (joined - start) / millisecond_ns, rss_before, rss_joined,
            process_rss_bytes(pid_), subscribers_.frame_bytes());
        std::fflush(stdout);
    }

    void run(const Phase& phase) {
        const std::size_t first = journeys_.size();
        const std::int64_t cpu_before = process_cpu_ns(pid_);
        const std::int64_t start = now_ns();
        const std::int64_t end = start + static_cast<std::int64_t>(phase.seconds * second_ns);
        if (phase.kind == "burst") {
            while (now_ns() < end) {
                send(static_cast<std::size_t>(phase.amount));
                finish(Wait::Naps);
            }
        } else {
            pace(start, end, phase.amount);
        }
        const std::int64_t cpu_ns = process_cpu_ns(pid_) - cpu_before;
        print(phase, first, cpu_ns, now_ns() - start);
    }

private:
    enum class Wait { Events, Naps };

    void send(std::size_t count) {
        const std::uint64_t first = journeys_.size();
        const std::size_t missing = has_subscribers_ ? subscribers_.count() : 0;
        journeys_.insert(journeys_.end(), count, {.sent_ns = now_ns(), .missing = missing});
        if (missing > 0) undelivered_ += count;
        if (publisher_.expects_answer()) ++unanswered_;
        publisher_.publish(first, count);
    }

    void received(std::uint64_t number) {
        Journey& journey = journeys_[number];
        if (--journey.missing > 0) return;
        journey.received_ns = now_ns();
        --undelivered_;
    }

    /// Answers come in the order of the requests; one request is under way at a time.
    void take_answer() {
        if (!publisher_.take_answer()) return;
        if (unanswered_ == 0) fail("an answer to nothing");
        --unanswered_;
        const std::int64_t now = now_ns();
        while (answered_ < journeys_.size()) journeys_[answered_++].answered_ns = now;
    }

    void take_events(Wait wait, std::int64_t at_most_ns) {
        const int timeout_ms =
            wait == Wait::Naps
                ? 0
                : static_cast<int>((at_most_ns + millisecond_ns - 1) / millisecond_ns);
        const auto& events = poller_.wait(timeout_ms);
        if (events.empty() && wait == Wait::Naps) nap();
        slow_readers_.tick();
        for (const Poller::Event& event : events) {
            // The answer's time must not include the reading of other sockets.
            if (unanswered_ > 0 && event.number != publisher_number) {
                if (++since_answer_check_ % 16 == 0) take_answer();
            }
            if (event.number == publisher_number) {
                take_answer();
            } else {
                subscribers_.receive(event.number);
            }
        }
    }

    void finish(Wait wait) {
        const std::int64_t deadline = now_ns() + delivery_timeout_ns;
        while (undelivered_ > 0 || unanswered_ > 0) {
            take_events(wait, second_ns);
            if (now_ns() > deadline) {
                fail(fmt::format("{} changes undelivered, {} requests unanswered", undelivered_,
                                 unanswered_));
            }
        }
    }

    /// Latency counts from when a change was due, so that a late one is not forgiven.
    void pace(std::int64_t start, std::int64_t end, int rate) {
        const std::int64_t interval = second_ns / rate;
        for (std::int64_t due = start; due < end; due += interval) {
            while (now_ns() < due || unanswered_ > 0) {
                take_events(Wait::Events, std::max(due - now_ns(), millisecond_ns));
            }
            send(1);
            journeys_.back().sent_ns = due;
        }
        finish(Wait::Events);
    }

    void print(const Phase& phase, std::size_t first, std::int64_t cpu_ns, std::int64_t wall_ns) {
        std::vector<double> from_send;
        std::vector<double> from_answer;
        const bool is_answered = publisher_.expects_answer();
        for (std::size_t i = first; i < journeys_.size(); ++i) {
            const Journey& journey = journeys_[i];
            const auto microseconds = [&](std::int64_t since) {
                return std::round(
                    static_cast<double>(std::max<std::int64_t>(journey.received_ns - since, 0)) /
                    1000);
            };
            from_send.push_back(microseconds(journey.sent_ns));
            if (is_answered) from_answer.push_back(microseconds(journey.answered_ns));
        }
        const std::size_t changes = journeys_.size() - first;
        if (phase.kind == "burst") from_send = from_answer = {};
        fmt::print(
            R"({{"phase":"{}","amount":{},"changes":{},"frames":{},"cpu_ns":{},"wall_ns":{},"rss":{},)"
            R"("from_send_us":[{}],"from_answer_us":[{}]}})"
            "\n",
            phase.kind, phase.amount, changes, changes * subscribers_.count(), cpu_ns, wall_ns,
            process_rss_bytes(pid_), fmt::join(from_send, ","), fmt::join(from_answer, ","));
        std::fflush(stdout);
    }

    int pid_;
    Poller poller_;
    SlowReaders slow_readers_;
    Publisher publisher_;
    Subscribers subscribers_;
    std::vector<Journey> journeys_;  // by sequence number
    std::size_t answered_ = 0;
    std::size_t unanswered_ = 0;
    std::size_t undelivered_ = 0;
    std::size_t since_answer_check_ = 0;
    bool has_subscribers_ = false;
};

}  // namespace
}  // namespace dunlin::bench

int main(int argc, char** argv) {
    using namespace dunlin::bench;
    const Arguments arguments(argc, argv);
    raise_file_limit();
    const bool is_dunlin = arguments.text("protocol", "broadcast") == "dunlin";
    const Target target{
        .protocol = is_dunlin ? Protocol::Dunlin : Protocol::Broadcast,
        .port = static_cast<std::uint16_t>(arguments.number("port", 0)),
        .key = arguments.text("key", ""),
        .payload_bytes = static_cast<std::size_t>(arguments.number("payload-bytes", 200)),
    };
    const auto count = static_cast<std::size_t>(arguments.number("subscribers", 1000));
    LiveLoad load(target, static_cast<int>(arguments.number("pid", 0)), count,
                  static_cast<std::size_t>(arguments.number("slow-readers", 0)));
    load.join();
    for (const Phase& phase : parse_phases(arguments.text("phases", ""))) load.run(phase);
    // The kernel closes the sockets faster than their destructors.
    std::_Exit(0);
}
