// Arithmetic with PostgreSQL's errors: integers overflow loudly, numeric is exact.
#include <charconv>
#include <algorithm>
#include <cmath>
#include <limits>

#include "core/codec.h"
#include "core/functions/arguments.h"

namespace dunlin::functions {

namespace {

std::unexpected<Error> division_by_zero() {
    return std::unexpected(sql_error("22012", "division by zero"));
}

Outcome pg_div(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    if (a[1].integer() == 0) return division_by_zero();
    if (a[0].integer() == std::numeric_limits<std::int64_t>::min() && a[1].integer() == -1) {
        return std::unexpected(sql_error("22003", "bigint out of range"));
    }
    return Value(a[0].integer() / a[1].integer());
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
    if constexpr (operation == Operation::Add) overflow = __builtin_add_overflow(left, right, &result);
    if constexpr (operation == Operation::Subtract) overflow = __builtin_sub_overflow(left, right, &result);
    if constexpr (operation == Operation::Multiply) overflow = __builtin_mul_overflow(left, right, &result);
    if (overflow) return std::unexpected(sql_error("22003", "bigint out of range"));
    return Value(static_cast<std::int64_t>(result));
}

double real_of(const Value& value) {
    return value.is_real() ? value.real() : static_cast<double>(value.is_integer() ? value.integer() : 0);
}

Outcome pg_real_div(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    if (real_of(a[1]) == 0) return division_by_zero();
    return Value(real_of(a[0]) / real_of(a[1]));
}

/// A decimal as an integer and a scale: up to 38 digits, exact.
struct Decimal {
    __int128 digits = 0;
    int scale = 0;
};

constexpr __int128 digits_limit = static_cast<__int128>(1'000'000'000'000'000'000) * 1'000'000'000'000'000'000;
constexpr int division_scale = 16;  // as PostgreSQL gives for small numbers

std::unexpected<Error> too_many_digits() {
    return std::unexpected(sql_error("22003", "numeric field overflow", "", "At most 36 digits are computed with."));
}

bool fits(__int128 digits) { return digits < digits_limit && digits > -digits_limit; }

Result<Decimal> decimal_of(const Value& value) {
    std::string text = value.is_integer() ? std::to_string(value.integer()) : std::string(text_of(value));
    Decimal decimal;
    bool negative = false, fraction = false;
    for (const char c : text) {
        if (c == '-') negative = true;
        else if (c == '.') fraction = true;
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
        if (__builtin_mul_overflow(left->digits, right->digits, &result.digits)) return too_many_digits();
        result.scale = left->scale + right->scale;
    } else {
        const int scale = std::max(left->scale, right->scale);
        if (!rescale(*left, scale) || !rescale(*right, scale)) return too_many_digits();
        result.scale = scale;
        result.digits = operation == Operation::Add ? left->digits + right->digits : left->digits - right->digits;
    }
    if (!fits(result.digits)) return too_many_digits();
    return Value(print(result));
}

Outcome pg_numeric_div(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    auto left = decimal_of(a[0]);
    const auto right = decimal_of(a[1]);
    if (!left) return std::unexpected(left.error());
    if (!right) return std::unexpected(right.error());
    if (right->digits == 0) return division_by_zero();
    if (!rescale(*left, division_scale + right->scale + 1)) return too_many_digits();
    Decimal result{left->digits / right->digits, left->scale - right->scale};
    round_to(result, division_scale);
    return Value(print(result));
}

Outcome pg_numeric_round(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    auto number = decimal_of(a[0]);
    if (!number) return std::unexpected(number.error());
    const int scale = a.size() > 1 ? static_cast<int>(std::clamp<std::int64_t>(a[1].integer(), 0, 30)) : 0;
    round_to(*number, scale);
    if (!rescale(*number, scale)) return too_many_digits();
    return Value(print(*number));
}

Outcome pg_abs(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    if (a[0].is_real()) return Value(std::fabs(a[0].real()));
    if (a[0].is_text()) return Value(a[0].text().starts_with('-') ? a[0].text().substr(1) : a[0].text());
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
    {"pg_add", 2, 2, true, integer<Operation::Add>},
    {"pg_ceil", 1, 1, true, pg_ceil},
    {"pg_div", 2, 2, true, pg_div},
    {"pg_floor", 1, 1, true, pg_floor},
    {"pg_mod", 2, 2, true, pg_mod},
    {"pg_mul", 2, 2, true, integer<Operation::Multiply>},
    {"pg_numeric_add", 2, 2, true, decimal<Operation::Add>},
    {"pg_numeric_div", 2, 2, true, pg_numeric_div},
    {"pg_numeric_mul", 2, 2, true, decimal<Operation::Multiply>},
    {"pg_numeric_round", 1, 2, true, pg_numeric_round},
    {"pg_numeric_sub", 2, 2, true, decimal<Operation::Subtract>},
    {"pg_real_div", 2, 2, true, pg_real_div},
    {"pg_sub", 2, 2, true, integer<Operation::Subtract>},
};

}  // namespace

std::span<const ScalarFunction> number_functions() { return entries; }

}  // namespace dunlin::functions
