#include <fmt/format.h>

#include <algorithm>

#include "crowd.h"
#include "row_writers.h"
#include "scale_modes.h"

namespace dunlin::bench {

namespace {

constexpr std::int64_t second_ns = 1'000'000'000;
constexpr std::int64_t timeout_ns = 120 * second_ns;
constexpr std::int64_t sample_ns = second_ns / 20;

struct Growth {
    std::int64_t before = 0, largest = 0, sampled_at = 0;

    void sample(int pid) {
        if (now_ns() - sampled_at < sample_ns) return;
        sampled_at = now_ns();
        largest = std::max(largest, process_rss_bytes(pid));
    }
};

/// Reads until `is_done`; samples the server's memory.
template <class IsDone>
Growth receive_until(Crowd& crowd, Poller& poller, const Measured& measured, Growth growth,
                     IsDone&& is_done) {
    const std::int64_t deadline = now_ns() + timeout_ns;
    while (!is_done() && now_ns() < deadline) {
        for (const Poller::Event& event : poller.wait(1)) crowd.receive(event.number);
        crowd.tick();
        growth.sample(measured.pid);
    }
    return growth;
}

void print(const Plan& plan, const Measured& measured, Crowd& crowd, std::int64_t wall_ns,
           std::int64_t cpu_ns, std::uint64_t bytes, const Growth& growth) {
    const std::vector<std::uint64_t> sent{measured.events};
    const Ledger& ledger = crowd.ledger();
    fmt::print(
        R"({{"receivers":{},"events":{},"wall_ns":{},"cpu_ns":{},"bytes":{},"rss_before":{},)"
        R"("rss_most":{},{}}})"
        "\n",
        plan.receivers(), measured.events, wall_ns, cpu_ns, bytes, growth.before, growth.largest,
        counters_json(ledger.delivered, crowd.missing(sent), ledger.repeated, ledger.foreign));
}

}  // namespace

void measure_replay(const Plan& plan, const Measured& measured) {
    Poller poller;
    Crowd crowd(plan, poller);
    const std::string position = present_position(plan);
    fill(plan, measured.events);
    if (plan.way() != Way::Feed) crowd.open_all();
    Growth growth{.before = process_rss_bytes(measured.pid)};
    const std::uint64_t bytes_before = crowd.received_bytes();
    const std::int64_t cpu_before = process_cpu_ns(measured.pid);
    const std::int64_t start = now_ns();
    for (std::size_t i = 0; i < plan.receivers(); ++i) crowd.join(i, position);
    const std::uint64_t expected = measured.events * plan.receivers();
    growth = receive_until(crowd, poller, measured, growth,
                           [&] { return crowd.ledger().delivered >= expected; });
    const std::int64_t wall_ns = now_ns() - start;
    print(plan, measured, crowd, wall_ns, process_cpu_ns(measured.pid) - cpu_before,
          crowd.received_bytes() - bytes_before, growth);
}

void measure_snapshot(const Plan& plan, const Measured& measured) {
    Poller poller;
    Crowd crowd(plan, poller);
    fill(plan, measured.events);
    Growth growth{.before = process_rss_bytes(measured.pid)};
    const std::int64_t cpu_before = process_cpu_ns(measured.pid);
    const std::int64_t start = now_ns();
    for (std::size_t i = 0; i < plan.receivers(); ++i) crowd.join(i, "snapshot");
    const std::uint64_t expected = measured.events * plan.receivers();
    growth = receive_until(crowd, poller, measured, growth, [&] {
        return crowd.ledger().delivered >= expected && crowd.snapshot_is_complete();
    });
    const std::int64_t wall_ns = now_ns() - start;
    print(plan, measured, crowd, wall_ns, process_cpu_ns(measured.pid) - cpu_before,
          crowd.received_bytes(), growth);
}

}  // namespace dunlin::bench
