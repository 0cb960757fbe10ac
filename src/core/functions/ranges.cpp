// Ranges in their stored form. Two ranges of a call are of one type.
#include "core/range.h"

#include "core/codec.h"
#include "core/functions/arguments.h"
#include "core/functions/type_spec.h"

namespace dunlin::functions {

namespace {

using Test = bool (*)(const Range&, const Range&);

/// Empty ranges stand in no place: they are beside, before and behind nothing.
template <Test test>
Outcome compare_places(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    const auto left = read_range(text_of(a[0])), right = read_range(text_of(a[1]));
    if (!left || !right) return Value();
    return Value::boolean(!left->empty && !right->empty && test(*left, *right));
}

bool strictly_left(const Range& left, const Range& right) {
    return compare_bounds(left.upper, right.lower) < 0;
}

bool strictly_right(const Range& left, const Range& right) {
    return compare_bounds(left.lower, right.upper) > 0;
}

bool not_right(const Range& left, const Range& right) {
    return compare_bounds(left.upper, right.upper) <= 0;
}

bool not_left(const Range& left, const Range& right) {
    return compare_bounds(left.lower, right.lower) >= 0;
}

bool overlap(const Range& left, const Range& right) {
    return compare_bounds(left.lower, right.upper) <= 0 &&
           compare_bounds(right.lower, left.upper) <= 0;
}

/// One ends where the other begins, and only one of them holds the place between.
bool meets(const RangeBound& upper, const RangeBound& lower) {
    if (upper.infinite || lower.infinite || upper.inclusive == lower.inclusive) return false;
    RangeBound same = lower;
    same.lower = false;
    same.inclusive = upper.inclusive;
    return compare_bounds(upper, same) == 0;
}

bool adjacent(const Range& left, const Range& right) {
    return meets(left.upper, right.lower) || meets(right.upper, left.lower);
}

bool contains(const Range& whole, const Range& part) {
    if (part.empty) return true;
    return !whole.empty && compare_bounds(whole.lower, part.lower) <= 0 &&
           compare_bounds(whole.upper, part.upper) >= 0;
}

Outcome pg_range_contains(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    const auto whole = read_range(text_of(a[0])), part = read_range(text_of(a[1]));
    if (!whole || !part) return Value();
    return Value::boolean(contains(*whole, *part));
}

Outcome pg_range_contains_element(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    const auto range = read_range(text_of(a[0]));
    return range ? Value::boolean(range_contains(*range, a[1])) : Value();
}

const RangeBound& lesser(const RangeBound& left, const RangeBound& right) {
    return compare_bounds(left, right) <= 0 ? left : right;
}

const RangeBound& greater(const RangeBound& left, const RangeBound& right) {
    return compare_bounds(left, right) >= 0 ? left : right;
}

/// The smallest range around both.
Range span_of(const Range& left, const Range& right) {
    if (left.empty) return right;
    if (right.empty) return left;
    return {false, lesser(left.lower, right.lower), greater(left.upper, right.upper)};
}

Result<Range> merge(const Range& left, const Range& right) {
    return span_of(left, right);
}

Result<Range> unite(const Range& left, const Range& right) {
    if (left.empty || right.empty || overlap(left, right) || adjacent(left, right))
        return span_of(left, right);
    return std::unexpected(sql_error("22000", "result of range union would not be contiguous"));
}

Result<Range> intersect(const Range& left, const Range& right) {
    if (left.empty || right.empty || !overlap(left, right)) return Range{.empty = true};
    return Range{false, greater(left.lower, right.lower), lesser(left.upper, right.upper)};
}

/// The bound on the other side of the same place.
RangeBound facing(RangeBound bound) {
    bound.lower = !bound.lower;
    bound.inclusive = !bound.infinite && !bound.inclusive;
    return bound;
}

Result<Range> subtract(const Range& left, const Range& right) {
    if (left.empty || right.empty || !overlap(left, right)) return left;
    const bool keeps_begin = compare_bounds(left.lower, right.lower) < 0;
    const bool keeps_end = compare_bounds(left.upper, right.upper) > 0;
    if (keeps_begin && keeps_end) {
        return std::unexpected(
            sql_error("22000", "result of range difference would not be contiguous"));
    }
    if (keeps_begin) return Range{false, left.lower, facing(right.lower)};
    if (keeps_end) return Range{false, facing(right.upper), left.upper};
    return Range{.empty = true};
}

template <Result<Range> (*operation)(const Range&, const Range&)>
Outcome combine(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    const auto left = read_range(text_of(a[0])), right = read_range(text_of(a[1]));
    if (!left || !right) return Value();
    const auto result = operation(*left, *right);
    if (!result) return std::unexpected(result.error());
    return Value(print_range(*result));
}

enum class Side : std::uint8_t { Lower, Upper };

template <Side side>
const RangeBound& bound_of(const Range& range) {
    return side == Side::Lower ? range.lower : range.upper;
}

/// The bound as a value of the type in the second argument; NULL when there is none.
template <Side side>
Outcome pg_range_bound(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    const auto range = read_range(text_of(a[0]));
    if (!range || range->empty || bound_of<side>(*range).infinite) return Value();
    return codec::parse_text(parse_type_spec(text_of(a[1])), bound_of<side>(*range).text);
}

using Property = bool (*)(const Range&);

template <Property property>
Outcome ask(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    const auto range = read_range(text_of(a[0]));
    return range ? Value::boolean(property(*range)) : Value();
}

bool is_empty(const Range& range) {
    return range.empty;
}

template <Side side>
bool is_inclusive(const Range& range) {
    return !range.empty && bound_of<side>(range).inclusive;
}

template <Side side>
bool is_infinite(const Range& range) {
    return !range.empty && bound_of<side>(range).infinite;
}

/// int4range(1, 5, '[)') with the range's type first. NULL is a bound that is not there.
Outcome pg_range_make(Arguments a, const FunctionContext&) {
    const Type type = parse_type_spec(text_of(a[0]));
    const Type element{.kind = range_element(type.kind)};
    std::string_view flags = "[)";
    if (a.size() > 3) {
        if (a[3].is_null()) {
            return std::unexpected(
                sql_error("22000", "range constructor flags argument must not be null"));
        }
        flags = text_of(a[3]);
    }
    if (flags != "[)" && flags != "[]" && flags != "(]" && flags != "()") {
        return std::unexpected(sql_error("42601", "invalid range bound flags", "",
                                         "Valid values are \"[]\", \"[)\", \"(]\", and \"()\"."));
    }
    Range range;
    for (const auto& [bound, value] : {std::pair(&range.lower, &a[1]), {&range.upper, &a[2]}}) {
        bound->infinite = value->is_null();
        bound->text = codec::to_text(element, *value);
    }
    range.lower.inclusive = !range.lower.infinite && flags.starts_with('[');
    range.upper.inclusive = !range.upper.infinite && flags.ends_with(']');
    const auto made = canonical_range(type.kind, std::move(range));
    if (!made) return std::unexpected(made.error());
    return Value(print_range(*made));
}

constexpr ScalarFunction ranges_entries[] = {
    {"pg_range_adjacent", 2, 2, true, compare_places<adjacent>},
    {"pg_range_contains", 2, 2, true, pg_range_contains},
    {"pg_range_contains_element", 2, 2, true, pg_range_contains_element},
    {"pg_range_intersect", 2, 2, true, combine<intersect>},
    {"pg_range_is_empty", 1, 1, true, ask<is_empty>},
    {"pg_range_lower", 2, 2, true, pg_range_bound<Side::Lower>},
    {"pg_range_lower_inclusive", 1, 1, true, ask<is_inclusive<Side::Lower>>},
    {"pg_range_lower_infinite", 1, 1, true, ask<is_infinite<Side::Lower>>},
    {"pg_range_make", 3, 4, true, pg_range_make},
    {"pg_range_merge", 2, 2, true, combine<merge>},
    {"pg_range_not_left", 2, 2, true, compare_places<not_left>},
    {"pg_range_not_right", 2, 2, true, compare_places<not_right>},
    {"pg_range_overlap", 2, 2, true, compare_places<overlap>},
    {"pg_range_strictly_left", 2, 2, true, compare_places<strictly_left>},
    {"pg_range_strictly_right", 2, 2, true, compare_places<strictly_right>},
    {"pg_range_subtract", 2, 2, true, combine<subtract>},
    {"pg_range_union", 2, 2, true, combine<unite>},
    {"pg_range_upper", 2, 2, true, pg_range_bound<Side::Upper>},
    {"pg_range_upper_inclusive", 1, 1, true, ask<is_inclusive<Side::Upper>>},
    {"pg_range_upper_infinite", 1, 1, true, ask<is_infinite<Side::Upper>>},
};

}  // namespace

std::span<const ScalarFunction> range_functions() {
    return ranges_entries;
}

}  // namespace dunlin::functions
