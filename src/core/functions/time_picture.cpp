#include "core/functions/time_picture.h"

#include <array>
#include <cctype>

#include "core/limits.h"

namespace dunlin::functions {

namespace {

struct Word {
    std::string_view name;
    TimeField field;
    Letters letters = Letters::Upper;
    int digits = 0;
};

using enum TimeField;
using enum Letters;

/// A longer name stands before the names that it begins with. The names in upper case also exist in
/// lower case; those in mixed case only as written.
constexpr Word words[] = {
    {"A.D.", EraDotted},
    {"A.M.", HalfDayDotted},
    {"AD", Era},
    {"AM", HalfDay},
    {"B.C.", EraDotted},
    {"BC", Era},
    {"CC", Century, Upper, 2},
    {"DAY", DayName},
    {"Day", DayName, Capital},
    {"DDD", DayOfYear, Upper, 3},
    {"DD", Day, Upper, 2},
    {"DY", DayShort},
    {"Dy", DayShort, Capital},
    {"D", DayOfWeek, Upper, 1},
    {"FF1", Fraction, Upper, 1},
    {"FF2", Fraction, Upper, 2},
    {"FF3", Fraction, Upper, 3},
    {"FF4", Fraction, Upper, 4},
    {"FF5", Fraction, Upper, 5},
    {"FF6", Fraction, Upper, 6},
    {"FX", Exact},
    {"HH24", Hour24, Upper, 2},
    {"HH12", Hour12, Upper, 2},
    {"HH", Hour12, Upper, 2},
    {"IDDD", IsoDayOfYear, Upper, 3},
    {"ID", IsoDayOfWeek, Upper, 1},
    {"IW", IsoWeek, Upper, 2},
    {"IYYY", IsoYear, Upper, 4},
    {"IYY", IsoYear, Upper, 3},
    {"IY", IsoYear, Upper, 2},
    {"I", IsoYear, Upper, 1},
    {"J", JulianDay, Upper, 7},
    {"MI", Minute, Upper, 2},
    {"MM", TimeField::Month, Upper, 2},
    {"MONTH", MonthName},
    {"Month", MonthName, Capital},
    {"MON", MonthShort},
    {"Mon", MonthShort, Capital},
    {"MS", Millisecond, Upper, 3},
    {"OF", ZoneOffset},
    {"P.M.", HalfDayDotted},
    {"PM", HalfDay},
    {"Q", Quarter, Upper, 1},
    {"RM", MonthRoman},
    {"SSSSS", SecondOfDay, Upper, 5},
    {"SSSS", SecondOfDay, Upper, 5},
    {"SS", Second, Upper, 2},
    {"TZH", ZoneHours, Upper, 2},
    {"TZM", ZoneMinutes, Upper, 2},
    {"TZ", ZoneName},
    {"US", Microsecond, Upper, 6},
    {"WW", WeekOfYear, Upper, 2},
    {"W", WeekOfMonth, Upper, 1},
    {"Y,YYY", YearComma, Upper, 4},
    {"YYYY", TimeField::Year, Upper, 4},
    {"YYY", TimeField::Year, Upper, 3},
    {"YY", TimeField::Year, Upper, 2},
    {"Y", TimeField::Year, Upper, 1},
};

bool begins_lower(std::string_view text, std::string_view upper) {
    if (text.size() < upper.size()) return false;
    for (std::size_t i = 0; i < upper.size(); ++i) {
        if (text[i] != std::tolower(static_cast<unsigned char>(upper[i]))) return false;
    }
    return true;
}

bool take(std::string_view& rest, std::string_view word) {
    if (!rest.starts_with(word)) return false;
    rest.remove_prefix(word.size());
    return true;
}

/// One FM or TM.
void take_prefix(std::string_view& rest, TimePart& part) {
    part.fill = take(rest, "FM") || take(rest, "fm");
    part.localized = !part.fill && take(rest, "TM");
}

bool take_field(std::string_view& rest, TimePart& part) {
    for (const Word& word : words) {
        const bool lower = word.letters == Upper && begins_lower(rest, word.name);
        if (!rest.starts_with(word.name) && !lower) continue;
        part.kind = TimePart::Kind::Field;
        part.text = rest.substr(0, word.name.size());
        part.field = word.field;
        part.letters = lower ? Lower : word.letters;
        part.digits = word.digits;
        rest.remove_prefix(word.name.size());
        return true;
    }
    return false;
}

void take_suffixes(std::string_view& rest, TimePart& part) {
    if (take(rest, "TH")) {
        part.ordinal = true;
    } else if (take(rest, "th")) {
        part.ordinal = true;
        part.ordinal_letters = Lower;
    }
}

TimePart plain_part(char c, bool quoted) {
    TimePart part{.text = std::string(1, c)};
    const auto byte = static_cast<unsigned char>(c);
    if (!quoted && std::isspace(byte) != 0)
        part.kind = TimePart::Kind::Space;
    else if (!quoted && std::ispunct(byte) != 0)
        part.kind = TimePart::Kind::Separator;
    return part;
}

/// Text up to the closing quote; a backslash takes the next character as it is.
void take_quoted(std::string_view& rest, std::vector<TimePart>& parts) {
    rest.remove_prefix(1);
    while (!rest.empty() && rest.front() != '"') {
        if (rest.front() == '\\' && rest.size() > 1) rest.remove_prefix(1);
        parts.push_back(plain_part(rest.front(), true));
        rest.remove_prefix(1);
    }
    if (!rest.empty()) rest.remove_prefix(1);
}

}  // namespace

Result<std::vector<TimePart>> parse_time_picture(std::string_view picture) {
    if (picture.size() > limits::format_bytes_max)
        return std::unexpected(sql_error("54000", "a format is too long"));
    std::vector<TimePart> parts;
    std::string_view rest = picture;
    while (!rest.empty()) {
        TimePart part;
        take_prefix(rest, part);
        if (take_field(rest, part)) {
            take_suffixes(rest, part);
            if (rest.starts_with("SP"))
                return std::unexpected(sql_error("0A000", "format SP is not supported"));
            parts.push_back(std::move(part));
        } else if (rest.starts_with('"')) {
            take_quoted(rest, parts);
        } else if (!rest.empty()) {
            if (rest.starts_with("\\\"")) rest.remove_prefix(1);
            parts.push_back(plain_part(rest.front(), false));
            rest.remove_prefix(1);
        }
    }
    return parts;
}

std::string_view month_name(int month) {
    constexpr std::array<std::string_view, 12> names = {
        "January", "February", "March",     "April",   "May",      "June",
        "July",    "August",   "September", "October", "November", "December"};
    return names[static_cast<std::size_t>(month)];
}

std::string_view day_name(int day) {
    constexpr std::array<std::string_view, 7> names = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                       "Thursday", "Friday", "Saturday"};
    return names[static_cast<std::size_t>(day)];
}

}  // namespace dunlin::functions
