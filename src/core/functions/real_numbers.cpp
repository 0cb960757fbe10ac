// Powers, roots and logarithms of double precision, signs, bits, random numbers.
#include <openssl/rand.h>

#include <cmath>
#include <numbers>
#include <numeric>

#include "core/functions/arguments.h"

namespace dunlin::functions {

namespace {

double real_of(const Value& value) {
    if (value.is_real()) return value.real();
    return value.is_integer() ? static_cast<double>(value.integer()) : 0;
}

std::unexpected<Error> refuse(std::string_view sqlstate, std::string message) {
    return std::unexpected(sql_error(sqlstate, std::move(message)));
}

/// Infinity comes from infinity only, and 0 from no other number that is too small.
Outcome checked(double result, bool from_infinity, bool may_be_zero) {
    if (std::isnan(result)) return refuse("0A000", "NaN is not supported on SQLite");
    if (std::isinf(result) && !from_infinity)
        return refuse("22003", "value out of range: overflow");
    if (result == 0 && !may_be_zero) return refuse("22003", "value out of range: underflow");
    return Value(result);
}

Outcome pg_power(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    const double base = real_of(a[0]), exponent = real_of(a[1]);
    if (base == 0 && exponent < 0)
        return refuse("2201F", "zero raised to a negative power is undefined");
    if (base < 0 && std::floor(exponent) != exponent && !std::isinf(base)) {
        return refuse("2201F",
                      "a negative number raised to a non-integer power yields a complex result");
    }
    const bool infinite = std::isinf(base) || std::isinf(exponent);
    return checked(std::pow(base, exponent), infinite, infinite || base == 0);
}

Outcome pg_sqrt(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    const double number = real_of(a[0]);
    if (number < 0) return refuse("2201F", "cannot take square root of a negative number");
    return Value(std::sqrt(number));
}

Outcome pg_cbrt(Arguments a, const FunctionContext&) {
    return any_null(a) ? Value() : Value(std::cbrt(real_of(a[0])));
}

Outcome pg_exp(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    const double number = real_of(a[0]);
    return checked(std::exp(number), std::isinf(number), std::isinf(number));
}

template <double (*logarithm)(double)>
Outcome log_of(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    const double number = real_of(a[0]);
    if (number == 0) return refuse("2201E", "cannot take logarithm of zero");
    if (number < 0) return refuse("2201E", "cannot take logarithm of a negative number");
    return Value(logarithm(number));
}

template <double (*function)(double)>
Outcome circular(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    if (std::isinf(real_of(a[0]))) return refuse("22003", "input is out of range");
    return Value(function(real_of(a[0])));
}

template <double (*function)(double)>
Outcome arc(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    const double result = function(real_of(a[0]));
    return std::isnan(result) ? refuse("22003", "input is out of range") : Outcome(Value(result));
}

Outcome pg_atan2(Arguments a, const FunctionContext&) {
    return any_null(a) ? Value() : Value(std::atan2(real_of(a[0]), real_of(a[1])));
}

Outcome pg_degrees(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    return checked(real_of(a[0]) / (std::numbers::pi / 180), std::isinf(real_of(a[0])), true);
}

Outcome pg_radians(Arguments a, const FunctionContext&) {
    return any_null(a) ? Value() : Value(real_of(a[0]) * (std::numbers::pi / 180));
}

Outcome pg_pi(Arguments, const FunctionContext&) {
    return Value(std::numbers::pi);
}

Outcome pg_sign(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    const double number = real_of(a[0]);
    return Value(number > 0 ? 1.0 : number < 0 ? -1.0 : 0.0);
}

/// Of a numeric, in its stored form.
Outcome pg_numeric_sign(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    const std::string_view text = text_of(a[0]);
    if (text == "NaN") return a[0];
    if (text.starts_with('-')) return Value("-1");
    const bool zero = text.find_first_not_of("0.") == text.npos;
    return Value(zero ? "0" : "1");
}

/// In [0, 1), of 53 random bits.
Outcome pg_random(Arguments, const FunctionContext&) {
    std::uint64_t bits = 0;
    if (RAND_bytes(reinterpret_cast<unsigned char*>(&bits), sizeof bits) != 1)
        return refuse("XX000", "no random numbers are to be had");
    return Value(static_cast<double>(bits >> 11) * 0x1p-53);
}

enum class Bits : std::uint8_t { And, Or, Xor };

template <Bits bits>
Outcome combine(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    const std::int64_t left = a[0].integer(), right = a[1].integer();
    return Value(bits == Bits::And ? left & right : bits == Bits::Or ? left | right : left ^ right);
}

Outcome pg_gcd(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min();
    if (a[0].integer() == least || a[1].integer() == least)
        return refuse("22003", "bigint out of range");
    return Value(std::gcd(a[0].integer(), a[1].integer()));
}

constexpr ScalarFunction entries[] = {
    {"pg_acos", 1, 1, true, arc<std::acos>},
    {"pg_asin", 1, 1, true, arc<std::asin>},
    {"pg_atan", 1, 1, true, arc<std::atan>},
    {"pg_atan2", 2, 2, true, pg_atan2},
    {"pg_bit_and", 2, 3, true, combine<Bits::And>},
    {"pg_bit_or", 2, 3, true, combine<Bits::Or>},
    {"pg_bit_xor", 2, 3, true, combine<Bits::Xor>},
    {"pg_cbrt", 1, 1, true, pg_cbrt},
    {"pg_cos", 1, 1, true, circular<std::cos>},
    {"pg_degrees", 1, 1, true, pg_degrees},
    {"pg_exp", 1, 1, true, pg_exp},
    {"pg_gcd", 2, 2, true, pg_gcd},
    {"pg_ln", 1, 1, true, log_of<std::log>},
    {"pg_log", 1, 1, true, log_of<std::log10>},
    {"pg_numeric_sign", 1, 1, true, pg_numeric_sign},
    {"pg_pi", 0, 0, true, pg_pi},
    {"pg_power", 2, 2, true, pg_power},
    {"pg_radians", 1, 1, true, pg_radians},
    {"pg_random", 0, 0, false, pg_random},
    {"pg_sign", 1, 1, true, pg_sign},
    {"pg_sin", 1, 1, true, circular<std::sin>},
    {"pg_sqrt", 1, 1, true, pg_sqrt},
    {"pg_tan", 1, 1, true, circular<std::tan>},
};

}  // namespace

std::span<const ScalarFunction> real_number_functions() {
    return entries;
}

}  // namespace dunlin::functions
