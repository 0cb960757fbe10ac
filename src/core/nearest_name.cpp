#include "core/nearest_name.h"

#include <algorithm>
#include <numeric>

namespace dunlin {

namespace {

constexpr std::size_t name_bytes_max = 128;

std::size_t edit_distance(std::string_view left, std::string_view right) {
    std::vector<std::size_t> row(right.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < left.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i + 1;
        for (std::size_t j = 0; j < right.size(); ++j) {
            const std::size_t replaced = diagonal + (left[i] == right[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({replaced, row[j] + 1, diagonal + 1});
        }
    }
    return row.back();
}

}  // namespace

std::string nearest_name(std::string_view name, const std::vector<std::string>& candidates,
                         double likeness_min) {
    if (name.size() > name_bytes_max) return {};
    std::string nearest;
    double best = likeness_min;
    for (const std::string& candidate : candidates) {
        const auto longer =
            static_cast<double>(std::max({name.size(), candidate.size(), std::size_t{1}}));
        const double likeness = 1.0 - static_cast<double>(edit_distance(name, candidate)) / longer;
        if (likeness < best) continue;
        best = likeness;
        nearest = candidate;
    }
    return nearest;
}

}  // namespace dunlin
