// Casts between any two types, by PostgreSQL's text forms where no shorter way is known.
#include <fmt/format.h>

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

Error out_of_range(const Type& to) {
    return sql_error("22003", sql_type_name(to) + " out of range");
}

/// A whole number that may be too large for `to`.
Outcome whole_number(const Type& to, const std::string& digits) {
    auto value = codec::parse_text(to, digits);
    if (!value) return std::unexpected(out_of_range(to));
    return value;
}

/// Rounded half to even.
Outcome real_to_integer(double value, const Type& to) {
    constexpr double bigint_limit = 0x1p63;
    const double rounded = std::nearbyint(value);
    // The negation refuses NaN too.
    if (!(rounded >= -bigint_limit && rounded < bigint_limit))
        return std::unexpected(out_of_range(to));
    return whole_number(to, std::to_string(static_cast<std::int64_t>(rounded)));
}

/// Rounded half away from zero.
Outcome numeric_to_integer(const std::string& text, const Type& to) {
    if (text == "NaN" || text.ends_with("Infinity")) {
        return std::unexpected(
            sql_error("0A000", fmt::format("cannot convert {} to {}",
                                           text == "NaN" ? "NaN" : "infinity", sql_type_name(to))));
    }
    const auto rounded =
        codec::parse_text({.kind = TypeKind::Numeric, .precision = 38, .scale = 0}, text);
    if (!rounded) return std::unexpected(out_of_range(to));
    return whole_number(to, rounded->text());
}

Outcome to_float4(double value) {
    const auto narrow = static_cast<double>(static_cast<float>(value));
    if (std::isinf(narrow) && !std::isinf(value))
        return std::unexpected(sql_error("22003", "value out of range: overflow"));
    if (narrow == 0 && value != 0)
        return std::unexpected(sql_error("22003", "value out of range: underflow"));
    return Value(narrow);
}

/// Casts from number to number, nothing for other types.
std::optional<Outcome> cast_number(const Value& value, const Type& from, const Type& to) {
    if (from.array || to.array) return std::nullopt;
    if (is_integer(from.kind) && is_integer(to.kind))
        return whole_number(to, std::to_string(value.integer()));
    if (is_real(from.kind) && is_integer(to.kind)) return real_to_integer(value.real(), to);
    if (is_real(from.kind) && to.kind == TypeKind::Float8) return value;
    if (is_real(from.kind) && to.kind == TypeKind::Float4) return to_float4(value.real());
    if (from.kind == TypeKind::Numeric && is_integer(to.kind))
        return numeric_to_integer(value.text(), to);
    return std::nullopt;
}

/// The text that is read as the other type.
std::string text_from(const Value& value, const Type& from) {
    if (!is_padded(from)) return codec::to_text(from, value);
    std::string text = codec::to_text(from, value);
    text.resize(text.find_last_not_of(' ') + 1);
    return text;
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
    if (auto number = cast_number(a[0], from, to)) return std::move(*number);
    std::string text = text_from(a[0], from);
    const bool bounded = (to.kind == TypeKind::Varchar || to.kind == TypeKind::Char) &&
                         to.length_max > 0 && !to.array;
    if (form == Long::Cut && bounded) cut(text, to.length_max);
    return without_nan(codec::parse_text(to, text));
}

constexpr ScalarFunction casts_entries[] = {
    {"pg_assign", 3, 3, true, convert<Long::Refuse>},
    {"pg_cast", 3, 3, true, convert<Long::Cut>},
};

}  // namespace

std::span<const ScalarFunction> cast_functions() {
    return casts_entries;
}

}  // namespace dunlin::functions
