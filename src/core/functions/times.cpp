// Times in their stored form: days, or microseconds since 1970 UTC.
#include <fmt/format.h>

#include "core/date_time.h"
#include "core/functions/arguments.h"

namespace dunlin::functions {

namespace {

using namespace date_time;

Outcome pg_now(Arguments, const FunctionContext& context) { return Value(context.now_us); }

Outcome pg_today(Arguments, const FunctionContext& context) { return Value(day_of(context.now_us)); }

/// ISO: Monday is 1, Sunday 7.
std::int64_t weekday_of(std::int64_t days) { return ((days + 3) % 7 + 7) % 7 + 1; }

Outcome pg_date_trunc(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    const std::string_view unit = text_of(a[0]);
    const std::int64_t us = a[1].integer();
    const std::int64_t day = day_of(us);
    const CivilDate date = civil_date(day);
    const auto start_of = [](std::int64_t year, int month) {
        return Value(days_of({year, month, 1}) * us_per_day);
    };
    const auto down_to = [&](std::int64_t step) { return Value(us - ((us % step) + step) % step); };
    if (unit == "second") return down_to(us_per_second);
    if (unit == "minute") return down_to(us_per_minute);
    if (unit == "hour") return down_to(us_per_hour);
    if (unit == "day") return Value(day * us_per_day);
    if (unit == "week") return Value((day - weekday_of(day) + 1) * us_per_day);
    if (unit == "month") return start_of(date.year, date.month);
    if (unit == "quarter") return start_of(date.year, (date.month - 1) / 3 * 3 + 1);
    if (unit == "year") return start_of(date.year, 1);
    return std::unexpected(sql_error("22023", fmt::format("unit \"{}\" not recognized", unit)));
}

Outcome pg_date_part(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    const std::string_view field = text_of(a[0]);
    const std::int64_t us = a[1].integer();
    const std::int64_t day = day_of(us);
    const CivilDate date = civil_date(day);
    const std::int64_t in_day = time_of_day(us);
    const auto whole = [](std::int64_t number) { return Value(static_cast<double>(number)); };
    if (field == "year") return whole(date.year);
    if (field == "month") return whole(date.month);
    if (field == "day") return whole(date.day);
    if (field == "hour") return whole(in_day / us_per_hour);
    if (field == "minute") return whole(in_day / us_per_minute % 60);
    if (field == "second") return Value(static_cast<double>(in_day % us_per_minute) / us_per_second);
    if (field == "dow") return whole(weekday_of(day) % 7);
    if (field == "isodow") return whole(weekday_of(day));
    if (field == "doy") return whole(day - days_of({date.year, 1, 1}) + 1);
    if (field == "quarter") return whole((date.month - 1) / 3 + 1);
    if (field == "epoch") return Value(static_cast<double>(us) / us_per_second);
    return std::unexpected(sql_error("22023", fmt::format("unit \"{}\" not recognized", field)));
}

constexpr ScalarFunction entries[] = {
    {"pg_date_part", 2, 2, true, pg_date_part},
    {"pg_date_trunc", 2, 2, true, pg_date_trunc},
    {"pg_now", 0, 0, true, pg_now},
    {"pg_today", 0, 0, true, pg_today},
};

}  // namespace

std::span<const ScalarFunction> time_functions() { return entries; }

}  // namespace dunlin::functions
