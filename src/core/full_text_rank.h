#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "core/full_text.h"

namespace dunlin::full_text {

/// How much the weights D, C, B, A count.
using RankWeights = std::array<float, 4>;
inline constexpr RankWeights default_rank_weights = {0.1F, 0.2F, 0.4F, 1.0F};

/// PostgreSQL's ts_rank(): how often and how near to each other the query's lexemes stand.
/// `normalization` is its bit mask (1, 2, 8, 16, 32). Fails with 54000 beyond
/// limits::rank_terms_max: the cost is quadratic.
Result<float> rank(const RankWeights& weights, const Vector& vector,
                   const std::optional<Query>& query, std::int64_t normalization);

}  // namespace dunlin::full_text
