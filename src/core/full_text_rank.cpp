#include "core/full_text_rank.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "core/limits.h"

namespace dunlin::full_text {

namespace {

/// Where one operand of the query stands in the vector.
struct Found {
    std::vector<Position> positions;
    bool stripped = false;  // the vector says nothing about places
};

constexpr int far_apart = 16383;  // how far words of a stripped vector count as apart

void collect(const Query& query, std::vector<const Query*>& operands) {
    if (query.kind == Query::Kind::Lexeme) operands.push_back(&query);
    for (const Query& operand : query.operands) collect(operand, operands);
}

/// Each lexeme of the query once.
std::vector<const Query*> unique_operands(const Query& query) {
    std::vector<const Query*> operands;
    collect(query, operands);
    std::sort(operands.begin(), operands.end(),
              [](const Query* left, const Query* right) { return left->text < right->text; });
    const auto same = [](const Query* left, const Query* right) {
        return left->text == right->text;
    };
    operands.erase(std::unique(operands.begin(), operands.end(), same), operands.end());
    return operands;
}

class Ranker {
public:
    Ranker(const RankWeights& weights, const Vector& vector) : weights_(weights), vector_(vector) {}

    float by_nearness(const std::vector<const Query*>& operands) const {
        float rank = -1;
        std::vector<Found> before;
        for (const Query* operand : operands) {
            const std::vector<Found> all = find(*operand);
            for (const Found& found : all) {
                for (const Found& other : before) rank = nearer(rank, found, other);
            }
            if (!all.empty()) before.push_back(all.back());
        }
        return rank;
    }

    float by_frequency(const std::vector<const Query*>& operands) const {
        float sum = 0;
        for (const Query* operand : operands) {
            for (const Found& found : find(*operand)) sum += frequency(found);
        }
        return operands.empty() ? sum : sum / static_cast<float>(operands.size());
    }

private:
    float weight_of(const Position& position) const { return weights_[position.weight]; }

    std::vector<Found> find(const Query& operand) const {
        std::vector<Found> all;
        auto lexeme = std::lower_bound(
            vector_.begin(), vector_.end(), operand.text,
            [](const Lexeme& entry, const std::string& text) { return entry.text < text; });
        for (; lexeme != vector_.end(); ++lexeme) {
            const bool named = operand.prefix ? lexeme->text.starts_with(operand.text)
                                              : lexeme->text == operand.text;
            if (!named) break;
            const bool stripped = lexeme->positions.empty();
            all.push_back(
                {stripped ? std::vector{Position{far_apart, 0}} : lexeme->positions, stripped});
        }
        return all;
    }

    /// The best place counts in full, the n-th other one by 1/n².
    float frequency(const Found& found) const {
        constexpr float limit = 1.64493406685F;  // of the sum of 1/n²
        float sum = 0, best = -1;
        std::size_t best_at = 0;
        for (std::size_t i = 0; i < found.positions.size(); ++i) {
            const float weight = weight_of(found.positions[i]);
            const auto nth = static_cast<float>((i + 1) * (i + 1));
            sum += weight / nth;
            if (weight > best) {
                best = weight;
                best_at = i;
            }
        }
        const auto nth = static_cast<float>((best_at + 1) * (best_at + 1));
        return (best + sum - best / nth) / limit;
    }

    static float closeness(int distance) {
        if (distance > 100) return 1e-30F;
        return static_cast<float>(
            1.0 / (1.005 + 0.05 * std::exp(static_cast<float>(distance) / 1.5 - 2)));
    }

    float nearer(float rank, const Found& left, const Found& right) const {
        for (const Position& l : left.positions) {
            for (const Position& r : right.positions) {
                int distance = std::abs(static_cast<int>(l.at) - static_cast<int>(r.at));
                if (distance == 0 && !left.stripped && !right.stripped) continue;
                if (distance == 0) distance = far_apart;
                const float pair = std::sqrt(weight_of(l) * weight_of(r) * closeness(distance));
                rank = rank < 0 ? pair : 1.0F - (1.0F - rank) * (1.0F - pair);
            }
        }
        return rank;
    }

    const RankWeights& weights_;
    const Vector& vector_;
};

std::size_t words_of(const Vector& vector) {
    std::size_t words = 0;
    for (const Lexeme& lexeme : vector) words += std::max<std::size_t>(lexeme.positions.size(), 1);
    return words;
}

}  // namespace

Result<float> rank(const RankWeights& weights, const Vector& vector,
                   const std::optional<Query>& query, std::int64_t normalization) {
    if (vector.empty() || !query) return 0.0F;
    const auto operands = unique_operands(*query);
    if (operands.size() > limits::rank_terms_max) {
        return std::unexpected(
            sql_error("54000", "tsquery is too large for ts_rank", "",
                      fmt::format("At most {} lexemes.", limits::rank_terms_max)));
    }
    const bool together = query->kind == Query::Kind::And || query->kind == Query::Kind::Phrase;
    const Ranker ranker(weights, vector);
    float rank = together && operands.size() > 1 ? ranker.by_nearness(operands)
                                                 : ranker.by_frequency(operands);
    if (rank < 0) rank = 1e-20F;
    const auto words = static_cast<double>(words_of(vector));
    const auto lexemes = static_cast<double>(vector.size());
    const auto divide = [&](int bit, double by) {
        if ((normalization & bit) != 0 && by > 0)
            rank = static_cast<float>(static_cast<double>(rank) / by);
    };
    divide(1, std::log(words + 1) / std::log(2.0));
    divide(2, words);
    divide(8, lexemes);
    divide(16, std::log(lexemes + 1) / std::log(2.0));
    if ((normalization & 32) != 0) rank = rank / (rank + 1);
    return rank;
}

}  // namespace dunlin::full_text
