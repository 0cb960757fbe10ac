#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/result.h"
#include "core/type.h"
#include "core/value.h"

/// PostgreSQL's ranges. The stored form is PostgreSQL's output text, canonical for the discrete
/// kinds: `[1,5)`, `empty`, `["2026-01-01 10:00:00+00",)`. A bound's text says whether it is a
/// number, a date or a time, so that stored ranges compare without their type. Pure; thread-safe.
namespace dunlin {

struct RangeBound {
    bool lower = true;
    bool infinite = true;
    bool inclusive = false;
    std::string text{};  // PostgreSQL's output text of the element, unquoted; "" when infinite
};

struct Range {
    bool empty = false;
    RangeBound lower{.lower = true};
    RangeBound upper{.lower = false};
};

/// Reads PostgreSQL's input text of a range of this kind. Fails with 22P02 `malformed range
/// literal: "x"`, 22000 for bounds in the wrong order, and the errors of the bounds' type.
Result<Range> parse_range(TypeKind kind, std::string_view text);

/// Brings a range whose bounds are texts of the element type into its canonical form.
Result<Range> canonical_range(TypeKind kind, Range range);

/// Reads a stored range. Nothing for what is none (a damaged row).
std::optional<Range> read_range(std::string_view stored);

/// The stored form, which is PostgreSQL's output text.
std::string print_range(const Range& range);

/// Orders two bounds of ranges of one kind: negative, zero, positive.
int compare_bounds(const RangeBound& left, const RangeBound& right);

/// Orders two ranges as PostgreSQL does: empty first, then by lower, then by upper bound.
int compare_ranges(const Range& left, const Range& right);
/// The same of stored texts; what is no range comes last, by its bytes: a total order on any text.
int compare_stored_ranges(std::string_view left, std::string_view right);

/// Whether the range holds an element in its stored form.
bool range_contains(const Range& range, const Value& element);

}  // namespace dunlin
