#include "realtime/index_key.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <limits>
#include <string_view>
#include <system_error>

namespace dunlin::realtime {

namespace {

constexpr std::uint64_t sign_bit = std::uint64_t{1} << 63;
constexpr std::uint64_t null_key = 0x6E756C6CULL;

std::uint64_t order_of_integer(std::int64_t integer) {
    return static_cast<std::uint64_t>(integer) ^ sign_bit;
}

std::uint64_t order_of_real(double real) {
    if (std::isnan(real))
        return std::numeric_limits<std::uint64_t>::max();  // greatest, as in PostgreSQL
    const auto bits = std::bit_cast<std::uint64_t>(real == 0 ? 0.0 : real);  // -0 equals 0
    return (bits & sign_bit) != 0 ? ~bits : bits | sign_bit;
}

/// A numeric's decimal text, rounded to the nearest double: rounding keeps the order.
double real_of_decimal(std::string_view text) {
    double real = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), real);
    if (read.ec != std::errc::result_out_of_range) return real;
    const bool negative = text.starts_with('-');
    const std::string_view whole = text.substr(0, text.find('.'));
    const bool huge = whole.find_first_of("123456789") != std::string_view::npos;
    const double size = huge ? std::numeric_limits<double>::infinity() : 0.0;
    return negative ? -size : size;
}

double real_of_number(const Value& value) {
    if (value.is_real()) return value.real();
    if (value.is_integer()) return static_cast<double>(value.integer());
    return value.is_text() ? real_of_decimal(value.text()) : 0.0;
}

/// The first eight bytes as a number.
std::uint64_t order_of_text(std::string_view text) {
    std::uint64_t key = 0;
    for (std::size_t i = 0; i < 8; ++i) {
        key = key << 8 | (i < text.size() ? static_cast<unsigned char>(text[i]) : 0U);
    }
    return key;
}

std::string_view without_padding(std::string_view text) {
    return text.substr(0, text.find_last_not_of(' ') + 1);
}

bool is_fraction(TypeKind kind) {
    return kind == TypeKind::Numeric || kind == TypeKind::Float4 || kind == TypeKind::Float8;
}

bool can_be_keyed(const Type& type) {
    switch (type.kind) {
        case TypeKind::Json:
        case TypeKind::Jsonb:
        case TypeKind::Bytea:
            return false;
        default:
            break;
    }
    const bool by_bytes = collation_name(type).empty();
    return !type.array && (by_bytes || is_fraction(type.kind) || type.kind == TypeKind::Char);
}

}  // namespace

std::uint64_t mix_keys(std::uint64_t left, std::uint64_t right) {
    // The finaliser of SplitMix64 over a sum that tells (a, b) from (b, a).
    std::uint64_t mixed = left * 0x9E3779B97F4A7C15ULL + right + 0xD1B54A32D192ED03ULL;
    mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9ULL;
    mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBULL;
    return mixed ^ (mixed >> 31);
}

std::optional<std::uint64_t> equality_key(const Type& type, const Value& value) {
    if (!can_be_keyed(type)) return std::nullopt;
    if (value.is_null()) return null_key;
    if (is_fraction(type.kind)) return order_of_real(real_of_number(value));
    if (type.kind == TypeKind::Char && value.is_text()) {
        return Value(without_padding(value.text())).hash();
    }
    return value.hash();
}

std::optional<std::uint64_t> order_key(const Type& type, const Value& value) {
    if (!can_be_keyed(type) || value.is_null()) return std::nullopt;
    if (is_fraction(type.kind)) return order_of_real(real_of_number(value));
    switch (type.kind) {
        case TypeKind::Text:
        case TypeKind::Varchar:
        case TypeKind::Uuid:
            if (value.is_text()) return order_of_text(value.text());
            return std::nullopt;
        case TypeKind::Enum: {
            if (!value.is_text()) return std::nullopt;
            const auto label = std::ranges::find(type.labels, value.text());
            if (label == type.labels.end()) return std::nullopt;
            return static_cast<std::uint64_t>(label - type.labels.begin());
        }
        default:
            if (value.is_integer()) return order_of_integer(value.integer());
            return std::nullopt;
    }
}

}  // namespace dunlin::realtime
