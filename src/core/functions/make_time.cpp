// Dates and times made of numbers.
#include <fmt/format.h>

#include <cmath>

#include "core/date_time.h"
#include "core/functions/arguments.h"

namespace dunlin::functions {

namespace {

using namespace date_time;

constexpr std::int64_t year_most = 294'246;  // beyond, microseconds do not fit

std::unexpected<Error> refuse(std::string_view sqlstate, std::string message) {
    return std::unexpected(sql_error(sqlstate, std::move(message)));
}

bool is_day(const CivilDate& date) {
    return date.month >= 1 && date.day >= 1 && civil_date(days_of(date)) == date;
}

/// to_timestamp(double precision): seconds since 1970.
Outcome pg_instant_of_seconds(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    const double seconds = a[0].is_real() ? a[0].real() : 0;
    if (std::isinf(seconds)) return refuse("0A000", "infinity of a timestamp is not supported");
    const double us = std::rint(seconds * 1e6);
    const auto least = static_cast<double>(days_of({1, 1, 1}) * us_per_day);
    const auto most = static_cast<double>(days_of({year_most, 12, 31}) * us_per_day);
    if (us < least || us > most)
        return refuse("22008", fmt::format("timestamp out of range: \"{}\"", seconds));
    return Value(static_cast<std::int64_t>(us));
}

std::string date_text(Arguments a) {
    return fmt::format("{}-{:02}-{:02}", a[0].integer(), a[1].integer(), a[2].integer());
}

Result<std::int64_t> day_of_numbers(Arguments a) {
    const std::int64_t year = a[0].integer(), month = a[1].integer(), day = a[2].integer();
    if (year < 0) return refuse("0A000", "years before Christ are not supported");
    const bool may_be =
        year > 0 && year <= year_most && month >= 1 && month <= 12 && day >= 1 && day <= 31;
    const CivilDate date{year, static_cast<int>(may_be ? month : 0),
                         static_cast<int>(may_be ? day : 0)};
    if (!may_be || !is_day(date))
        return refuse("22008", "date field value out of range: " + date_text(a));
    return days_of(date);
}

Result<std::int64_t> time_of_numbers(Arguments a) {
    const std::int64_t hour = a[0].integer(), minute = a[1].integer();
    const double second = a[2].is_real() ? a[2].real() : 0;
    const double us = std::rint(second * 1e6);
    const auto most = static_cast<double>(us_per_minute);
    const bool fits =
        hour >= 0 && hour <= 24 && minute >= 0 && minute < 60 && us >= 0 && us <= most;
    const std::int64_t total =
        fits ? hour * us_per_hour + minute * us_per_minute + static_cast<std::int64_t>(us)
             : us_per_day + 1;
    if (total > us_per_day) {
        return refuse("22008", fmt::format("time field value out of range: {}:{:02}:{:02}", hour,
                                           minute, second));
    }
    return total;
}

Outcome pg_make_date(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    const auto day = day_of_numbers(a);
    return day ? Outcome(Value(*day)) : std::unexpected(day.error());
}

Outcome pg_make_time(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    const auto time = time_of_numbers(a);
    return time ? Outcome(Value(*time)) : std::unexpected(time.error());
}

Outcome pg_make_timestamp(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    const auto day = day_of_numbers(a.first(3));
    if (!day) return std::unexpected(day.error());
    const auto time = time_of_numbers(a.subspan(3));
    if (!time) return std::unexpected(time.error());
    return Value(*day * us_per_day + *time);
}

constexpr ScalarFunction entries[] = {
    {"pg_instant_of_seconds", 1, 1, true, pg_instant_of_seconds},
    {"pg_make_date", 3, 3, true, pg_make_date},
    {"pg_make_time", 3, 3, true, pg_make_time},
    {"pg_make_timestamp", 6, 6, true, pg_make_timestamp},
};

}  // namespace

std::span<const ScalarFunction> make_time_functions() {
    return entries;
}

}  // namespace dunlin::functions
