#include <algorithm>
#include <iterator>

#include "core/full_text.h"
#include "core/full_text_words.h"

namespace dunlin::full_text {

namespace {

/// Places, or all but these. What a part of a phrase matches: the place of its last word.
struct Places {
    std::vector<int> places{};  // ascending
    bool inverted = false;
    int width = 0;  // from the first word of the match to the last
};

Places shifted(Places given, int by) {
    for (int& place : given.places) place += by;
    return given;
}

template <typename Operation>
std::vector<int> combine(const Places& left, const Places& right, Operation operation) {
    std::vector<int> out;
    operation(left.places.begin(), left.places.end(), right.places.begin(), right.places.end(),
              std::back_inserter(out));
    return out;
}

Places both(const Places& left, const Places& right) {
    const auto common = [](auto... a) { std::set_intersection(a...); };
    const auto only_first = [](auto... a) { std::set_difference(a...); };
    const auto any = [](auto... a) { std::set_union(a...); };
    if (left.inverted && right.inverted) return {combine(left, right, any), true};
    if (left.inverted) return {combine(right, left, only_first)};
    if (right.inverted) return {combine(left, right, only_first)};
    return {combine(left, right, common)};
}

Places inverse(Places given) {
    given.inverted = !given.inverted;
    return given;
}

/// A or B is not (not A and not B).
Places either(const Places& left, const Places& right) {
    return inverse(both(inverse(left), inverse(right)));
}

class Matcher {
public:
    explicit Matcher(const Vector& vector) : vector_(vector) {}

    bool matches(const Query& query) const {
        const auto part = [this](const Query& operand) { return matches(operand); };
        switch (query.kind) {
            case Query::Kind::Lexeme:
                return has(query);
            case Query::Kind::Not:
                return !matches(query.operands[0]);
            case Query::Kind::And:
                return std::ranges::all_of(query.operands, part);
            case Query::Kind::Or:
                return std::ranges::any_of(query.operands, part);
            case Query::Kind::Phrase: {
                const Places found = places(query);
                return found.inverted || !found.places.empty();
            }
            case Query::Kind::Stop:
                break;
        }
        return false;
    }

private:
    /// The lexemes that an operand names: one, or all with its prefix.
    std::pair<Vector::const_iterator, Vector::const_iterator> named(const Query& operand) const {
        const auto first = std::lower_bound(
            vector_.begin(), vector_.end(), operand.text,
            [](const Lexeme& lexeme, const std::string& text) { return lexeme.text < text; });
        auto last = first;
        if (!operand.prefix) {
            if (last != vector_.end() && last->text == operand.text) ++last;
            return {first, last};
        }
        while (last != vector_.end() && last->text.starts_with(operand.text)) ++last;
        return {first, last};
    }

    static bool has_weight(const Query& operand, const Position& position) {
        return operand.weights == 0 || (operand.weights >> position.weight & 1) != 0;
    }

    bool has(const Query& operand) const {
        const auto [first, last] = named(operand);
        return std::any_of(first, last, [&](const Lexeme& lexeme) {
            return operand.weights == 0 || lexeme.positions.empty() ||
                   std::ranges::any_of(lexeme.positions, [&](const Position& position) {
                       return has_weight(operand, position);
                   });
        });
    }

    Places lexeme_places(const Query& operand) const {
        Places found;
        const auto [first, last] = named(operand);
        for (auto lexeme = first; lexeme != last; ++lexeme) {
            for (const Position& position : lexeme->positions) {
                if (has_weight(operand, position)) found.places.push_back(position.at);
            }
        }
        std::sort(found.places.begin(), found.places.end());
        found.places.erase(std::unique(found.places.begin(), found.places.end()),
                           found.places.end());
        return found;
    }

    Places places(const Query& query) const {
        switch (query.kind) {
            case Query::Kind::Lexeme:
                return lexeme_places(query);
            case Query::Kind::Not:
                return inverse(places(query.operands[0]));
            case Query::Kind::Phrase: {
                const Places left = places(query.operands[0]), right = places(query.operands[1]);
                Places found = both(shifted(left, query.distance + right.width), right);
                found.width = left.width + query.distance + right.width;
                return found;
            }
            case Query::Kind::And:
            case Query::Kind::Or:
                return joined(query);
            case Query::Kind::Stop:
                break;
        }
        return {};
    }

    /// Alternatives of different widths begin at the same place.
    Places joined(const Query& query) const {
        Places found = places(query.operands[0]);
        for (std::size_t i = 1; i < query.operands.size(); ++i) {
            const Places next = places(query.operands[i]);
            const int width = std::max(found.width, next.width);
            const Places left = shifted(found, width - found.width);
            const Places right = shifted(next, width - next.width);
            found = query.kind == Query::Kind::And ? both(left, right) : either(left, right);
            found.width = width;
        }
        return found;
    }

    const Vector& vector_;
};

/// The lexemes that must stand in the text, in the quotes of the stored form.
bool may_match(std::string_view stored, const Query& query) {
    const auto part = [stored](const Query& operand) { return may_match(stored, operand); };
    switch (query.kind) {
        case Query::Kind::Lexeme: {
            std::string quoted;
            append_quoted(query.text, quoted);
            if (query.prefix) quoted.pop_back();
            return stored.contains(quoted);
        }
        case Query::Kind::Not:
            return true;
        case Query::Kind::Or:
            return std::ranges::any_of(query.operands, part);
        default:
            return std::ranges::all_of(query.operands, part);
    }
}

}  // namespace

bool may_match(std::string_view stored_vector, const std::optional<Query>& query) {
    return query && may_match(stored_vector, *query);
}

bool matches(const Vector& vector, const std::optional<Query>& query) {
    return query && Matcher(vector).matches(*query);
}

}  // namespace dunlin::full_text
