#include <charconv>
#include <iterator>

#include "core/codec.h"
#include "core/codec_json_tree.h"
#include "core/codec_parts.h"
#include "core/date_time.h"

namespace dunlin::codec {

namespace {

bool is_time_kind(TypeKind kind) {
    return kind == TypeKind::Date || kind == TypeKind::Time || kind == TypeKind::Timestamp ||
           kind == TypeKind::TimestampTz;
}

void print_time_kind(TypeKind kind, std::int64_t number, char separator, std::string_view zone,
                     std::string& out) {
    switch (kind) {
        case TypeKind::Date:
            date_time::print_date(number, out);
            return;
        case TypeKind::Time:
            date_time::print_time(number, out);
            return;
        default:
            break;
    }
    date_time::print_timestamp(number, separator, out);
    if (kind == TypeKind::TimestampTz) out += zone;
}

/// By storage class alone. A value of another class than its type's (a SUM of integers shown as
/// numeric) prints as it is.
std::string plain_text(const Type& type, ValueView value) {
    if (value.is_integer()) return std::to_string(value.integer());
    if (value.is_real()) {
        return type.kind == TypeKind::Float4 ? print_float4(static_cast<float>(value.real()))
                                             : print_float8(value.real());
    }
    if (value.is_blob()) return print_bytea(value.bytes());
    return value.is_text() ? std::string(value.text()) : std::string();
}

void append_integer(std::int64_t number, std::string& out) {
    char digits[20];
    const auto end = std::to_chars(std::begin(digits), std::end(digits), number).ptr;
    out.append(digits, static_cast<std::size_t>(end - digits));
}

bool prints_as_number(const Type& type) {
    switch (type.kind) {
        case TypeKind::Int2:
        case TypeKind::Int4:
        case TypeKind::Int8:
        case TypeKind::Float4:
        case TypeKind::Float8:
        case TypeKind::Numeric:
            return true;
        default:
            return false;
    }
}

/// False for NaN, Infinity and what a damaged row may hold: these go in quotes.
bool is_json_number(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789.e+-") == text.npos;
}

}  // namespace

std::string to_text(const Type& type, const Value& value) {
    if (value.is_null()) return {};
    if (type.array && value.is_text()) return array_to_text(type, value.text());
    if (!type.array && value.is_integer()) {
        if (type.kind == TypeKind::Bool) return value.integer() != 0 ? "t" : "f";
        if (is_time_kind(type.kind)) {
            std::string out;
            print_time_kind(type.kind, value.integer(), ' ', "+00", out);
            return out;
        }
    }
    return plain_text(type, value);
}

void write_json(const Type& type, ValueView value, std::string& out) {
    if (value.is_null()) {
        out += "null";
        return;
    }
    const bool number = prints_as_number(type);
    if (value.is_text()) {
        const bool json = type.kind == TypeKind::Json || type.kind == TypeKind::Jsonb;
        const bool bare = type.array || json || (number && is_json_number(value.text()));
        if (bare)  // arrays are stored as JSON
            out += value.text();
        else
            write_json_string(value.text(), out);
        return;
    }
    if (!type.array && value.is_integer()) {
        if (type.kind == TypeKind::Bool) {
            out += value.integer() != 0 ? "true" : "false";
            return;
        }
        if (is_time_kind(type.kind)) {
            out.push_back('"');
            print_time_kind(type.kind, value.integer(), 'T', "+00:00", out);
            out.push_back('"');
            return;
        }
        if (number) return append_integer(value.integer(), out);
    }
    const std::string text = plain_text(type, value);
    if (number && is_json_number(text))
        out += text;
    else
        write_json_string(text, out);
}

}  // namespace dunlin::codec
