#pragma once

#include <cstdint>

namespace dunlin {

/// The time, injected so that tests can move it. Thread-safe.
class Clock {
public:
    virtual ~Clock() = default;
    /// Microseconds since 1970 UTC.
    virtual std::int64_t now_us() const = 0;
};

/// The machine's clock.
class SystemClock final : public Clock {
public:
    std::int64_t now_us() const override;
};

}  // namespace dunlin
