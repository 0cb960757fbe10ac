#include "ledger.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>

namespace dunlin::bench {

namespace {

constexpr unsigned precision_bits = 5;
constexpr std::size_t buckets_per_power = std::size_t{1} << precision_bits;
constexpr std::size_t bucket_count = 40 * buckets_per_power;  // up to 12 days

std::size_t bucket_of(std::uint64_t us) {
    if (us < buckets_per_power) return us;
    const auto power = static_cast<unsigned>(std::bit_width(us)) - precision_bits - 1;
    const std::size_t bucket = power * buckets_per_power + (us >> power);
    return std::min(bucket, bucket_count - 1);
}

std::uint64_t upper_end(std::size_t bucket) {
    if (bucket < 2 * buckets_per_power) return bucket;
    const std::size_t power = bucket / buckets_per_power - 1;
    return ((bucket - power * buckets_per_power + 1) << power) - 1;
}

double milliseconds(std::int64_t us) {
    return static_cast<double>(us) / 1000;
}

}  // namespace

Histogram::Histogram() : buckets_(bucket_count) {}

void Histogram::add(std::int64_t us) {
    us = std::max<std::int64_t>(us, 0);
    ++buckets_[bucket_of(static_cast<std::uint64_t>(us))];
    ++count_;
    largest_ = std::max(largest_, us);
}

std::int64_t Histogram::percentile(double share) const {
    const auto rank = static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count_)));
    std::uint64_t below = 0;
    for (std::size_t bucket = 0; bucket < bucket_count; ++bucket) {
        below += buckets_[bucket];
        if (below >= std::max<std::uint64_t>(rank, 1))
            return std::min(static_cast<std::int64_t>(upper_end(bucket)), largest_);
    }
    return 0;
}

std::string Histogram::json() const {
    return fmt::format(R"("p50_ms":{},"p95_ms":{},"p99_ms":{},"most_ms":{})",
                       milliseconds(percentile(0.5)), milliseconds(percentile(0.95)),
                       milliseconds(percentile(0.99)), milliseconds(largest_));
}

Lanes::Lanes(const std::vector<std::uint32_t>& lanes) {
    for (const std::uint32_t lane : lanes) lanes_.push_back({lane, 0});
}

std::uint64_t* Lanes::next(std::uint32_t lane) {
    const auto found = std::ranges::find(lanes_, lane, &Lane::lane);
    return found == lanes_.end() ? nullptr : &found->next;
}

std::uint64_t Lanes::missing(const std::vector<std::uint64_t>& sent) const {
    std::uint64_t count = 0;
    for (const Lane& lane : lanes_) count += sent[lane.lane] - std::min(lane.next, sent[lane.lane]);
    return count;
}

void Ledger::take(Lanes& lanes, const Stamp& stamp, std::int64_t now_ns) {
    std::uint64_t* const next = lanes.next(stamp.lane);
    if (!next) {
        ++foreign;
        return;
    }
    if (stamp.number < *next) {
        ++repeated;
        return;
    }
    skipped += stamp.number - *next;
    *next = stamp.number + 1;
    ++delivered;
    latency.add(now_ns / 1000 - stamp.due_us);
}

}  // namespace dunlin::bench
