#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

/// The format of to_char(), to_date() and to_timestamp() for dates and times, cut into its parts:
/// PostgreSQL's "Template Patterns for Date/Time Formatting".
namespace dunlin::functions {

enum class TimeField : std::uint8_t {
    Century,
    Day,        // of the month, 1 to 31
    DayName,    // Monday
    DayOfWeek,  // 1 is Sunday
    DayOfYear,  // 1 to 366
    DayShort,   // Mon
    Era,        // AD
    EraDotted,  // A.D.
    Exact,      // FX
    Fraction,   // FF1 to FF6: digits
    HalfDay,    // AM, PM
    HalfDayDotted,
    Hour12,
    Hour24,
    IsoDayOfWeek,  // 1 is Monday
    IsoDayOfYear,
    IsoWeek,
    IsoYear,  // digits
    JulianDay,
    Microsecond,
    Millisecond,
    Minute,
    Month,
    MonthName,
    MonthRoman,
    MonthShort,
    Quarter,
    Second,
    SecondOfDay,
    WeekOfMonth,
    WeekOfYear,
    Year,       // digits: the last so many of it
    YearComma,  // 2,026
    ZoneHours,
    ZoneMinutes,
    ZoneName,
    ZoneOffset,
};

enum class Letters : std::uint8_t { Upper, Capital, Lower };

struct TimePart {
    enum class Kind : std::uint8_t { Field, Text, Separator, Space };
    Kind kind = Kind::Text;
    std::string text;  // as written: the name of the field, or one character
    TimeField field = TimeField::Year;
    Letters letters = Letters::Upper;
    int digits = 0;
    bool fill = false;       // FM: no blanks and zeros in front
    bool localized = false;  // TM: as FM, for names
    bool ordinal = false;    // TH, th
    Letters ordinal_letters = Letters::Upper;
};

/// Fails with 0A000 for SP and 54000 for more than limits::format_bytes_max.
Result<std::vector<TimePart>> parse_time_picture(std::string_view picture);

/// English names; January and Sunday are 0.
std::string_view month_name(int month);
std::string_view day_name(int day);

}  // namespace dunlin::functions
