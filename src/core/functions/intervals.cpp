// Intervals in their stored form, PostgreSQL's text, and what they do to times.
#include <algorithm>
#include <cmath>

#include "core/date_time.h"
#include "core/functions/arguments.h"

namespace dunlin::functions {

namespace {

using namespace date_time;

std::unexpected<Error> out_of_range() {
    return std::unexpected(sql_error("22008", "interval out of range"));
}

Outcome stored(const Interval& interval) {
    constexpr std::int64_t whole_max = 2'147'483'647;
    if (std::abs(interval.months) > whole_max || std::abs(interval.days) > whole_max)
        return out_of_range();
    std::string out;
    print_interval(interval, out);
    return Value(std::move(out));
}

enum class Sign : std::int8_t { Minus = -1, Plus = 1 };

Interval with_sign(const Interval& interval, Sign sign) {
    const auto factor = static_cast<std::int64_t>(sign);
    return {interval.months * factor, interval.days * factor, interval.us * factor};
}

template <Sign sign>
Outcome add_intervals(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    auto left = parse_interval(text_of(a[0]));
    const auto right = parse_interval(text_of(a[1]));
    if (!left) return std::unexpected(left.error());
    if (!right) return std::unexpected(right.error());
    const Interval other = with_sign(*right, sign);
    long long us = 0;
    if (__builtin_add_overflow(left->us, other.us, &us)) return out_of_range();
    return stored({left->months + other.months, left->days + other.days, us});
}

/// An instant and an interval.
template <Sign sign>
Outcome move_instant(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    const auto interval = parse_interval(text_of(a[1]));
    if (!interval) return std::unexpected(interval.error());
    const auto moved = add_interval(a[0].integer(), with_sign(*interval, sign));
    if (!moved) return std::unexpected(moved.error());
    return Value(*moved);
}

/// A time of day and an interval: it goes around the clock.
template <Sign sign>
Outcome move_time(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    const auto interval = parse_interval(text_of(a[1]));
    if (!interval) return std::unexpected(interval.error());
    return Value(
        time_of_day(a[0].integer() % us_per_day + with_sign(*interval, sign).us % us_per_day));
}

/// Between two instants: days and time, no months.
Outcome pg_time_difference(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    long long us = 0;
    if (__builtin_sub_overflow(a[0].integer(), a[1].integer(), &us)) return out_of_range();
    return stored({0, us / us_per_day, us % us_per_day});
}

double number_of(const Value& value) {
    return value.is_real() ? value.real() : static_cast<double>(value.integer());
}

/// Times a number: what is left of months becomes days, what is left of days time.
Outcome scaled(const Interval& interval, double factor) {
    const double months = static_cast<double>(interval.months) * factor;
    const double days = static_cast<double>(interval.days) * factor;
    const double whole_months = std::trunc(months), whole_days = std::trunc(days);
    constexpr double days_per_month = 30, seconds_per_day = 86'400;
    // Rounded to microseconds, since 0.1 of a month must not leave a trace of binary fractions.
    const auto rounded = [](double number) { return std::rint(number * 1e6) / 1e6; };
    const double month_days = rounded((months - whole_months) * days_per_month);
    double seconds =
        rounded((days - whole_days + month_days - std::trunc(month_days)) * seconds_per_day);
    double all_days = whole_days + std::trunc(month_days);
    if (std::fabs(seconds) >= seconds_per_day) {
        all_days += std::trunc(seconds / seconds_per_day);
        seconds -= std::trunc(seconds / seconds_per_day) * seconds_per_day;
    }
    const double us = std::rint(static_cast<double>(interval.us) * factor + seconds * 1e6);
    const bool fits = std::fabs(months) < 2.1e9 && std::fabs(all_days) < 2.1e9 &&
                      std::fabs(us) < 9.2e18;  // false for NaN
    if (!fits) return out_of_range();
    return stored({static_cast<std::int64_t>(whole_months), static_cast<std::int64_t>(all_days),
                   static_cast<std::int64_t>(us)});
}

Outcome pg_interval_mul(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    const auto interval = parse_interval(text_of(a[0]));
    if (!interval) return std::unexpected(interval.error());
    return scaled(*interval, number_of(a[1]));
}

Outcome pg_interval_div(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    const auto interval = parse_interval(text_of(a[0]));
    if (!interval) return std::unexpected(interval.error());
    if (number_of(a[1]) == 0) return std::unexpected(sql_error("22012", "division by zero"));
    return scaled(*interval, 1 / number_of(a[1]));
}

/// age(): years, months and days between two instants, as a calendar counts them.
Outcome pg_age(Arguments a, const FunctionContext& context) {
    if (any_null(a)) return Value();
    // With one argument it is the age at the midnight that began today.
    const std::int64_t given_to =
        a.size() == 2 ? a[0].integer() : day_of(context.now_us) * us_per_day;
    const std::int64_t given_from = a.back().integer();
    const bool negative = given_to < given_from;
    const std::int64_t from = std::min(given_from, given_to), to = std::max(given_from, given_to);
    const CivilDate first = civil_date(day_of(from)), last = civil_date(day_of(to));
    Interval age{(last.year - first.year) * 12 + last.month - first.month, last.day - first.day,
                 time_of_day(to) - time_of_day(from)};
    if (age.us < 0) {
        age.us += us_per_day;
        --age.days;
    }
    if (age.days < 0) {  // by the length of the month that the earlier instant is in
        const CivilDate next{first.month == 12 ? first.year + 1 : first.year, first.month % 12 + 1,
                             1};
        age.days += days_of(next) - days_of({first.year, first.month, 1});
        --age.months;
    }
    return stored(with_sign(age, negative ? Sign::Minus : Sign::Plus));
}

constexpr ScalarFunction intervals_entries[] = {
    {"pg_age", 1, 2, true, pg_age},
    {"pg_interval_add", 2, 2, true, add_intervals<Sign::Plus>},
    {"pg_interval_div", 2, 2, true, pg_interval_div},
    {"pg_interval_mul", 2, 2, true, pg_interval_mul},
    {"pg_interval_sub", 2, 2, true, add_intervals<Sign::Minus>},
    {"pg_time_add", 2, 2, true, move_instant<Sign::Plus>},
    {"pg_time_difference", 2, 2, true, pg_time_difference},
    {"pg_time_of_day_add", 2, 2, true, move_time<Sign::Plus>},
    {"pg_time_of_day_sub", 2, 2, true, move_time<Sign::Minus>},
    {"pg_time_sub", 2, 2, true, move_instant<Sign::Minus>},
};

}  // namespace

std::span<const ScalarFunction> interval_functions() {
    return intervals_entries;
}

}  // namespace dunlin::functions
