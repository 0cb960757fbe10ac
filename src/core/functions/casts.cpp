// Casts between any two types, by PostgreSQL's text forms where no shorter way is known.
#include <cmath>
#include <optional>

#include "core/codec.h"
#include "core/date_time.h"
#include "core/functions/arguments.h"
#include "core/functions/type_spec.h"

namespace dunlin::functions {

namespace {

bool is_integer(TypeKind kind) {
    return kind == TypeKind::Int2 || kind == TypeKind::Int4 || kind == TypeKind::Int8;
}

bool is_real(TypeKind kind) {
    return kind == TypeKind::Float4 || kind == TypeKind::Float8;
}

bool is_padded(const Type& type) {
    return type.kind == TypeKind::Char && !type.array;
}

/// NaN would be stored as NULL.
Outcome without_nan(Outcome value) {
    if (!value || !value->is_real() || !std::isnan(value->real())) return value;
    return std::unexpected(
        sql_error("0A000", "NaN of a floating-point type is not supported on SQLite"));
}

bool is_instant(TypeKind kind) {
    return kind == TypeKind::Timestamp || kind == TypeKind::TimestampTz;
}

/// Casts whose text form would be read differently: a time is cut from a timestamp, a number
/// rounded.
std::optional<Value> cast_directly(const Value& value, const Type& from, const Type& to) {
    if (from.array || to.array) return std::nullopt;
    if (is_instant(from.kind) && to.kind == TypeKind::Date)
        return Value(date_time::day_of(value.integer()));
    if (is_instant(from.kind) && to.kind == TypeKind::Time) {
        return Value(date_time::time_of_day(value.integer()));
    }
    if (is_instant(from.kind) && is_instant(to.kind)) return value;
    if (from.kind == TypeKind::Date && is_instant(to.kind)) {
        return Value(value.integer() * date_time::us_per_day);
    }
    if (from.kind == TypeKind::Interval && to.kind == TypeKind::Time) {
        const auto interval = date_time::parse_interval(text_of(value));
        return interval ? std::optional(Value(date_time::time_of_day(interval->us))) : std::nullopt;
    }
    if (from.kind == TypeKind::Bool && to.kind == TypeKind::Text)
        return Value(value.integer() != 0 ? "true" : "false");
    if (from.kind == TypeKind::Bool && is_integer(to.kind)) return value;
    if (is_integer(from.kind) && to.kind == TypeKind::Bool)
        return Value::boolean(value.integer() != 0);
    if (is_integer(from.kind) && is_real(to.kind))
        return Value(static_cast<double>(value.integer()));
    return std::nullopt;
}

constexpr double integer_limit = 9.2e18;  // a little below what a bigint holds
constexpr const char* too_large = "99999999999999999999";

/// The text that is read as `to`: whole numbers are rounded, half to even from float, away from
/// zero from numeric.
std::string text_between(const Value& value, const Type& from, const Type& to) {
    if (is_real(from.kind) && is_integer(to.kind)) {
        if (std::fabs(value.real()) >= integer_limit) return too_large;
        return std::to_string(static_cast<std::int64_t>(std::nearbyint(value.real())));
    }
    if (is_padded(from)) {
        std::string text = codec::to_text(from, value);
        text.resize(text.find_last_not_of(' ') + 1);
        return text;
    }
    if (from.kind == TypeKind::Numeric && is_integer(to.kind)) {
        const auto rounded = codec::parse_text(
            {.kind = TypeKind::Numeric, .precision = 38, .scale = 0}, value.text());
        if (rounded) return rounded->text();
    }
    return codec::to_text(from, value);
}

/// Only an explicit cast cuts what is too long.
enum class Long : std::uint8_t { Cut, Refuse };

void cut(std::string& text, int length_max) {
    std::size_t bytes = 0;
    int characters = 0;
    for (; bytes < text.size(); ++bytes) {
        const bool starts = (static_cast<unsigned char>(text[bytes]) & 0xC0) != 0x80;
        if (starts && characters++ == length_max) break;
    }
    text.resize(bytes);
}

template <Long form>
Outcome convert(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    const Type from = parse_type_spec(text_of(a[1]));
    const Type to = parse_type_spec(text_of(a[2]));
    if (auto direct = cast_directly(a[0], from, to)) return std::move(*direct);
    std::string text = text_between(a[0], from, to);
    const bool bounded = (to.kind == TypeKind::Varchar || to.kind == TypeKind::Char) &&
                         to.length_max > 0 && !to.array;
    if (form == Long::Cut && bounded) cut(text, to.length_max);
    return without_nan(codec::parse_text(to, text));
}

constexpr ScalarFunction entries[] = {
    {"pg_assign", 3, 3, true, convert<Long::Refuse>},
    {"pg_cast", 3, 3, true, convert<Long::Cut>},
};

}  // namespace

std::span<const ScalarFunction> cast_functions() {
    return entries;
}

}  // namespace dunlin::functions
