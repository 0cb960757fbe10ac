#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/schema.h"
#include "core/value.h"

namespace re2 {
class RE2;
}

namespace dunlin::realtime {

enum class FilterOperator : std::uint8_t {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    In,
    IsNull,  // also IS UNKNOWN
    IsTrue,
    IsFalse,
    IsDistinct,
    Matches,  // like, ilike, match and imatch: all are regular expressions in the end
};

/// `column op value`, typed by the column. Immutable. The column belongs to the Schema.
struct FilterCondition {
    const Column* column = nullptr;
    std::uint32_t column_index = 0;
    FilterOperator op = FilterOperator::Equal;
    bool negated = false;
    Value value{};
    std::vector<Value> items{};                 // In
    std::shared_ptr<const re2::RE2> pattern{};  // Matches; shared by copies of the condition

    /// As SQL's WHERE: a comparison with NULL is not true, negated or not.
    bool matches(const Row& row) const;
    std::size_t hash() const;
    friend bool operator==(const FilterCondition& left, const FilterCondition& right);
};

/// The `filter` of a live binding: every condition must hold (docs/protocol/realtime.md,
/// "Filters").
struct LiveFilter {
    std::vector<FilterCondition> conditions;

    bool matches(const Row& row) const;
    std::size_t hash() const;
    friend bool operator==(const LiveFilter&, const LiveFilter&) = default;
};

/// Reads `column=op.value,...`. Blank text gives no conditions. At most
/// limits::filter_conditions_max conditions and limits::filter_in_items_max items of a list. Fails
/// with InvalidInput and upstream's text, "Error parsing `filter` params: ...".
Result<LiveFilter> parse_live_filter(const Table& table, std::string_view text);

}  // namespace dunlin::realtime
