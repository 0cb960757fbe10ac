// to_char() of dates and times. The session's zone is UTC.
#include <fmt/format.h>

#include <array>
#include <optional>

#include "core/date_time.h"
#include "core/functions/arguments.h"
#include "core/functions/characters.h"
#include "core/functions/time_picture.h"

namespace dunlin::functions {

namespace {

using namespace date_time;

/// The parts of an instant that fields print.
struct Calendar {
    CivilDate date;
    int weekday = 0;  // Sunday is 0
    std::int64_t day_of_year = 1;
    std::int64_t julian_day = 0;
    std::int64_t iso_year = 0;
    std::int64_t iso_week = 1;
    std::int64_t hour = 0;
    std::int64_t minute = 0;
    std::int64_t second = 0;
    std::int64_t microsecond = 0;
};

Calendar calendar_of(std::int64_t us) {
    constexpr std::int64_t julian_day_of_1970 = 2'440'588;
    const std::int64_t day = day_of(us), in_day = time_of_day(us);
    Calendar c{.date = civil_date(day)};
    c.weekday = static_cast<int>(((day + 4) % 7 + 7) % 7);
    c.day_of_year = day - days_of({c.date.year, 1, 1}) + 1;
    c.julian_day = day + julian_day_of_1970;
    // ISO 8601: a week belongs to the year of its Thursday.
    const std::int64_t thursday = day - (c.weekday + 6) % 7 + 3;
    c.iso_year = civil_date(thursday).year;
    c.iso_week = (thursday - days_of({c.iso_year, 1, 1})) / 7 + 1;
    c.hour = in_day / us_per_hour;
    c.minute = in_day / us_per_minute % 60;
    c.second = in_day / us_per_second % 60;
    c.microsecond = in_day % us_per_second;
    return c;
}

std::string in_letters(std::string_view text, Letters letters) {
    std::string out(text);
    for (char& c : out) {
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (letter && letters == Letters::Upper) c = static_cast<char>(c & ~0x20);
        if (letter && letters == Letters::Lower) c = static_cast<char>(c | 0x20);
    }
    return out;
}

constexpr std::size_t name_width = 9;  // of MONTH and DAY, as long as "September"

std::string name_of(const TimePart& part, std::string_view name, std::size_t width) {
    std::string out = in_letters(name, part.letters);
    if (!part.fill && !part.localized && out.size() < width) out.resize(width, ' ');
    return out;
}

std::string ordinal_of(std::string_view number) {
    const bool teen = number.size() > 1 && number[number.size() - 2] == '1';
    switch (teen ? '0' : number.back()) {
        case '1':
            return "st";
        case '2':
            return "nd";
        case '3':
            return "rd";
        default:
            return "th";
    }
}

std::string number_of(const TimePart& part, std::int64_t number, int width) {
    std::string out = fmt::format("{:0{}}", number, part.fill ? 0 : width);
    if (part.ordinal) out += in_letters(ordinal_of(out), part.ordinal_letters);
    return out;
}

std::int64_t last_digits(std::int64_t year, int digits) {
    return digits == 4 ? year : year % (digits == 3 ? 1000 : digits == 2 ? 100 : 10);
}

std::string half_day(const TimePart& part, std::int64_t hour, bool dotted) {
    const std::string_view name = hour >= 12 ? (dotted ? "P.M." : "PM") : (dotted ? "A.M." : "AM");
    return in_letters(name, part.letters);
}

constexpr std::array<std::string_view, 12> roman_months = {"I",   "II",   "III", "IV", "V",  "VI",
                                                           "VII", "VIII", "IX",  "X",  "XI", "XII"};

/// Not localized: TM has no effect.
std::string roman_month(TimePart part, int month) {
    part.localized = false;
    return name_of(part, roman_months[static_cast<std::size_t>(month)], 4);
}

/// Fields of the time of day, or nothing.
std::optional<std::string> time_field(const TimePart& part, const Calendar& c) {
    constexpr std::array<std::int64_t, 7> divisors = {1'000'000, 100'000, 10'000, 1'000,
                                                      100,       10,      1};
    TimePart unfilled = part;
    unfilled.fill = false;
    switch (part.field) {
        case TimeField::Hour12:
            return number_of(part, c.hour % 12 == 0 ? 12 : c.hour % 12, 2);
        case TimeField::Hour24:
            return number_of(part, c.hour, 2);
        case TimeField::Minute:
            return number_of(part, c.minute, 2);
        case TimeField::Second:
            return number_of(part, c.second, 2);
        case TimeField::Millisecond:
            return number_of(unfilled, c.microsecond / 1000, 3);
        case TimeField::Microsecond:
            return number_of(unfilled, c.microsecond, 6);
        case TimeField::Fraction:
            return number_of(unfilled,
                             c.microsecond / divisors[static_cast<std::size_t>(part.digits)],
                             part.digits);
        case TimeField::SecondOfDay:
            return number_of(part, c.hour * 3600 + c.minute * 60 + c.second, 0);
        case TimeField::HalfDay:
            return half_day(part, c.hour, false);
        case TimeField::HalfDayDotted:
            return half_day(part, c.hour, true);
        default:
            return std::nullopt;
    }
}

/// Fields of the year, quarter and month, or nothing.
std::optional<std::string> year_field(const TimePart& part, const Calendar& c) {
    const int month = c.date.month - 1;
    const std::int64_t year = c.date.year;
    switch (part.field) {
        case TimeField::Century:
            return number_of(part, (year - 1) / 100 + 1, 2);
        case TimeField::Year:
            return number_of(part, last_digits(year, part.digits), part.digits);
        case TimeField::YearComma: {
            std::string out = fmt::format("{},{:03}", year / 1000, year % 1000);
            return part.ordinal ? out + in_letters(ordinal_of(out), part.ordinal_letters) : out;
        }
        case TimeField::IsoYear:
            return number_of(part, last_digits(c.iso_year, part.digits), part.digits);
        case TimeField::Era:
            return in_letters("AD", part.letters);
        case TimeField::EraDotted:
            return in_letters("A.D.", part.letters);
        case TimeField::Quarter:
            return number_of(part, month / 3 + 1, 0);
        case TimeField::Month:
            return number_of(part, month + 1, 2);
        case TimeField::MonthName:
            return name_of(part, month_name(month), name_width);
        case TimeField::MonthShort:
            return name_of(part, month_name(month).substr(0, 3), 0);
        case TimeField::MonthRoman:
            return roman_month(part, month);
        default:
            return std::nullopt;
    }
}

/// Fields of weeks and days, or nothing.
std::optional<std::string> day_field(const TimePart& part, const Calendar& c) {
    switch (part.field) {
        case TimeField::WeekOfMonth:
            return number_of(part, (c.date.day - 1) / 7 + 1, 0);
        case TimeField::WeekOfYear:
            return number_of(part, (c.day_of_year - 1) / 7 + 1, 2);
        case TimeField::IsoWeek:
            return number_of(part, c.iso_week, 2);
        case TimeField::Day:
            return number_of(part, c.date.day, 2);
        case TimeField::DayName:
            return name_of(part, day_name(c.weekday), name_width);
        case TimeField::DayShort:
            return name_of(part, day_name(c.weekday).substr(0, 3), 0);
        case TimeField::DayOfWeek:
            return number_of(part, c.weekday + 1, 0);
        case TimeField::IsoDayOfWeek:
            return number_of(part, c.weekday == 0 ? 7 : c.weekday, 0);
        case TimeField::DayOfYear:
            return number_of(part, c.day_of_year, 3);
        case TimeField::IsoDayOfYear:
            return number_of(part, (c.iso_week - 1) * 7 + (c.weekday + 6) % 7 + 1, 3);
        case TimeField::JulianDay:
            return number_of(part, c.julian_day, 0);
        default:
            return std::nullopt;
    }
}

std::string zone_field(const TimePart& part, bool has_zone) {
    switch (part.field) {
        case TimeField::ZoneName:
            return has_zone ? in_letters("UTC", part.letters) : "";
        case TimeField::ZoneHours:
            return "+00";
        case TimeField::ZoneMinutes:
            return "00";
        case TimeField::ZoneOffset:
            return part.fill ? "+0" : "+00";
        default:
            return "";  // FX
    }
}

template <Zone zone>
Outcome to_char(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    const auto parts = parse_time_picture(text_of(a[1]));
    if (!parts) return std::unexpected(parts.error());
    const Calendar calendar = calendar_of(a[0].integer());
    std::string out;
    for (const TimePart& part : *parts) {
        if (part.kind != TimePart::Kind::Field) {
            out += part.text;
            continue;
        }
        auto text = time_field(part, calendar);
        if (!text) text = year_field(part, calendar);
        if (!text) text = day_field(part, calendar);
        out += text ? *text : zone_field(part, zone == Zone::With);
    }
    if (auto fits = require_text_size(out.size()); !fits) return std::unexpected(fits.error());
    return Value(std::move(out));
}

constexpr ScalarFunction entries[] = {
    {"pg_to_char_timestamp", 2, 2, true, to_char<Zone::Without>},
    {"pg_to_char_timestamptz", 2, 2, true, to_char<Zone::With>},
};

}  // namespace

std::span<const ScalarFunction> format_time_functions() {
    return entries;
}

}  // namespace dunlin::functions
