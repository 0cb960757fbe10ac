#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "crowd.h"
#include "row_writers.h"
#include "scale_modes.h"

namespace dunlin::bench {

namespace {

constexpr std::int64_t second_ns = 1'000'000'000;
constexpr std::int64_t millisecond_ns = 1'000'000;
constexpr std::int64_t drain_timeout_ns = 60 * second_ns;
constexpr std::int64_t settle_ns = second_ns / 2;

class Paced {
public:
    Paced(const Plan& plan, const Measured& measured)
        : plan_(plan),
          measured_(measured),
          crowd_(plan, poller_),
          listeners_(plan.listeners()),
          sent_(plan.lane_count()) {
        const bool writes_rows = plan.way() == Way::Changes || plan.way() == Way::Feed;
        if (writes_rows) writers_ = std::make_unique<RowWriters>(plan, poller_, measured.writers);
    }

    void run() {
        const std::int64_t rss_before = process_rss_bytes(measured_.pid);
        const std::int64_t before = now_ns();
        crowd_.join_all();
        const std::int64_t joined = now_ns();
        take_events_until(joined + settle_ns);
        const std::int64_t rss_joined = process_rss_bytes(measured_.pid);
        send_all_on_time(measured_.seconds / 10);  // warms up
        drain();
        crowd_.ledger().latency = {};
        if (writers_) writers_->take_latency();
        late_ = {};
        const std::uint64_t delivered_before = crowd_.ledger().delivered;
        const std::uint64_t messages_before = messages_;
        const std::int64_t cpu_before = process_cpu_ns(measured_.pid);
        const std::int64_t start = now_ns();
        send_all_on_time(measured_.seconds);
        drain();
        const std::int64_t cpu_ns = process_cpu_ns(measured_.pid) - cpu_before;
        const std::int64_t wall_ns = drained_at_ns_ - start;
        Ledger& ledger = crowd_.ledger();
        fmt::print(
            R"({{"receivers":{},"join_ms":{},"rss_before":{},"rss_joined":{},"rss":{},"messages":{},)"
            R"("delivered_measured":{},"cpu_ns":{},"wall_ns":{},"sent_late_p99_ms":{},{},{},)"
            R"("write":{{{}}}}})"
            "\n",
            plan_.receivers(), (joined - before) / millisecond_ns, rss_before, rss_joined,
            process_rss_bytes(measured_.pid), messages_ - messages_before,
            ledger.delivered - delivered_before, cpu_ns, wall_ns,
            static_cast<double>(late_.percentile(0.99)) / 1000,
            counters_json(ledger.delivered, crowd_.missing(sent_), ledger.repeated, ledger.foreign),
            ledger.latency.json(), writers_ ? writers_->take_latency().json() : "");
    }

private:
    void take_events(int timeout_ms) {
        for (const Poller::Event& event : poller_.wait(timeout_ms)) {
            if (RowWriters::owns(event.number)) {
                writers_->receive(event.number);
            } else {
                crowd_.receive(event.number);
            }
        }
    }

    void take_events_until(std::int64_t end) {
        while (now_ns() < end) take_events(1);
    }

    void send_all_on_time(double seconds) {
        const std::int64_t start = now_ns();
        const auto count = static_cast<std::uint64_t>(seconds * measured_.rate);
        for (std::uint64_t i = 0; i < count; ++i) {
            const auto due =
                start + static_cast<std::int64_t>(static_cast<double>(i) * 1e9 / measured_.rate);
            // Also when it is late: nobody is kept waiting for what has come meanwhile.
            do {
                const std::int64_t left_ms = (due - now_ns()) / millisecond_ns;
                take_events(static_cast<int>(std::max<std::int64_t>(left_ms, 0)));
            } while (now_ns() < due);
            send_one(due);
        }
    }

    void send_one(std::int64_t due_ns) {
        const std::uint32_t lane = plan_.lane(messages_);
        const Stamp stamp{.lane = lane, .number = sent_[lane]++, .due_us = due_ns / 1000};
        late_.add((now_ns() - due_ns) / 1000);
        if (writers_) {
            writers_->write(stamp);
        } else {
            const std::size_t sender = plan_.sender(messages_);
            crowd_.send(sender, plan_.message(sender, stamp));
        }
        expected_ += listeners_[lane];
        ++messages_;
    }

    void drain() {
        const std::int64_t deadline = now_ns() + drain_timeout_ns;
        const auto is_open = [&] {
            return crowd_.ledger().delivered < expected_ ||
                   (writers_ && writers_->unanswered() > 0);
        };
        while (is_open() && now_ns() < deadline) take_events(1);
        if (writers_ && writers_->unanswered() > 0) fail("rows were not answered in time");
        drained_at_ns_ = now_ns();
        take_events_until(drained_at_ns_ + 100 * millisecond_ns);  // what should not come
    }

    const Plan& plan_;
    const Measured measured_;
    Poller poller_;
    Crowd crowd_;
    std::unique_ptr<RowWriters> writers_;
    std::vector<std::size_t> listeners_;
    std::vector<std::uint64_t> sent_;  // by lane
    Histogram late_;                   // the generator's own delay
    std::uint64_t messages_ = 0, expected_ = 0;
    std::int64_t drained_at_ns_ = 0;
};

}  // namespace

void measure_paced(const Plan& plan, const Measured& measured) {
    enrol(plan);
    Paced(plan, measured).run();
}

}  // namespace dunlin::bench
