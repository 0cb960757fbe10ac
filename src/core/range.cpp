#include "core/range.h"

#include <fmt/format.h>

#include <cstdint>
#include <limits>

#include "core/codec.h"
#include "core/codec_parts.h"
#include "core/date_time.h"
#include "core/decimal.h"

namespace dunlin {

namespace {

int sign_of(std::int64_t left, std::int64_t right) {
    return left < right ? -1 : left > right ? 1 : 0;
}

/// A date has a dash that is no sign.
bool is_time_text(std::string_view text) {
    return text.size() > 1 && text.find('-', 1) != text.npos;
}

/// Days of a date, microseconds of a timestamp. Ranges of one kind have one of both.
std::int64_t time_of(std::string_view text) {
    const bool date = text.find(' ') == text.npos;
    return (date ? date_time::parse_date(text)
                 : date_time::parse_timestamp(text, date_time::Zone::With))
        .value_or(std::numeric_limits<std::int64_t>::max());
}

int compare_texts(std::string_view left, std::string_view right) {
    if (left == right) return 0;
    if (is_time_text(left) && is_time_text(right)) return sign_of(time_of(left), time_of(right));
    return compare_decimal(left, right);
}

bool is_discrete(TypeKind kind) {
    return kind == TypeKind::Int4Range || kind == TypeKind::Int8Range ||
           kind == TypeKind::DateRange;
}

/// Moves a bound of a discrete range to the next value, from exclusive to inclusive or back.
Result<void> step(TypeKind kind, RangeBound& bound) {
    const Type element{.kind = range_element(kind)};
    const auto value = codec::parse_text(element, bound.text);
    if (!value) return std::unexpected(value.error());
    const bool narrow = kind == TypeKind::Int4Range;
    const auto most = narrow ? std::int64_t{std::numeric_limits<std::int32_t>::max()}
                             : std::numeric_limits<std::int64_t>::max();
    if (value->integer() >= most) {
        return std::unexpected(
            sql_error("22003", fmt::format("{} out of range", sql_type_name(element))));
    }
    bound.text = codec::to_text(element, Value(value->integer() + 1));
    bound.inclusive = !bound.inclusive;
    return {};
}

void append_bound(std::string_view text, std::string& out) {
    const bool plain = !text.empty() && text.find_first_of("\"\\()[], \t\n\r\v\f") == text.npos;
    if (plain) {
        out += text;
        return;
    }
    out.push_back('"');
    for (const char c : text) {
        if (c == '"' || c == '\\') out.push_back(c);
        out.push_back(c);
    }
    out.push_back('"');
}

/// Reads `[lower,upper)` without looking at what the bounds are.
class RangeReader {
public:
    explicit RangeReader(std::string_view text) : text_(text), rest_(codec::trim(text)) {}

    Result<Range> read() {
        Range range;
        if (is_empty_word()) {
            range.empty = true;
            if (rest_.size() > 5) return refuse("Junk after \"empty\" key word.");
            return range;
        }
        if (!rest_.starts_with('[') && !rest_.starts_with('('))
            return refuse("Missing left parenthesis or bracket.");
        range.lower.inclusive = rest_.front() == '[';
        rest_.remove_prefix(1);
        if (auto done = read_bound(range.lower); !done) return std::unexpected(done.error());
        if (!rest_.starts_with(',')) return refuse("Missing comma after lower bound.");
        rest_.remove_prefix(1);
        if (auto done = read_bound(range.upper); !done) return std::unexpected(done.error());
        if (rest_.starts_with(',')) return refuse("Too many commas.");
        range.upper.inclusive = rest_.front() == ']';
        if (rest_.size() > 1) return refuse("Junk after right parenthesis or bracket.");
        // What has no end does not include it.
        if (range.lower.infinite) range.lower.inclusive = false;
        if (range.upper.infinite) range.upper.inclusive = false;
        return range;
    }

private:
    bool is_empty_word() const {
        constexpr std::string_view word = "empty";
        if (rest_.size() < word.size()) return false;
        for (std::size_t i = 0; i < word.size(); ++i) {
            if ((rest_[i] | 0x20) != word[i]) return false;
        }
        return true;
    }

    /// Up to the comma or the bracket, which stays.
    Result<void> read_bound(RangeBound& bound) {
        if (rest_.starts_with(',') || rest_.starts_with(')') || rest_.starts_with(']')) return {};
        bound.infinite = false;
        bool quoted = false;
        while (quoted || rest_.empty() || !std::string_view(",()[]").contains(rest_.front())) {
            if (rest_.empty()) return refuse("Unexpected end of input.");
            const char c = rest_.front();
            rest_.remove_prefix(1);
            if (c == '\\') {
                if (rest_.empty()) return refuse("Unexpected end of input.");
                bound.text.push_back(rest_.front());
                rest_.remove_prefix(1);
            } else if (c == '"' && quoted && rest_.starts_with('"')) {
                bound.text.push_back('"');
                rest_.remove_prefix(1);
            } else if (c == '"') {
                quoted = !quoted;
            } else {
                bound.text.push_back(c);
            }
        }
        return {};
    }

