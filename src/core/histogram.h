#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace dunlin {

/// How often values fell below each of some bounds, for metrics. Plain data of one thread.
class Histogram {
public:
    /// `bounds` ascend, are inclusive, and are borrowed for the life of the histogram and its
    /// copies.
    explicit Histogram(std::span<const std::uint64_t> bounds);

    void observe(std::uint64_t value);
    /// `other` has the same bounds.
    void add(const Histogram& other);

    std::span<const std::uint64_t> bounds() const { return bounds_; }
    /// Values up to bounds()[index]; bounds().size() stands for all of them.
    std::uint64_t count_up_to(std::size_t index) const;
    std::uint64_t count() const { return count_up_to(bounds_.size()); }
    std::uint64_t sum() const { return sum_; }

private:
    std::span<const std::uint64_t> bounds_;
    std::vector<std::uint64_t> counts_;  // by bound, then those above all
    std::uint64_t sum_ = 0;
};

}  // namespace dunlin
