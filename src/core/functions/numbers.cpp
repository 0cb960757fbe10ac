// Arithmetic with PostgreSQL's errors: integers overflow loudly, numeric is exact.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "core/codec.h"
#include "core/functions/arguments.h"

namespace dunlin::functions {

namespace {

std::unexpected<Error> division_by_zero() {
    return std::unexpected(sql_error("22012", "division by zero"));
}

/// The result of an operation whose optional third argument says how many bytes its type has.
Outcome whole(std::int64_t result, bool overflow, Arguments a) {
    const std::int64_t bytes = a.size() > 2 ? a[2].integer() : 8;
    if (bytes == 2 && (result < INT16_MIN || result > INT16_MAX)) overflow = true;
    if (bytes == 4 && (result < INT32_MIN || result > INT32_MAX)) overflow = true;
    if (!overflow) return Value(result);
    const char* type = bytes == 2 ? "smallint" : bytes == 4 ? "integer" : "bigint";
    return std::unexpected(sql_error("22003", std::string(type) + " out of range"));
}

Outcome pg_div(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    if (a[1].integer() == 0) return division_by_zero();
    if (a[0].integer() == std::numeric_limits<std::int64_t>::min() && a[1].integer() == -1)
        return whole(0, true, a);
    return whole(a[0].integer() / a[1].integer(), false, a);
}

Outcome pg_mod(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    if (a[1].integer() == 0) return division_by_zero();
    return Value(a[1].integer() == -1 ? std::int64_t{0} : a[0].integer() % a[1].integer());
}

enum class Operation : std::uint8_t { Add, Subtract, Multiply };

template <Operation operation>
Outcome integer(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    const long long left = a[0].integer(), right = a[1].integer();
    long long result = 0;
    bool overflow = false;
    if constexpr (operation == Operation::Add)
        overflow = __builtin_add_overflow(left, right, &result);
    if constexpr (operation == Operation::Subtract)
        overflow = __builtin_sub_overflow(left, right, &result);
    if constexpr (operation == Operation::Multiply)
        overflow = __builtin_mul_overflow(left, right, &result);
    return whole(result, overflow, a);
}

double real_of(const Value& value) {
    return value.is_real() ? value.real()
                           : static_cast<double>(value.is_integer() ? value.integer() : 0);
}

/// As `whole`, for floating-point numbers: infinity comes from infinity only.
Outcome real(double result, Arguments a) {
    const bool narrow = a.size() > 2 && a[2].integer() == 4;
    if (narrow) result = static_cast<double>(static_cast<float>(result));
    const bool infinite = std::isinf(real_of(a[0])) || std::isinf(real_of(a[1]));
    if (std::isnan(result))
        return std::unexpected(sql_error("0A000", "NaN is not supported on SQLite"));
    if (std::isinf(result) && !infinite)
        return std::unexpected(sql_error("22003", "value out of range: overflow"));
    return Value(result);
}

template <Operation operation>
Outcome real_operation(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    const double left = real_of(a[0]), right = real_of(a[1]);
    if constexpr (operation == Operation::Add) return real(left + right, a);
    if constexpr (operation == Operation::Subtract) return real(left - right, a);
    return real(left * right, a);
}

Outcome pg_real_div(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    if (real_of(a[1]) == 0) return division_by_zero();
    return real(real_of(a[0]) / real_of(a[1]), a);
}

/// A decimal as an integer and a scale: up to 38 digits, exact.
struct Decimal {
    __int128 digits = 0;
    int scale = 0;
};

constexpr __int128 digits_limit =
    static_cast<__int128>(1'000'000'000'000'000'000) * 1'000'000'000'000'000'000;

std::unexpected<Error> too_many_digits() {
    return std::unexpected(
        sql_error("22003", "numeric field overflow", "", "At most 36 digits are computed with."));
}

bool fits(__int128 digits) {
    return digits < digits_limit && digits > -digits_limit;
}

Result<Decimal> decimal_of(const Value& value) {
    std::string text =
        value.is_integer() ? std::to_string(value.integer()) : std::string(text_of(value));
    Decimal decimal;
    bool negative = false, fraction = false;
    for (const char c : text) {
        if (c == '-')
            negative = true;
        else if (c == '.')
            fraction = true;
        else if (c >= '0' && c <= '9') {
            decimal.digits = decimal.digits * 10 + (c - '0');
            decimal.scale += fraction ? 1 : 0;
            if (!fits(decimal.digits)) return too_many_digits();
        } else if (c != '+') {
            return std::unexpected(sql_error("22003", "cannot compute with " + text));
        }
    }
    if (negative) decimal.digits = -decimal.digits;
    return decimal;
}

std::string print(const Decimal& decimal) {
    const bool negative = decimal.digits < 0;
    __int128 left = negative ? -decimal.digits : decimal.digits;
    std::string reversed;
    for (int i = 0; left > 0 || i <= decimal.scale; ++i) {
        if (i == decimal.scale && i > 0) reversed.push_back('.');
        reversed.push_back(static_cast<char>('0' + static_cast<int>(left % 10)));
        left /= 10;
    }
    if (negative) reversed.push_back('-');
    return {reversed.rbegin(), reversed.rend()};
}

bool rescale(Decimal& decimal, int scale) {
    for (; decimal.scale < scale; ++decimal.scale) {
        decimal.digits *= 10;
        if (!fits(decimal.digits)) return false;
    }
    return true;
}

/// Rounds half away from zero, as PostgreSQL does.
void round_to(Decimal& decimal, int scale) {
    while (decimal.scale > scale) {
        const bool last = decimal.scale - 1 == scale;
        const __int128 half = last ? (decimal.digits < 0 ? -5 : 5) : 0;
        decimal.digits = (decimal.digits + half) / 10;
        --decimal.scale;
    }
}

template <Operation operation>
Outcome decimal(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    auto left = decimal_of(a[0]);
    auto right = decimal_of(a[1]);
    if (!left) return std::unexpected(left.error());
    if (!right) return std::unexpected(right.error());
    Decimal result;
    if constexpr (operation == Operation::Multiply) {
        if (__builtin_mul_overflow(left->digits, right->digits, &result.digits))
            return too_many_digits();
        result.scale = left->scale + right->scale;
    } else {
        const int scale = std::max(left->scale, right->scale);
        if (!rescale(*left, scale) || !rescale(*right, scale)) return too_many_digits();
        result.scale = scale;
        result.digits = operation == Operation::Add ? left->digits + right->digits
                                                    : left->digits - right->digits;
    }
    if (!fits(result.digits)) return too_many_digits();
    return Value(print(result));
}

/// The highest group of four digits and how many groups stand between it and the point.
struct Leading {
    int weight = 0;
    __int128 group = 0;
};

Leading leading_of(const Decimal& decimal) {
    __int128 digits = decimal.digits < 0 ? -decimal.digits : decimal.digits;
    if (digits == 0) return {};
    int count = 0;
    for (__int128 left = digits; left > 0; left /= 10) ++count;
    const int exponent = count - 1 - decimal.scale;
    const int weight = exponent >= 0 ? exponent / 4 : -((3 - exponent) / 4);
    int shift = decimal.scale + weight * 4;
    for (; shift > 0; --shift) digits /= 10;
    for (; shift < 0; ++shift) digits *= 10;
    return {weight, digits};
}

/// Digits after the point of a quotient, as select_div_scale() of PostgreSQL's numeric.c has it: at
/// least 16 significant ones.
int quotient_scale(const Decimal& left, const Decimal& right) {
    const Leading over = leading_of(left), under = leading_of(right);
    const int weight = over.weight - under.weight - (over.group <= under.group ? 1 : 0);
    return std::max({16 - weight * 4, left.scale, right.scale, 0});
}

Outcome pg_numeric_div(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    const auto left = decimal_of(a[0]);
    const auto right = decimal_of(a[1]);
    if (!left) return std::unexpected(left.error());
    if (!right) return std::unexpected(right.error());
    if (right->digits == 0) return division_by_zero();
    const __int128 over = left->digits < 0 ? -left->digits : left->digits;
    const __int128 under = right->digits < 0 ? -right->digits : right->digits;
    Decimal result{over / under, quotient_scale(*left, *right)};
    __int128 rest = over % under;
    for (int i = result.scale + right->scale - left->scale; i > 0; --i) {
        rest *= 10;
        result.digits = result.digits * 10 + rest / under;
        rest %= under;
        if (!fits(result.digits)) return too_many_digits();
    }
    if (rest >= under - rest) ++result.digits;
    if ((left->digits < 0) != (right->digits < 0)) result.digits = -result.digits;
    return Value(print(result));
}

Outcome pg_numeric_mod(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    auto left = decimal_of(a[0]);
    auto right = decimal_of(a[1]);
    if (!left) return std::unexpected(left.error());
    if (!right) return std::unexpected(right.error());
    if (right->digits == 0) return division_by_zero();
    const int scale = std::max(left->scale, right->scale);
    if (!rescale(*left, scale) || !rescale(*right, scale)) return too_many_digits();
    return Value(print({left->digits % right->digits, scale}));
}

/// div(): the quotient without what is behind its point.
Outcome pg_numeric_quotient(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    auto left = decimal_of(a[0]);
    auto right = decimal_of(a[1]);
    if (!left) return std::unexpected(left.error());
    if (!right) return std::unexpected(right.error());
    if (right->digits == 0) return division_by_zero();
    const int scale = std::max(left->scale, right->scale);
    if (!rescale(*left, scale) || !rescale(*right, scale)) return too_many_digits();
    return Value(print({left->digits / right->digits, 0}));
}

enum class Rounding : std::uint8_t { Nearest, Truncate, Up, Down };

/// To as many digits after the point as the second argument says; below zero, before it.
template <Rounding rounding>
Outcome round_decimal(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    auto number = decimal_of(a[0]);
    if (!number) return std::unexpected(number.error());
    const int scale =
        a.size() > 1 ? static_cast<int>(std::clamp<std::int64_t>(a[1].integer(), -40, 30)) : 0;
    bool lost = false;
    if constexpr (rounding == Rounding::Nearest) round_to(*number, scale);
    for (; number->scale > scale; --number->scale) {
        lost = lost || number->digits % 10 != 0;
        number->digits /= 10;
    }
    const bool negative = text_of(a[0]).starts_with('-');
    if (rounding == Rounding::Up && lost && !negative) ++number->digits;
    if (rounding == Rounding::Down && lost && negative) --number->digits;
    if (!rescale(*number, std::max(scale, 0))) return too_many_digits();
    return Value(print(*number));
}

/// Half to even, as the processor does.
Outcome pg_round(Arguments a, const FunctionContext&) {
    return any_null(a) ? Value() : Value(std::nearbyint(real_of(a[0])));
}

Outcome pg_trunc(Arguments a, const FunctionContext&) {
    return any_null(a) ? Value() : Value(std::trunc(real_of(a[0])));
}

Outcome pg_abs(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    if (a[0].is_real()) return Value(std::fabs(a[0].real()));
    if (a[0].is_text())
        return Value(a[0].text().starts_with('-') ? a[0].text().substr(1) : a[0].text());
    if (a[0].integer() == std::numeric_limits<std::int64_t>::min()) {
        return std::unexpected(sql_error("22003", "bigint out of range"));
    }
    return Value(a[0].integer() < 0 ? -a[0].integer() : a[0].integer());
}

Outcome pg_ceil(Arguments a, const FunctionContext&) {
    return any_null(a) ? Value() : Value(std::ceil(real_of(a[0])));
}

Outcome pg_floor(Arguments a, const FunctionContext&) {
    return any_null(a) ? Value() : Value(std::floor(real_of(a[0])));
}

constexpr ScalarFunction entries[] = {
    {"pg_abs", 1, 1, true, pg_abs},
    {"pg_add", 2, 3, true, integer<Operation::Add>},
    {"pg_ceil", 1, 1, true, pg_ceil},
    {"pg_div", 2, 3, true, pg_div},
    {"pg_floor", 1, 1, true, pg_floor},
    {"pg_mod", 2, 3, true, pg_mod},
    {"pg_mul", 2, 3, true, integer<Operation::Multiply>},
    {"pg_numeric_add", 2, 2, true, decimal<Operation::Add>},
    {"pg_numeric_ceil", 1, 1, true, round_decimal<Rounding::Up>},
    {"pg_numeric_div", 2, 2, true, pg_numeric_div},
    {"pg_numeric_floor", 1, 1, true, round_decimal<Rounding::Down>},
    {"pg_numeric_mod", 2, 2, true, pg_numeric_mod},
    {"pg_numeric_mul", 2, 2, true, decimal<Operation::Multiply>},
    {"pg_numeric_quotient", 2, 2, true, pg_numeric_quotient},
    {"pg_numeric_round", 1, 2, true, round_decimal<Rounding::Nearest>},
    {"pg_numeric_sub", 2, 2, true, decimal<Operation::Subtract>},
    {"pg_numeric_trunc", 1, 2, true, round_decimal<Rounding::Truncate>},
    {"pg_real_add", 2, 3, true, real_operation<Operation::Add>},
    {"pg_real_div", 2, 3, true, pg_real_div},
    {"pg_real_mul", 2, 3, true, real_operation<Operation::Multiply>},
    {"pg_real_sub", 2, 3, true, real_operation<Operation::Subtract>},
    {"pg_round", 1, 1, true, pg_round},
    {"pg_sub", 2, 3, true, integer<Operation::Subtract>},
    {"pg_trunc", 1, 1, true, pg_trunc},
};

}  // namespace

std::span<const ScalarFunction> number_functions() {
    return entries;
}

}  // namespace dunlin::functions
