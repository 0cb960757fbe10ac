// Arrays in their stored form, JSON text of the elements, and choices among several values.
#include <boost/json/parse.hpp>
#include <optional>

#include "core/codec.h"
#include "core/functions/arguments.h"
#include "core/functions/type_spec.h"

namespace dunlin::functions {

namespace json = boost::json;

namespace {

Result<json::array> elements_of(const Value& array) {
    boost::system::error_code failure;
    auto parsed = json::parse(text_of(array), failure);
    if (failure || !parsed.is_array()) {
        return std::unexpected(sql_error("22P02", "malformed array literal"));
    }
    return std::move(parsed.get_array());
}

/// `value = any(array)` with SQL's NULL: true when found, NULL when an element is NULL, else false.
Outcome pg_array_any(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    const auto elements = elements_of(a[1]);
    if (!elements) return std::unexpected(elements.error());
    const Type type = parse_type_spec(text_of(a[2]));
    bool has_null = false;
    for (const auto& element : *elements) {
        const auto value = codec::from_json(type, element);
        if (!value) return std::unexpected(value.error());
        if (value->is_null())
            has_null = true;
        else if (codec::compare(type, *value, a[0]) == 0)
            return Value::boolean(true);
    }
    return has_null ? Value() : Value::boolean(false);
}

bool has(const json::array& array, const json::value& wanted) {
    for (const auto& element : array) {
        if (!element.is_null() && element == wanted) return true;
    }
    return false;
}

Outcome pg_array_contains(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    const auto whole = elements_of(a[0]);
    const auto part = elements_of(a[1]);
    if (!whole) return std::unexpected(whole.error());
    if (!part) return std::unexpected(part.error());
    for (const auto& element : *part) {
        if (!has(*whole, element)) return Value::boolean(false);
    }
    return Value::boolean(true);
}

Outcome pg_array_overlap(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    const auto left = elements_of(a[0]);
    const auto right = elements_of(a[1]);
    if (!left) return std::unexpected(left.error());
    if (!right) return std::unexpected(right.error());
    for (const auto& element : *right) {
        if (has(*left, element)) return Value::boolean(true);
    }
    return Value::boolean(false);
}

Outcome pg_cardinality(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    const auto elements = elements_of(a[0]);
    if (!elements) return std::unexpected(elements.error());
    return Value(static_cast<std::int64_t>(elements->size()));
}

/// array_length(): NULL for an empty array; only the first dimension.
Outcome pg_array_length(Arguments a, const FunctionContext& context) {
    if (any_null(a) || a[1].integer() != 1) return Value();
    auto count = pg_cardinality(a.first(1), context);
    if (count && !count->is_null() && count->integer() == 0) return Value();
    return count;
}

/// `array[...]` from elements, each of the type in the first argument.
Outcome pg_array_build(Arguments a, const FunctionContext&) {
    const Type type = parse_type_spec(text_of(a[0]));
    std::string out = "[";
    for (const Value& element : a.subspan(1)) {
        if (out.size() > 1) out += ",";
        codec::write_json(type, element, out);
    }
    return Value(out + "]");
}

enum class Pick : std::uint8_t { Least, Greatest };

/// greatest() and least(): NULL counts as nothing; the values are of the type in the first
/// argument.
template <Pick pick>
Outcome pick_value(Arguments a, const FunctionContext&) {
    const Type type = parse_type_spec(text_of(a[0]));
    const Value* best = nullptr;
    for (const Value& value : a.subspan(1)) {
        if (value.is_null()) continue;
        const int order = best == nullptr ? 0 : codec::compare(type, value, *best);
        if (best == nullptr || (pick == Pick::Greatest ? order > 0 : order < 0)) best = &value;
    }
    return best == nullptr ? Value() : *best;
}

/// The value of a subquery that may give one row: how many there were, and the value.
Outcome pg_single(Arguments a, const FunctionContext&) {
    if (a[0].integer() <= 1) return a[1];
    return std::unexpected(
        sql_error("21000", "more than one row returned by a subquery used as an expression"));
}

constexpr int elements_most = 100;

constexpr ScalarFunction arrays_entries[] = {
    {"pg_array_any", 3, 3, true, pg_array_any},
    {"pg_array_build", 1, elements_most, true, pg_array_build},
    {"pg_array_contains", 2, 2, true, pg_array_contains},
    {"pg_array_length", 2, 2, true, pg_array_length},
    {"pg_array_overlap", 2, 2, true, pg_array_overlap},
    {"pg_cardinality", 1, 1, true, pg_cardinality},
    {"pg_greatest", 1, elements_most, true, pick_value<Pick::Greatest>},
    {"pg_single", 2, 2, true, pg_single},
    {"pg_least", 1, elements_most, true, pick_value<Pick::Least>},
};

}  // namespace

std::span<const ScalarFunction> array_functions() {
    return arrays_entries;
}

}  // namespace dunlin::functions
