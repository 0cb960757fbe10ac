#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "stamp.h"

/// Who was to get what, what came, and after how long.
namespace dunlin::bench {

/// Times by size: 32 buckets for each power of two, so that a value is known to 3 %, in the manner
/// of HdrHistogram. From a microsecond on, in constant memory.
class Histogram {
public:
    Histogram();
    void add(std::int64_t us);
    /// The upper end of the bucket below which `share` (0 to 1) of the values lie; 0 for none.
    std::int64_t percentile(double share) const;
    std::int64_t largest() const { return largest_; }
    std::uint64_t count() const { return count_; }
    /// `"p50_ms":…,"p95_ms":…,"p99_ms":…,"most_ms":…`
    std::string json() const;

private:
    std::vector<std::uint64_t> buckets_;
    std::uint64_t count_ = 0;
    std::int64_t largest_ = 0;
};

/// The lanes of one receiver and what it must get of each next.
class Lanes {
public:
    Lanes() = default;
    explicit Lanes(const std::vector<std::uint32_t>& lanes);
    /// The next number of `lane`; null when the receiver was not to hear it.
    std::uint64_t* next(std::uint32_t lane);
    /// What is missing when `sent[lane]` messages were sent.
    std::uint64_t missing(const std::vector<std::uint64_t>& sent) const;

private:
    struct Lane {
        std::uint32_t lane;
        std::uint64_t next;
    };
    std::vector<Lane> lanes_;
};

struct Ledger {
    std::uint64_t delivered = 0;
    std::uint64_t skipped = 0;   // a later one of the lane came before them
    std::uint64_t repeated = 0;  // came twice, or after a later one
    std::uint64_t foreign = 0;   // came to somebody who was not to have it
    Histogram latency;           // from when it was due

    void take(Lanes& lanes, const Stamp& stamp, std::int64_t now_ns);
};

}  // namespace dunlin::bench
