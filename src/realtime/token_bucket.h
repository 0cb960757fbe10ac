#pragma once

#include <cstdint>

namespace dunlin::realtime {

/// How often something may happen: `per_second` on average, up to `burst` at once.
struct Rate {
    double per_second = 0;
    double burst = 0;
};

/// Counts towards a rate (token bucket; RFC 2697 has the idea). Full at first.
class TokenBucket {
public:
    /// False when it is too often. `now_us`: microseconds; may stand still, never goes back.
    bool take(const Rate& rate, std::int64_t now_us);

private:
    double used_ = 0;
    std::int64_t last_us_ = 0;
};

}  // namespace dunlin::realtime
