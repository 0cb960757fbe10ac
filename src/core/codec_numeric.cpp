#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "core/codec_parts.h"

namespace dunlin::codec {

namespace {

constexpr long integer_digits_max = 131'072;  // PostgreSQL's bounds of numeric
constexpr long fraction_digits_max = 16'383;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/// A decimal: sign, digits before and behind the point.
struct Decimal {
    bool negative = false;
    std::string integer{};  // no leading zeros; "" for zero
    std::string fraction{};
};

std::string_view take_digits(std::string_view& text) {
    std::size_t n = 0;
    while (n < text.size() && is_digit(text[n])) ++n;
    const auto digits = text.substr(0, n);
    text.remove_prefix(n);
    return digits;
}

/// `e+5` at the head of `text`. Big exponents are cut: they are out of range either way.
bool take_exponent(std::string_view& text, long& exponent) {
    if (text.empty() || (text[0] != 'e' && text[0] != 'E')) return true;
    text.remove_prefix(1);
    const bool negative = text.starts_with('-');
    if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
    const auto digits = take_digits(text);
    if (digits.empty()) return false;
    for (const char c : digits) exponent = std::min(exponent * 10 + (c - '0'), 1'000'000L);
    if (negative) exponent = -exponent;
    return true;
}

Error overflow() {
    return sql_error("22003", "value overflows numeric format");
}

/// Moves the point by `exponent` places. Fails when the result has more digits than numeric holds.
bool shift_point(Decimal& decimal, long exponent) {
    const bool zero = decimal.integer.find_first_not_of('0') == std::string::npos &&
                      decimal.fraction.find_first_not_of('0') == std::string::npos;
    if (zero && exponent > 0) exponent = 0;
    if (exponent > integer_digits_max || exponent < -fraction_digits_max * 2) return false;
    const auto places = static_cast<std::size_t>(std::labs(exponent));
    std::string& integer = decimal.integer;
    std::string& fraction = decimal.fraction;
    if (exponent > 0) {
        if (fraction.size() < places) fraction.append(places - fraction.size(), '0');
        integer += fraction.substr(0, places);
        fraction.erase(0, places);
    } else if (exponent < 0) {
        if (integer.size() < places) integer.insert(0, places - integer.size(), '0');
        fraction.insert(0, integer.substr(integer.size() - places));
        integer.resize(integer.size() - places);
    }
    return true;
}

Result<Decimal> read_decimal(std::string_view given) {
    std::string_view text = trim(given);
    Decimal decimal;
    decimal.negative = text.starts_with('-');
    if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
    decimal.integer = take_digits(text);
    if (text.starts_with('.')) {
        text.remove_prefix(1);
        decimal.fraction = take_digits(text);
    }
    const bool empty = decimal.integer.empty() && decimal.fraction.empty();
    long exponent = 0;
    if (empty || !take_exponent(text, exponent) || !text.empty()) {
        return std::unexpected(invalid_syntax("numeric", given));
    }
    if (!shift_point(decimal, exponent)) return std::unexpected(overflow());
    decimal.integer.erase(0, decimal.integer.find_first_not_of('0'));
    const auto fraction_size = static_cast<long>(decimal.fraction.size());
    if (static_cast<long>(decimal.integer.size()) > integer_digits_max ||
        fraction_size > fraction_digits_max) {
        return std::unexpected(overflow());
    }
    return decimal;
}

/// Rounds half away from zero to `scale` digits behind the point, or pads with zeros.
void round_to(Decimal& decimal, std::size_t scale) {
    std::string& fraction = decimal.fraction;
    const bool up = fraction.size() > scale && fraction[scale] >= '5';
    fraction.resize(scale, '0');
    if (!up) return;
    std::string digits = decimal.integer + fraction;
    auto at = digits.rbegin();
    while (at != digits.rend() && *at == '9') *at++ = '0';
    if (at == digits.rend())
        digits.insert(0, 1, '1');
    else
        ++*at;
    fraction = digits.substr(digits.size() - scale);
    digits.resize(digits.size() - scale);
    decimal.integer = digits.substr(std::min(digits.size(), digits.find_first_not_of('0')));
}

std::string print(const Decimal& decimal) {
    const bool zero =
        decimal.integer.empty() && decimal.fraction.find_first_not_of('0') == std::string::npos;
    std::string out = decimal.negative && !zero ? "-" : "";
    out += decimal.integer.empty() ? "0" : decimal.integer;
    if (!decimal.fraction.empty()) out += "." + decimal.fraction;
    return out;
}

/// "NaN", "Infinity" or "-Infinity" for their spellings, else "".
std::string_view special_number(std::string_view text) {
    std::string word(trim(text));
    std::transform(word.begin(), word.end(), word.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    if (word == "nan") return "NaN";
    if (word == "infinity" || word == "inf" || word == "+infinity" || word == "+inf") {
        return "Infinity";
    }
    return word == "-infinity" || word == "-inf" ? "-Infinity" : "";
}

Error field_overflow(const Type& type, bool infinite) {
    const int scale = std::max(type.scale, 0);
    const std::string field =
        fmt::format("A field with precision {}, scale {} ", type.precision, scale);
    const int whole = type.precision - scale;
    return sql_error("22003", "numeric field overflow",
                     infinite
                         ? field + "cannot hold an infinite value."
                         : field + fmt::format("must round to an absolute value less than {}.",
                                               whole == 0 ? "1" : fmt::format("10^{}", whole)));
}

/// `-1.25` times ten to the exponent, without one.
std::string fixed_notation(std::string_view mantissa, int exponent) {
    std::string out;
    if (mantissa.starts_with('-')) {
        out.push_back('-');
        mantissa.remove_prefix(1);
    }
    std::string digits(mantissa.substr(0, 1));
    if (mantissa.size() > 2) digits += mantissa.substr(2);
    if (exponent < 0)
        return out.append("0.").append(static_cast<std::size_t>(-exponent - 1), '0') += digits;
    const auto whole = static_cast<std::size_t>(exponent) + 1;
    if (digits.size() <= whole) return out.append(digits).append(whole - digits.size(), '0');
    return out.append(digits, 0, whole).append(1, '.').append(digits, whole);
}

template <typename Float>
std::string print_float(Float number, int exponent_max) {
    if (std::isnan(number)) return "NaN";
    if (std::isinf(number)) return number < 0 ? "-Infinity" : "Infinity";
    char buffer[400];
    const auto scientific =
        std::to_chars(buffer, buffer + sizeof buffer, number, std::chars_format::scientific);
    const std::string_view text(buffer, static_cast<std::size_t>(scientific.ptr - buffer));
    int exponent = 0;
    const std::string_view digits = text.substr(text.find('e') + 1);
    std::from_chars(digits.data() + (digits.starts_with('+') ? 1 : 0),
                    digits.data() + digits.size(), exponent);
    if (exponent < -4 || exponent >= exponent_max) return std::string(text);
    return fixed_notation(text.substr(0, text.find('e')), exponent);
}

}  // namespace

Result<std::string> parse_numeric(const Type& type, std::string_view text) {
    if (const auto special = special_number(text); !special.empty()) {
        if (type.precision >= 0 && special != "NaN") {
            return std::unexpected(field_overflow(type, true));
        }
        return std::string(special);
    }
    auto decimal = read_decimal(text);
    if (!decimal) return std::unexpected(decimal.error());
    if (type.precision >= 0) {
        const auto scale = static_cast<std::size_t>(std::max(type.scale, 0));
        round_to(*decimal, scale);
        const auto whole = static_cast<std::size_t>(std::max(type.precision, 0));
        // Zeros behind the point use up precision when the scale is greater than the precision.
        const std::size_t digits =
            decimal->integer.empty()
                ? scale - std::min(scale, decimal->fraction.find_first_not_of('0'))
                : decimal->integer.size() + scale;
        if (digits > whole) return std::unexpected(field_overflow(type, false));
    }
    return print(*decimal);
}

// PostgreSQL prints fixed notation while the exponent is under 15 (float8) or 6 (float4) digits.
std::string print_float8(double number) {
    return print_float(number, 15);
}
std::string print_float4(float number) {
    return print_float(number, 6);
}

}  // namespace dunlin::codec
