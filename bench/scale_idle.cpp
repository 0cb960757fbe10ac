#include <fmt/format.h>

#include <cmath>

#include "crowd.h"
#include "row_writers.h"
#include "scale_modes.h"

namespace dunlin::bench {

namespace {

constexpr double ping_interval_s = 25;  // of the unmodified client
constexpr std::int64_t second_ns = 1'000'000'000;
constexpr std::int64_t settle_ns = 2 * second_ns;

void take_events_until(Crowd& crowd, Poller& poller, std::int64_t end) {
    while (now_ns() < end) {
        for (const Poller::Event& event : poller.wait(1)) crowd.receive(event.number);
    }
}

}  // namespace

void measure_idle(const Plan& plan, const Measured& measured) {
    enrol(plan);
    Poller poller;
    Crowd crowd(plan, poller);
    const std::int64_t rss_before = process_rss_bytes(measured.pid);
    const std::int64_t slab_before = kernel_slab_bytes();
    const std::int64_t before = now_ns();
    crowd.join_all();
    const std::int64_t join_ns = now_ns() - before;
    take_events_until(crowd, poller, now_ns() + settle_ns);
    const std::int64_t rss_joined = process_rss_bytes(measured.pid);
    const std::int64_t slab_joined = kernel_slab_bytes();

    const bool pings = plan.way() != Way::Feed;  // there the server says that it lives
    const double rate = static_cast<double>(plan.receivers()) / ping_interval_s;
    const auto count = pings ? static_cast<std::uint64_t>(rate * measured.seconds) : 0;
    const std::int64_t cpu_before = process_cpu_ns(measured.pid);
    const std::int64_t start = now_ns();
    for (std::uint64_t i = 0; i < count; ++i) {
        take_events_until(crowd, poller, start + std::llround(static_cast<double>(i) / rate * 1e9));
        crowd.ping(i % plan.receivers());
    }
    take_events_until(crowd, poller, start + std::llround(measured.seconds * 1e9));
    const std::int64_t cpu_ns = process_cpu_ns(measured.pid) - cpu_before;
    const std::int64_t wall_ns = now_ns() - start;
    take_events_until(crowd, poller, now_ns() + second_ns);
    fmt::print(
        R"({{"receivers":{},"join_ms":{},"rss_before":{},"rss_joined":{},"rss":{},"slab_before":{},)"
        R"("slab_joined":{},"cpu_ns":{},"wall_ns":{},"pings":{},{}}})"
        "\n",
        plan.receivers(), join_ns / 1'000'000, rss_before, rss_joined,
        process_rss_bytes(measured.pid), slab_before, slab_joined, cpu_ns, wall_ns, count,
        counters_json(crowd.pongs(), count - crowd.pongs(), 0, crowd.ledger().foreign));
}

}  // namespace dunlin::bench
