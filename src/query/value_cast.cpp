#include "query/value_cast.h"

#include <fmt/format.h>

#include <cmath>

#include "core/codec.h"
#include "core/date_time.h"
#include "query/sql_builder.h"

namespace dunlin::query {

namespace {

bool is_integer(const Type& type) {
    return !type.array && (type.kind == TypeKind::Int2 || type.kind == TypeKind::Int4 ||
                           type.kind == TypeKind::Int8);
}

bool is_instant(const Type& type) {
    return !type.array && (type.kind == TypeKind::Timestamp || type.kind == TypeKind::TimestampTz);
}

/// The text that `to` reads: fractions are rounded on the way to an integer, a boolean is 1 or 0.
std::string text_for(const Type& from, const Type& to, const Value& value) {
    if (is_integer(to) && from.kind == TypeKind::Bool && !from.array) {
        return codec::to_text(Type{TypeKind::Int4}, value);
    }
    if (is_integer(to) && value.is_real() && std::isfinite(value.real())) {
        return fmt::format("{:.0f}", std::nearbyint(value.real()));  // half to even, as PostgreSQL
    }
    std::string text = codec::to_text(from, value);
    if (is_integer(to) && from.kind == TypeKind::Numeric && !from.array) {
        const Type whole{.kind = TypeKind::Numeric, .precision = 1000, .scale = 0};
        const auto rounded = codec::parse_text(whole, text);
        if (rounded) return codec::to_text(whole, *rounded);
    }
    return text;
}

}  // namespace

Result<Type> cast_type(std::string_view name) {
    Type type;
    std::string_view element = name;
    if (element.ends_with("[]")) {
        type.array = true;
        element.remove_suffix(2);
    }
    if (!type_kind_from_name(element, type.kind)) {
        return std::unexpected(sql_error("42704", fmt::format("type \"{}\" does not exist", name)));
    }
    return type;
}

Result<Value> cast_value(const Type& from, const Type& to, const Value& value) {
    if (value.is_null() || from == to) return value;
    if (is_instant(from) && is_instant(to)) return value;
    if (is_instant(from) && to.kind == TypeKind::Time && !to.array && value.is_integer()) {
        return Value(date_time::time_of_day(value.integer()));
    }
    return codec::parse_text(to, text_for(from, to, value));
}

}  // namespace dunlin::query
