#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "core/codec.h"
#include "core/codec_json_tree.h"
#include "core/codec_parts.h"
#include "core/date_time.h"
#include "core/full_text.h"
#include "core/network.h"
#include "core/range.h"

namespace dunlin::codec {

namespace {

std::string lower(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return out;
}

/// A unique beginning of true, false, yes, no, on, off, or 1 or 0.
Result<Value> parse_bool(std::string_view text) {
    const std::string word = lower(trim(text));
    const auto begins = [&](std::string_view whole, std::size_t least) {
        return word.size() >= least && whole.starts_with(word);
    };
    if (begins("true", 1) || begins("yes", 1) || word == "on" || word == "1") {
        return Value::boolean(true);
    }
    if (begins("false", 1) || begins("no", 1) || begins("off", 2) || word == "0") {
        return Value::boolean(false);
    }
    return std::unexpected(invalid_syntax("boolean", text));
}

Result<Value> parse_integer(const Type& type, std::int64_t min, std::int64_t max,
                            std::string_view text) {
    std::string_view digits = trim(text);
    if (digits.starts_with('+') && digits.substr(1, 1) != "-") digits.remove_prefix(1);
    std::int64_t number = 0;
    const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    const bool whole = result.ptr == digits.data() + digits.size();
    if (!whole || result.ec == std::errc::invalid_argument) {
        return std::unexpected(invalid_syntax(input_type_name(type), text));
    }
    if (result.ec != std::errc{} || number < min || number > max) {
        return std::unexpected(sql_error(
            "22003",
            fmt::format("value \"{}\" is out of range for type {}", text, input_type_name(type))));
    }
    return Value(number);
}

template <typename Float>
Result<Value> parse_float(const Type& type, std::string_view text) {
    std::string word = lower(trim(text));
    if (word.starts_with('+')) word.erase(0, 1);
    if (word == "nan") return Value(std::numeric_limits<double>::quiet_NaN());
    if (word == "infinity" || word == "inf") return Value(std::numeric_limits<double>::infinity());
    if (word == "-infinity" || word == "-inf") {
        return Value(-std::numeric_limits<double>::infinity());
    }
    const bool digits = !word.empty() && word.find_first_not_of("0123456789.e+-") == word.npos;
    Float number = 0;
    const auto result = std::from_chars(word.data(), word.data() + word.size(), number);
    if (!digits || result.ptr != word.data() + word.size() ||
        result.ec == std::errc::invalid_argument) {
        return std::unexpected(invalid_syntax(input_type_name(type), text));
    }
    if (result.ec != std::errc{}) {
        return std::unexpected(sql_error("22003", fmt::format("\"{}\" is out of range for type {}",
                                                              text, input_type_name(type))));
    }
    return Value(static_cast<double>(number));
}

/// The bytes of the first `count` characters.
std::size_t bytes_of(std::string_view text, std::size_t count) {
    std::size_t i = 0;
    for (; i < text.size(); ++i) {
        if ((static_cast<unsigned char>(text[i]) & 0xc0) == 0x80) continue;
        if (count-- == 0) break;
    }
    return i;
}

/// varchar(n) and char(n). Blanks beyond the length are dropped, as the standard asks.
Result<Value> parse_limited(const Type& type, std::string_view text) {
    const bool padded = type.kind == TypeKind::Char;
    if (!padded && type.length_max <= 0) return Value(text);
    const auto length = static_cast<std::size_t>(std::max(type.length_max, 1));
    const std::size_t characters = character_count(text);
    if (characters > length) {
        const std::size_t bytes = bytes_of(text, length);
        if (text.find_first_not_of(' ', bytes) != text.npos) {
            return std::unexpected(sql_error(
                "22001", fmt::format("value too long for type {}({})",
                                     padded ? "character" : "character varying", length)));
        }
        return Value(text.substr(0, bytes));
    }
    std::string out(text);
    if (padded) out.append(length - characters, ' ');
    return Value(std::move(out));
}

/// Hex digits in any case, braces around, a dash behind any group of four.
Result<Value> parse_uuid(std::string_view text) {
    std::string_view rest = text;
    const bool braces = rest.starts_with('{');
    if (braces) rest.remove_prefix(1);
    std::string out;
    for (int i = 0; i < 32; ++i) {
        const char c = rest.empty() ? '\0' : static_cast<char>(rest.front() | 0x20);
        const bool digit = !rest.empty() && rest.front() >= '0' && rest.front() <= '9';
        if (!digit && (c < 'a' || c > 'f')) return std::unexpected(invalid_syntax("uuid", text));
        out.push_back(digit ? rest.front() : c);
        if (i == 7 || i == 11 || i == 15 || i == 19) out.push_back('-');
        rest.remove_prefix(1);
        if (i % 4 == 3 && i < 31 && rest.starts_with('-')) rest.remove_prefix(1);
    }
    if (rest != (braces ? "}" : "")) return std::unexpected(invalid_syntax("uuid", text));
    return Value(std::move(out));
}

Result<Value> parse_enum(const Type& type, std::string_view text) {
    if (std::find(type.labels.begin(), type.labels.end(), text) == type.labels.end()) {
        return std::unexpected(sql_error(
            "22P02", fmt::format("invalid input value for enum {}: \"{}\"", type.enum_name, text)));
    }
    return Value(text);
}

Result<Value> parse_json(const Type& type, std::string_view text) {
    const bool canonical = type.kind == TypeKind::Jsonb;
    auto tree = parse_json_tree(text, canonical ? JsonEscapes::Decode : JsonEscapes::Check);
    if (!tree) return std::unexpected(tree.error());
    if (!canonical) return Value(text);
    const auto done = normalize_jsonb(*tree);
    if (!done) return std::unexpected(done.error());
    std::string out;
    print_jsonb(*tree, out);
    return Value(std::move(out));
}

Result<Value> parse_interval(std::string_view text) {
    const auto interval = date_time::parse_interval(text);
    if (!interval) return std::unexpected(interval.error());
    std::string out;
    date_time::print_interval(*interval, out);
    return Value(std::move(out));
}

template <typename T>
Result<Value> as_value(Result<T> result) {
    if (!result) return std::unexpected(result.error());
    return Value(std::move(*result));
}

}  // namespace

std::string input_type_name(const Type& type) {
    if (type.kind == TypeKind::Time) return "time";
    if (type.kind == TypeKind::Timestamp) return "timestamp";
    if (type.kind == TypeKind::Jsonb) return "json";
    if (type.kind == TypeKind::Enum) return type.enum_name;
    return sql_type_name(Type{type.kind});
}

Result<Value> parse_text(const Type& type, std::string_view text) {
    const auto valid = check_text(text);
    if (!valid) return std::unexpected(valid.error());
    if (type.array) return parse_array(type, text);
    using Limits16 = std::numeric_limits<std::int16_t>;
    using Limits32 = std::numeric_limits<std::int32_t>;
    using Limits64 = std::numeric_limits<std::int64_t>;
    switch (type.kind) {
        case TypeKind::Bool:
            return parse_bool(text);
        case TypeKind::Int2:
            return parse_integer(type, Limits16::min(), Limits16::max(), text);
        case TypeKind::Int4:
            return parse_integer(type, Limits32::min(), Limits32::max(), text);
        case TypeKind::Int8:
            return parse_integer(type, Limits64::min(), Limits64::max(), text);
        case TypeKind::Float4:
            return parse_float<float>(type, text);
        case TypeKind::Float8:
            return parse_float<double>(type, text);
        case TypeKind::Numeric:
            return as_value(parse_numeric(type, text));
        case TypeKind::Text:
            return Value(text);
        case TypeKind::Varchar:
        case TypeKind::Char:
            return parse_limited(type, text);
        case TypeKind::Uuid:
            return parse_uuid(text);
        case TypeKind::Date:
            return as_value(date_time::parse_date(text));
        case TypeKind::Time:
            return as_value(date_time::parse_time(text));
        case TypeKind::Timestamp:
            return as_value(date_time::parse_timestamp(text, date_time::Zone::Without));
        case TypeKind::TimestampTz:
            return as_value(date_time::parse_timestamp(text, date_time::Zone::With));
        case TypeKind::Interval:
            return parse_interval(text);
        case TypeKind::Json:
        case TypeKind::Jsonb:
            return parse_json(type, text);
        case TypeKind::Bytea:
            return parse_bytea(text);
        case TypeKind::Enum:
            return parse_enum(type, text);
        case TypeKind::Citext:
            return Value(text);
        case TypeKind::Inet:
        case TypeKind::Cidr:
            return as_value(parse_network(type.kind, text));
        case TypeKind::MacAddr:
            return as_value(parse_mac_address(text));
        case TypeKind::TsVector:
            return as_value(full_text::parse_vector(text));
        case TypeKind::TsQuery:
            return as_value(full_text::parse_query(text));
        case TypeKind::Int4Range:
        case TypeKind::Int8Range:
        case TypeKind::NumRange:
        case TypeKind::DateRange:
        case TypeKind::TsRange:
        case TypeKind::TstzRange: {
            const auto range = parse_range(type.kind, text);
            if (!range) return std::unexpected(range.error());
            return Value(print_range(*range));
        }
    }
    return std::unexpected(invalid_syntax(input_type_name(type), text));
}

}  // namespace dunlin::codec
