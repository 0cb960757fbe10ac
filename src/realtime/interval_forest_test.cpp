#include "realtime/interval_forest.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace dunlin::realtime {

namespace {

struct Interval {
    std::uint64_t key = 0;
    std::uint64_t low = 0;
    std::uint64_t high = 0;
    std::uint32_t entry = 0;
};

std::vector<std::uint32_t> sorted(std::vector<std::uint32_t> entries) {
    std::ranges::sort(entries);
    return entries;
}

TEST(IntervalForest, AgreesWithAListWhileItGrowsAndShrinks) {
    for (const std::uint32_t seed : {1U, 2U, 3U}) {
        std::mt19937 random(seed);
        IntervalForest forest;
        std::vector<Interval> list;
        std::uint32_t last_entry = 0;
        for (int step = 0; step < 20'000; ++step) {
            const bool growing = (step / 4000) % 2 == 0;
            if (list.empty() || random() % 10 < (growing ? 8U : 2U)) {
                // Few lower ends, so that many intervals share one; some intervals contain nothing.
                const std::uint64_t low = random() % 3 == 0 ? 0 : random() % 50;
                list.push_back({random() % 2, low, low + random() % 20 - 1, ++last_entry});
                forest.insert(list.back().key, low, list.back().high, last_entry);
            } else {
                std::swap(list[random() % list.size()], list.back());
                forest.remove(list.back().key, list.back().low, list.back().entry);
                list.pop_back();
            }
            if (step % 7 != 0) continue;
            const std::uint64_t key = random() % 3;
            const std::uint64_t point = random() % 75;
            std::vector<std::uint32_t> expected;
            std::vector<std::uint32_t> all;
            for (const Interval& interval : list) {
                if (interval.key != key) continue;
                all.push_back(interval.entry);
                if (interval.low <= point && point <= interval.high) {
                    expected.push_back(interval.entry);
                }
            }
            std::vector<std::uint32_t> found;
            forest.stab(key, point, found);
            ASSERT_EQ(sorted(found), sorted(expected)) << "seed " << seed << ", step " << step;
            found.clear();
            forest.collect(key, found);
            ASSERT_EQ(sorted(found), sorted(all)) << "seed " << seed << ", step " << step;
        }
    }
}

}  // namespace

}  // namespace dunlin::realtime
