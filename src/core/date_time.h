#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/result.h"

/// Dates and times as integers: days or microseconds since 1970-01-01 UTC, proleptic Gregorian.
/// Input is ISO 8601 in the forms PostgreSQL accepts; the session zone is UTC. Pure; thread-safe.
///
/// Every parser fails with 22007 for bad syntax, 22008 for a field out of range, and 0A000 for
/// `infinity`, `now` and its kin, and years BC.
namespace dunlin::date_time {

constexpr std::int64_t us_per_second = 1'000'000;
constexpr std::int64_t us_per_minute = 60 * us_per_second;
constexpr std::int64_t us_per_hour = 60 * us_per_minute;
constexpr std::int64_t us_per_day = 24 * us_per_hour;

struct CivilDate {
    std::int64_t year = 1970;
    int month = 1;  // 1 to 12
    int day = 1;    // 1 to 31
    friend bool operator==(const CivilDate&, const CivilDate&) = default;
};

/// Days since 1970-01-01 (H. Hinnant, "chrono-compatible low-level date algorithms").
std::int64_t days_of(const CivilDate& date);
CivilDate civil_date(std::int64_t days);

/// The day that holds an instant, and the microseconds since its midnight.
std::int64_t day_of(std::int64_t us);
std::int64_t time_of_day(std::int64_t us);

enum class Zone : std::uint8_t { Without, With };

/// Days; a time behind the date is read and dropped.
Result<std::int64_t> parse_date(std::string_view text);
/// Microseconds since midnight, up to 24:00:00; a zone is read and dropped.
Result<std::int64_t> parse_time(std::string_view text);
/// Microseconds. With Zone::Without a zone in the text is read and dropped, as in PostgreSQL.
Result<std::int64_t> parse_timestamp(std::string_view text, Zone zone);

/// Months, days and time are kept apart: a month has no fixed number of days.
struct Interval {
    std::int64_t months = 0;
    std::int64_t days = 0;
    std::int64_t us = 0;
};
/// ISO 8601 (`P1DT2H`) and PostgreSQL's own forms (`1 year 2 mons`, `1-2`, `3 days ago`).
Result<Interval> parse_interval(std::string_view text);
/// Orders by length, for which a month counts 30 days and a day 24 hours.
int compare_intervals(const Interval& left, const Interval& right);
/// The same of stored texts; what is no interval comes last, by its bytes.
int compare_stored_intervals(std::string_view left, std::string_view right);
/// The instant an interval later: months first, cut to the end of the month, then days, then time.
/// Fails with 22008 beyond the years that a timestamp has.
Result<std::int64_t> add_interval(std::int64_t us, const Interval& interval);

/// Append `2026-08-21`, `10:11:12.345`, `2026-08-21T10:11:12.345`, `1 mon 1 day 02:00:00`.
void print_date(std::int64_t days, std::string& out);
void print_time(std::int64_t us, std::string& out);
void print_timestamp(std::int64_t us, char separator, std::string& out);
void print_interval(const Interval& interval, std::string& out);

}  // namespace dunlin::date_time
