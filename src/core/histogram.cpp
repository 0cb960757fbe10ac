#include "core/histogram.h"

#include <algorithm>
#include <numeric>

#include "core/check.h"

namespace dunlin {

Histogram::Histogram(std::span<const std::uint64_t> bounds)
    : bounds_(bounds), counts_(bounds.size() + 1) {}

void Histogram::observe(std::uint64_t value) {
    const auto bound = std::ranges::lower_bound(bounds_, value);
    ++counts_[static_cast<std::size_t>(bound - bounds_.begin())];
    sum_ += value;
}

void Histogram::add(const Histogram& other) {
    CHECK(counts_.size() == other.counts_.size());
    for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
    sum_ += other.sum_;
}

std::uint64_t Histogram::count_up_to(std::size_t index) const {
    const auto end = counts_.begin() + static_cast<std::ptrdiff_t>(index) + 1;
    return std::accumulate(counts_.begin(), end, std::uint64_t{0});
}

}  // namespace dunlin