    std::unexpected<Error> refuse(std::string details) const {
        return std::unexpected(sql_error(
            "22P02", fmt::format("malformed range literal: \"{}\"", text_), std::move(details)));
    }

    std::string_view text_;
    std::string_view rest_;
};

Result<void> normalize_bound(const Type& element, RangeBound& bound) {
    if (bound.infinite) return {};
    const auto value = codec::parse_text(element, bound.text);
    if (!value) return std::unexpected(value.error());
    bound.text = codec::to_text(element, *value);
    return {};
}

}  // namespace

Result<Range> parse_range(TypeKind kind, std::string_view text) {
    auto range = RangeReader(text).read();
    if (!range || range->empty) return range;
    const Type element{.kind = range_element(kind)};
    for (RangeBound* bound : {&range->lower, &range->upper}) {
        if (auto done = normalize_bound(element, *bound); !done)
            return std::unexpected(done.error());
    }
    return canonical_range(kind, std::move(*range));
}

Result<Range> canonical_range(TypeKind kind, Range range) {
    if (range.empty) return range;
    const bool bounded = !range.lower.infinite && !range.upper.infinite;
    const int order = bounded ? compare_texts(range.lower.text, range.upper.text) : -1;
    if (order > 0) {
        return std::unexpected(sql_error(
            "22000", "range lower bound must be less than or equal to range upper bound"));
    }
    const Range nothing{.empty = true};
    if (order == 0 && !(range.lower.inclusive && range.upper.inclusive)) return nothing;
    if (!is_discrete(kind)) return range;
    if (!range.lower.infinite && !range.lower.inclusive) {
        if (auto done = step(kind, range.lower); !done) return std::unexpected(done.error());
    }
    if (!range.upper.infinite && range.upper.inclusive) {
        if (auto done = step(kind, range.upper); !done) return std::unexpected(done.error());
    }
    return bounded && range.lower.text == range.upper.text ? nothing : range;
}

std::optional<Range> read_range(std::string_view stored) {
    auto range = RangeReader(stored).read();
    return range ? std::optional(std::move(*range)) : std::nullopt;
}

std::string print_range(const Range& range) {
    if (range.empty) return "empty";
    std::string out(range.lower.inclusive ? "[" : "(");
    if (!range.lower.infinite) append_bound(range.lower.text, out);
    out.push_back(',');
    if (!range.upper.infinite) append_bound(range.upper.text, out);
    out.push_back(range.upper.inclusive ? ']' : ')');
    return out;
}

int compare_bounds(const RangeBound& left, const RangeBound& right) {
    if (left.infinite && right.infinite) {
        if (left.lower == right.lower) return 0;
        return left.lower ? -1 : 1;
    }
    if (left.infinite) return left.lower ? -1 : 1;
    if (right.infinite) return right.lower ? 1 : -1;
    if (const int order = compare_texts(left.text, right.text); order != 0) return order;
    // An exclusive lower bound begins just above its value, an exclusive upper one ends just below.
    const auto shift = [](const RangeBound& bound) {
        return bound.inclusive ? 0 : bound.lower ? 1 : -1;
    };
    return sign_of(shift(left), shift(right));
}

int compare_ranges(const Range& left, const Range& right) {
    if (left.empty || right.empty)
        return static_cast<int>(right.empty) - static_cast<int>(left.empty);
    const int order = compare_bounds(left.lower, right.lower);
    return order != 0 ? order : compare_bounds(left.upper, right.upper);
}

int compare_stored_ranges(std::string_view left, std::string_view right) {
    const auto left_range = read_range(left), right_range = read_range(right);
    if (left_range && right_range) return compare_ranges(*left_range, *right_range);
    if (left_range.has_value() != right_range.has_value()) return left_range ? -1 : 1;
    const int order = left.compare(right);
    return order < 0 ? -1 : order > 0 ? 1 : 0;
}

bool range_contains(const Range& range, const Value& element) {
    if (range.empty) return false;
    const auto order = [&](const RangeBound& bound) {  // of the bound beside the element
        if (element.is_integer() && is_time_text(bound.text))
            return sign_of(time_of(bound.text), element.integer());
        return compare_decimal(
            bound.text, element.is_integer() ? std::to_string(element.integer()) : element.text());
    };
    if (!range.lower.infinite) {
        const int lower = order(range.lower);
        if (lower > 0 || (lower == 0 && !range.lower.inclusive)) return false;
    }
    if (range.upper.infinite) return true;
    const int upper = order(range.upper);
    return upper > 0 || (upper == 0 && range.upper.inclusive);
}

}  // namespace dunlin
