#include <fmt/format.h>

#include <boost/json/serialize.hpp>
#include <cmath>

#include "core/codec.h"
#include "core/codec_parts.h"

namespace dunlin::codec {

namespace json = boost::json;

namespace {

bool is_integer_kind(TypeKind kind) {
    return kind == TypeKind::Int2 || kind == TypeKind::Int4 || kind == TypeKind::Int8;
}

/// The text of a double as the client most likely wrote it.
std::string double_text(const Type& type, double number) {
    constexpr double beyond_64_bits = 18'446'744'073'709'551'615.0;
    const bool whole = std::floor(number) == number;
    if (is_integer_kind(type.kind) && whole) {
        // Only a number written with a point or an exponent, or a huge one, arrives as a double.
        if (std::fabs(number) < beyond_64_bits) return fmt::format("{:.1f}", number);
        return fmt::format("{:.0f}", number);
    }
    return print_float8(number);
}

std::string number_text(const Type& type, const json::value& number) {
    if (number.is_int64()) return std::to_string(number.get_int64());
    if (number.is_uint64()) return std::to_string(number.get_uint64());
    return double_text(type, number.get_double());
}

Result<Value> from_string(const Type& type, std::string_view text) {
    if (text.contains('\0')) {
        return std::unexpected(sql_error("22P05", "unsupported Unicode escape sequence",
                                         "\\u0000 cannot be converted to text."));
    }
    return parse_text(type, text);
}

}  // namespace

Result<Value> from_json(const Type& type, const json::value& given) {
    if (given.is_null()) return Value();
    if (type.array) {
        if (given.is_string()) return from_string(type, given.get_string());
        if (given.is_array()) return array_from_json(type, json::serialize(given));
        return std::unexpected(sql_error("22P02", "expected JSON array"));
    }
    if (type.kind == TypeKind::Json || type.kind == TypeKind::Jsonb) {
        return parse_text(type, json::serialize(given));
    }
    switch (given.kind()) {
        case json::kind::string:
            return from_string(type, given.get_string());
        case json::kind::bool_:
            return parse_text(type, given.get_bool() ? "true" : "false");
        case json::kind::array:
        case json::kind::object:
            return parse_text(type, json::serialize(given));
        default:
            return parse_text(type, number_text(type, given));
    }
}

}  // namespace dunlin::codec
