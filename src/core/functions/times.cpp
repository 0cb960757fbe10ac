// Times in their stored form: days, or microseconds since 1970 UTC.
#include <fmt/format.h>

#include <optional>

#include "core/date_time.h"
#include "core/functions/arguments.h"

namespace dunlin::functions {

namespace {

using namespace date_time;

Outcome pg_now(Arguments, const FunctionContext& context) {
    return Value(context.now_us);
}

Outcome pg_today(Arguments, const FunctionContext& context) {
    return Value(day_of(context.now_us));
}

/// ISO: Monday is 1, Sunday 7.
std::int64_t weekday_of(std::int64_t days) {
    return ((days + 3) % 7 + 7) % 7 + 1;
}

std::string lower_word(std::string_view word) {
    std::string out(word);
    for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    return out;
}

std::unexpected<Error> unknown_unit(std::string_view unit) {
    return std::unexpected(sql_error("22023", fmt::format("unit \"{}\" not recognized", unit)));
}

/// ISO 8601: a week belongs to the year of its Thursday.
std::int64_t iso_year_of(std::int64_t day) {
    return civil_date(day - weekday_of(day) + 4).year;
}

std::int64_t iso_week_of(std::int64_t day) {
    const std::int64_t thursday = day - weekday_of(day) + 4;
    return (thursday - days_of({civil_date(thursday).year, 1, 1})) / 7 + 1;
}

Outcome pg_date_trunc(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    const std::string unit = lower_word(text_of(a[0]));
    const std::int64_t us = a[1].integer();
    const std::int64_t day = day_of(us);
    const CivilDate date = civil_date(day);
    const auto start_of = [](std::int64_t year, int month) {
        return Value(days_of({year, month, 1}) * us_per_day);
    };
    const auto down_to = [&](std::int64_t step) { return Value(us - ((us % step) + step) % step); };
    if (unit == "microseconds") return a[1];
    if (unit == "milliseconds") return down_to(us_per_second / 1000);
    if (unit == "second") return down_to(us_per_second);
    if (unit == "minute") return down_to(us_per_minute);
    if (unit == "hour") return down_to(us_per_hour);
    if (unit == "day") return Value(day * us_per_day);
    if (unit == "week") return Value((day - weekday_of(day) + 1) * us_per_day);
    if (unit == "month") return start_of(date.year, date.month);
    if (unit == "quarter") return start_of(date.year, (date.month - 1) / 3 * 3 + 1);
    if (unit == "year") return start_of(date.year, 1);
    if (unit == "decade") return start_of(date.year / 10 * 10, 1);
    if (unit == "century") return start_of((date.year - 1) / 100 * 100 + 1, 1);
    return unknown_unit(unit);
}

/// A field in millionths, or nothing when it is none of a day or a time of day.
std::optional<std::int64_t> field_of_time(std::string_view field, std::int64_t in_day) {
    if (field == "hour") return in_day / us_per_hour * us_per_second;
    if (field == "minute") return in_day / us_per_minute % 60 * us_per_second;
    if (field == "second") return in_day % us_per_minute;
    if (field == "milliseconds") return in_day % us_per_minute * 1000;
    if (field == "microseconds") return in_day % us_per_minute * us_per_second;
    return std::nullopt;
}

std::optional<std::int64_t> field_of_day(std::string_view field, std::int64_t day) {
    const CivilDate date = civil_date(day);
    const auto whole = [](std::int64_t number) { return number * us_per_second; };
    if (field == "year") return whole(date.year);
    if (field == "month") return whole(date.month);
    if (field == "day") return whole(date.day);
    if (field == "dow") return whole(weekday_of(day) % 7);
    if (field == "isodow") return whole(weekday_of(day));
    if (field == "doy") return whole(day - days_of({date.year, 1, 1}) + 1);
    if (field == "week") return whole(iso_week_of(day));
    if (field == "isoyear") return whole(iso_year_of(day));
    if (field == "quarter") return whole((date.month - 1) / 3 + 1);
    return std::nullopt;
}

/// What the field is taken from.
enum class Source : std::uint8_t { Instant, Time, Interval };

std::optional<std::int64_t> field_of_interval(std::string_view field, const Interval& interval) {
    const auto whole = [](std::int64_t number) { return number * us_per_second; };
    if (field == "year") return whole(interval.months / 12);
    if (field == "month") return whole(interval.months % 12);
    if (field == "quarter") return whole(interval.months % 12 / 3 + 1);
    if (field == "day") return whole(interval.days);
    if (field == "epoch") {  // a year counts 365.25 days, a month behind it 30
        const std::int64_t days = interval.months % 12 * 30 + interval.days;
        return interval.months / 12 * 31'557'600 * us_per_second + days * us_per_day + interval.us;
    }
    return field_of_time(field, interval.us);
}

/// In millionths; `value` is in its stored form.
template <Source source>
std::optional<std::int64_t> field_of(std::string_view field, const Value& value) {
    if constexpr (source == Source::Interval) {
        const auto interval = parse_interval(text_of(value));
        return interval ? field_of_interval(field, *interval) : std::nullopt;
    }
    const std::int64_t us = value.integer();
    if (field == "epoch") return us;
    if (const auto found = field_of_time(field, source == Source::Time ? us : time_of_day(us)))
        return found;
    return source == Source::Time ? std::nullopt : field_of_day(field, day_of(us));
}

/// Digits after the point of an extracted field.
int scale_of(std::string_view field) {
    if (field == "second" || field == "epoch") return 6;
    return field == "milliseconds" ? 3 : 0;
}

/// extract() gives a numeric, date_part() a double.
template <Source source>
Outcome pg_extract(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    const std::string field = lower_word(text_of(a[0]));
    const auto found = field_of<source>(field, a[1]);
    if (!found) return unknown_unit(field);
    const std::int64_t millionths = *found < 0 ? -*found : *found;
    std::string text = fmt::format("{}{}.{:06}", *found < 0 ? "-" : "", millionths / us_per_second,
                                   millionths % us_per_second);
    const int scale = scale_of(field);
    text.resize(text.size() - (scale == 0 ? 7 : static_cast<std::size_t>(6 - scale)));
    return Value(std::move(text));
}

template <Source source>
Outcome pg_date_part(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    const std::string field = lower_word(text_of(a[0]));
    const auto found = field_of<source>(field, a[1]);
    if (!found) return unknown_unit(field);
    return Value(static_cast<double>(*found) / us_per_second);
}

constexpr ScalarFunction times_entries[] = {
    {"pg_date_part", 2, 2, true, pg_date_part<Source::Instant>},
    {"pg_date_part_interval", 2, 2, true, pg_date_part<Source::Interval>},
    {"pg_date_part_time", 2, 2, true, pg_date_part<Source::Time>},
    {"pg_date_trunc", 2, 2, true, pg_date_trunc},
    {"pg_extract", 2, 2, true, pg_extract<Source::Instant>},
    {"pg_extract_interval", 2, 2, true, pg_extract<Source::Interval>},
    {"pg_extract_time", 2, 2, true, pg_extract<Source::Time>},
    {"pg_now", 0, 0, true, pg_now},
    {"pg_today", 0, 0, true, pg_today},
};

}  // namespace

std::span<const ScalarFunction> time_functions() {
    return times_entries;
}

}  // namespace dunlin::functions
