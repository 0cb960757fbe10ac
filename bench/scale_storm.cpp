#include <fmt/format.h>

#include <algorithm>
#include <random>
#include <vector>

#include "crowd.h"
#include "row_writers.h"
#include "scale_modes.h"

namespace dunlin::bench {

namespace {

constexpr std::int64_t second_ns = 1'000'000'000;
constexpr std::int64_t millisecond_ns = 1'000'000;
constexpr std::int64_t timeout_ns = 120 * second_ns;
constexpr std::uint64_t jitter_seed = 42;

/// Writes go on all the time; everybody is cut off, and each comes back at a time of its own.
class Storm {
public:
    Storm(const Plan& plan, const Measured& measured)
        : plan_(plan),
          measured_(measured),
          crowd_(plan, poller_),
          writers_(plan, poller_, measured.writers),
          listeners_(plan.listeners()),
          sent_(plan.lane_count()) {
        crowd_.keep_positions();
    }

    void run() {
        crowd_.join_all();
        begin_writing();
        go_on_until(now_ns() + static_cast<std::int64_t>(measured_.seconds * 1e9),
                    [] { return false; });
        const Histogram normal = writers_.take_latency();
        const std::int64_t rss_before = process_rss_bytes(measured_.pid);

        const std::int64_t cut_at = now_ns();
        for (std::size_t i = 0; i < plan_.receivers(); ++i) crowd_.cut(i);
        plan_returns(cut_at);
        const std::int64_t deadline = now_ns() + timeout_ns;
        go_on_until(deadline, [&] { return crowd_.joined() == plan_.receivers(); });
        const std::int64_t all_joined = now_ns();
        const std::uint64_t goal = expected_;  // what had been sent when the last one was back
        go_on_until(deadline, [&] { return crowd_.ledger().delivered >= goal; });
        const std::int64_t caught_up = now_ns();
        const Histogram storm = writers_.take_latency();
        is_writing_ = false;
        go_on_until(now_ns() + timeout_ns, [&] {
            return crowd_.ledger().delivered >= expected_ && writers_.unanswered() == 0;
        });
        if (writers_.unanswered() > 0) fail("rows were not answered in time");
        print(cut_at, all_joined, caught_up, rss_before, normal, storm);
    }

private:
    void begin_writing() {
        is_writing_ = true;
        writing_since_ = now_ns();
    }

    /// Uniformly random; the last one first, so that they are taken from the end.
    void plan_returns(std::int64_t cut_at) {
        std::mt19937_64 random(jitter_seed);
        std::uniform_real_distribution<double> share(0, 1);
        for (std::size_t i = 0; i < plan_.receivers(); ++i) {
            const double delay_ns = share(random) * measured_.spread_s * 1e9;
            returns_.emplace_back(cut_at + static_cast<std::int64_t>(delay_ns), i);
        }
        std::ranges::sort(returns_, std::greater<>());
    }

    template <class IsDone>
    void go_on_until(std::int64_t end, IsDone&& is_done) {
        while (now_ns() < end && !is_done()) {
            write_due();
            come_back_due();
            crowd_.tick();
            for (const Poller::Event& event : poller_.wait(1)) {
                if (RowWriters::owns(event.number)) {
                    writers_.receive(event.number);
                } else {
                    crowd_.receive(event.number);
                }
            }
        }
    }

    void write_due() {
        while (is_writing_) {
            const auto offset =
                static_cast<std::int64_t>(static_cast<double>(messages_) * 1e9 / measured_.rate);
            if (writing_since_ + offset > now_ns()) return;
            const std::uint32_t lane = plan_.lane(messages_++);
            expected_ += listeners_[lane];
            writers_.write({.lane = lane,
                            .number = sent_[lane]++,
                            .due_us = (writing_since_ + offset) / 1000});
        }
    }

    /// A few at a time, so that writes stay on time.
    void come_back_due() {
        constexpr int at_once = 20;
        for (int i = 0; i < at_once && !returns_.empty(); ++i) {
            if (returns_.back().first > now_ns()) return;
            crowd_.come_back(returns_.back().second);
            returns_.pop_back();
        }
    }

    void print(std::int64_t cut_at, std::int64_t all_joined, std::int64_t caught_up,
               std::int64_t rss_before, const Histogram& normal, const Histogram& storm) {
        const Ledger& ledger = crowd_.ledger();
        fmt::print(
            R"({{"receivers":{},"joined":{},"joined_ms":{},"caught_up_ms":{},"refused":{},)"
            R"("writes":{},"rss_before":{},"rss":{},{},"normal":{{{}}},"storm":{{{}}}}})"
            "\n",
            plan_.receivers(), crowd_.joined(), (all_joined - cut_at) / millisecond_ns,
            (caught_up - cut_at) / millisecond_ns, crowd_.refused(), messages_, rss_before,
            process_rss_bytes(measured_.pid),
            counters_json(ledger.delivered, crowd_.missing(sent_), ledger.repeated, ledger.foreign),
            normal.json(), storm.json());
    }

    const Plan& plan_;
    const Measured measured_;
    Poller poller_;
    Crowd crowd_;
    RowWriters writers_;
    std::vector<std::size_t> listeners_;
    std::vector<std::uint64_t> sent_;                            // by lane
    std::vector<std::pair<std::int64_t, std::size_t>> returns_;  // when, who
    std::int64_t writing_since_ = 0;
    std::uint64_t messages_ = 0, expected_ = 0;
    bool is_writing_ = false;
};

}  // namespace

void measure_storm(const Plan& plan, const Measured& measured) {
    Storm(plan, measured).run();
}

}  // namespace dunlin::bench
