#include "realtime/token_bucket.h"

#include <algorithm>

namespace dunlin::realtime {

bool TokenBucket::take(const Rate& rate, std::int64_t now_us) {
    const double seconds = static_cast<double>(std::max<std::int64_t>(0, now_us - last_us_)) / 1e6;
    last_us_ = now_us;
    used_ = std::max(0.0, used_ - seconds * rate.per_second);
    if (used_ + 1 > rate.burst) return false;
    used_ += 1;
    return true;
}

}  // namespace dunlin::realtime
