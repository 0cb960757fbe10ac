// to_date() and to_timestamp(): text read by a format, as forgiving as PostgreSQL's without FX.
#include <fmt/format.h>

#include <charconv>
#include <optional>

#include "core/date_time.h"
#include "core/functions/arguments.h"
#include "core/functions/time_picture.h"

namespace dunlin::functions {

namespace {

using namespace date_time;
using Kind = TimePart::Kind;

bool is_blank(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

bool is_separator(char c) {
    const bool word = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return c > 0x20 && c < 0x7F && !word;
}

bool reads_digits(const TimePart& part) {
    return part.kind == Kind::Field && part.digits > 0;
}

/// What has been read so far; a field that nothing was said of is empty.
struct Found {
    std::optional<std::int64_t> year, month, day, day_of_year, julian_day;
    std::optional<std::int64_t> hour, minute, second, microsecond, second_of_day;
    bool half_days = false;  // the hour counts to 12
    std::optional<std::int64_t> afternoon;
};

std::unexpected<Error> refuse(std::string_view sqlstate, std::string message,
                              std::string details = {}, std::string hint = {}) {
    return std::unexpected(
        sql_error(sqlstate, std::move(message), std::move(details), std::move(hint)));
}

class Reader {
public:
    Reader(std::string_view text, const std::vector<TimePart>& parts)
        : text_(text), rest_(text), parts_(parts) {}

    Result<Found> read() {
        for (at_ = 0; at_ < parts_.size() && !rest_.empty(); ++at_) {
            const TimePart& part = parts_[at_];
            if (part.kind == Kind::Field || at_ == 0) skipped_ += skip_blanks();
            if (rest_.empty()) break;
            if (part.kind != Kind::Field) {
                pass_character(part);
                continue;
            }
            if (auto done = read_field(part); !done) return std::unexpected(done.error());
            skipped_ = skip_blanks();
        }
        return found_;
    }

private:
    int skip_blanks() {
        int count = 0;
        for (; !rest_.empty() && is_blank(rest_.front()); ++count) rest_.remove_prefix(1);
        return count;
    }

    /// A blank or separator of the format stands for one of the text or for none, any other
    /// character for any, unless the text was ahead by blanks.
    void pass_character(const TimePart& part) {
        if (part.kind != Kind::Text) {
            --skipped_;
            if (!is_blank(rest_.front()) && !is_separator(rest_.front())) return;
            rest_.remove_prefix(1);
            ++skipped_;
        } else if (skipped_ > 0) {
            --skipped_;
        } else {
            do rest_.remove_prefix(1);
            while (!rest_.empty() && (rest_.front() & 0xC0) == 0x80);
        }
    }

    /// Whether the number of this part may have any length: what follows is no digit.
    bool is_bounded() const {
        const TimePart& part = parts_[at_];
        if (part.fill || part.ordinal || at_ + 1 == parts_.size()) return true;
        const TimePart& next = parts_[at_ + 1];
        if (next.kind == Kind::Field) return !reads_digits(next);
        return !(next.text[0] >= '0' && next.text[0] <= '9');
    }

    Result<std::int64_t> number(std::size_t width, std::size_t* length = nullptr) {
        const std::string& name = parts_[at_].text;
        const bool bounded = is_bounded();
        if (!bounded && rest_.size() < width) {
            return refuse(
                "22007", fmt::format("source string too short for \"{}\" formatting field", name),
                fmt::format("Field requires {} characters, but only {} remain.", width,
                            rest_.size()),
                "If your source string is not fixed-width, try using the \"FM\" modifier.");
        }
        const std::string_view given = bounded ? rest_ : rest_.substr(0, width);
        const bool plus = given.starts_with('+');
        std::int64_t value = 0;
        const char* const begin = given.data() + (plus ? 1 : 0);
        const auto read = std::from_chars(begin, given.data() + given.size(), value);
        if (read.ec == std::errc::result_out_of_range || value > INT32_MAX || value < INT32_MIN)
            return refuse("22008",
                          fmt::format("value for \"{}\" in source string is out of range", name),
                          "Value must be in the range -2147483648 to 2147483647.");
        const bool none = read.ec != std::errc{};
        const auto used = none ? 0 : static_cast<std::size_t>(read.ptr - given.data());
        const auto invalid = [&](std::string_view shown, std::string details) {
            return refuse("22007", fmt::format("invalid value \"{}\" for \"{}\"", shown, name),
                          std::move(details));
        };
        if (!bounded && used > 0 && used < width) {
            return invalid(given,
                           fmt::format("Field requires {} characters, but only {} could be parsed.",
                                       width, used));
        }
        if (used == 0) return invalid(rest_.substr(0, width), "Value must be an integer.");
        if (length != nullptr) *length = used;
        rest_.remove_prefix(used);
        return value;
    }

    Result<void> set(std::optional<std::int64_t>& field, std::int64_t value) {
        if (field && *field != value && *field != 0) {
            return refuse("22007",
                          fmt::format("conflicting values for \"{}\" field in formatting string",
                                      parts_[at_].text),
                          "This value contradicts a previous setting for the same field type.");
        }
        field = value;
        return {};
    }

    Result<void> read_number(std::optional<std::int64_t>& field) {
        const auto value = number(static_cast<std::size_t>(parts_[at_].digits));
        return value ? set(field, *value) : std::unexpected(value.error());
    }

    /// A year of less than four digits is one near 2020.
    Result<void> read_year() {
        const int digits = parts_[at_].digits;
        std::size_t length = 0;
        auto year = number(static_cast<std::size_t>(digits), &length);
        if (!year) return std::unexpected(year.error());
        if (digits < 4 && length < 4 && *year >= 0) {
            if (*year < 70)
                *year += 2000;
            else if (*year < 100)
                *year += 1900;
            else if (*year < 520)
                *year += 2000;
            else if (*year < 1000)
                *year += 1000;
        }
        return set(found_.year, *year);
    }

    /// Digits behind the point of a second.
    Result<void> read_fraction(std::size_t digits) {
        std::size_t length = 0;
        const auto value = number(digits, &length);
        if (!value) return std::unexpected(value.error());
        std::int64_t us = *value;
        for (; length < 6; ++length) us *= 10;
        for (; length > 6; --length) us /= 10;
        return set(found_.microsecond, us);
    }

    /// The place of the name that the text begins with, in any case.
    template <typename NameOf>
    Result<std::int64_t> name(int count, NameOf name_of) {
        for (int i = 0; i < count; ++i) {
            const std::string_view known = name_of(i);
            if (lower_text(rest_.substr(0, known.size())) != lower_text(known)) continue;
            rest_.remove_prefix(known.size());
            return i;
        }
        return refuse("22007",
                      fmt::format("invalid value \"{}\" for \"{}\"",
                                  rest_.substr(0, rest_.find_first_of(" \t\n")), parts_[at_].text),
                      "The given value did not match any of the allowed values for this field.");
    }

    Result<void> read_half_day(bool dotted) {
        const auto half = name(2, [&](int i) -> std::string_view {
            return dotted ? (i == 0 ? "a.m." : "p.m.") : (i == 0 ? "am" : "pm");
        });
        if (!half) return std::unexpected(half.error());
        found_.half_days = true;
        return set(found_.afternoon, *half);
    }

    Result<void> read_name(const TimePart& part) {
        const bool month =
            part.field == TimeField::MonthName || part.field == TimeField::MonthShort;
        const bool cut = part.field == TimeField::MonthShort || part.field == TimeField::DayShort;
        const auto place = name(month ? 12 : 7, [&](int i) {
            return (month ? month_name(i) : day_name(i))
                .substr(0, cut ? 3 : std::string_view::npos);
        });
        if (!place) return std::unexpected(place.error());
        return month ? set(found_.month, *place + 1) : Result<void>();
    }

    Result<void> read_time_field(const TimePart& part) {
        switch (part.field) {
            case TimeField::Hour12:
                found_.half_days = true;
                return read_number(found_.hour);
            case TimeField::Hour24:
                return read_number(found_.hour);
            case TimeField::Minute:
                return read_number(found_.minute);
            case TimeField::Second:
                return read_number(found_.second);
            case TimeField::SecondOfDay:
                return read_number(found_.second_of_day);
            case TimeField::Millisecond:
            case TimeField::Microsecond:
            case TimeField::Fraction:
                return read_fraction(static_cast<std::size_t>(part.digits));
            case TimeField::HalfDay:
                return read_half_day(false);
            case TimeField::HalfDayDotted:
                return read_half_day(true);
            default:
                return refuse(
                    "0A000", fmt::format("reading \"{}\" is not supported", part.text), "",
                    "Use YYYY, MM, Mon, Month, DD, DDD, J, HH24, HH12, MI, SS, MS, US and "
                    "AM.");
        }
    }

    Result<void> read_field(const TimePart& part) {
        Result<void> done;
        switch (part.field) {
            case TimeField::Year:
                done = read_year();
                break;
            case TimeField::Month:
                done = read_number(found_.month);
                break;
            case TimeField::Day:
                done = read_number(found_.day);
                break;
            case TimeField::DayOfYear:
                done = read_number(found_.day_of_year);
                break;
            case TimeField::JulianDay:
                done = read_number(found_.julian_day);
                break;
            case TimeField::MonthName:
            case TimeField::MonthShort:
            case TimeField::DayName:
            case TimeField::DayShort:
                return read_name(part);
            default:
                done = read_time_field(part);
        }
        if (done && part.ordinal) rest_.remove_prefix(std::min<std::size_t>(2, rest_.size()));
        return done;
    }

    std::string_view text_;
    std::string_view rest_;
    const std::vector<TimePart>& parts_;
    std::size_t at_ = 0;
    int skipped_ = 0;  // blanks of the text that nothing in the format stood for
    Found found_;
};

std::unexpected<Error> out_of_range(std::string_view text) {
    return refuse("22008", fmt::format("date/time field value out of range: \"{}\"", text));
}

bool is_day(const CivilDate& date) {
    return date.month >= 1 && date.month <= 12 && date.day >= 1 && date.day <= 31 &&
           civil_date(days_of(date)) == date;
}

constexpr std::int64_t year_most = 294'246;  // beyond, microseconds do not fit

Result<std::int64_t> day_found(const Found& found, std::string_view text) {
    constexpr std::int64_t julian_day_of_1970 = 2'440'588;
    if (found.julian_day) return *found.julian_day - julian_day_of_1970;
    if (!found.year || *found.year < 1) {
        return refuse("0A000", "years before Christ are not supported",
                      "The text says no year, which is the year 1 BC.");
    }
    if (*found.year > year_most) return out_of_range(text);
    if (found.day_of_year && !found.month && !found.day) {
        const std::int64_t first = days_of({*found.year, 1, 1});
        const std::int64_t days = days_of({*found.year + 1, 1, 1}) - first;
        if (*found.day_of_year < 1 || *found.day_of_year > days) return out_of_range(text);
        return first + *found.day_of_year - 1;
    }
    // As in PostgreSQL, a month or day of 0 counts as none.
    const std::int64_t month = found.month.value_or(0) == 0 ? 1 : *found.month;
    const std::int64_t day = found.day.value_or(0) == 0 ? 1 : *found.day;
    if (month < 1 || month > 12 || day < 1 || day > 31) return out_of_range(text);
    const CivilDate date{*found.year, static_cast<int>(month), static_cast<int>(day)};
    if (!is_day(date)) return out_of_range(text);
    return days_of(date);
}

Result<std::int64_t> time_found(const Found& found, std::string_view text) {
    std::int64_t hour = found.hour.value_or(0);
    std::int64_t minute = found.minute.value_or(0), second = found.second.value_or(0);
    if (found.second_of_day) {
        hour = *found.second_of_day / 3600;
        minute = *found.second_of_day / 60 % 60;
        second = *found.second_of_day % 60;
    }
    if (found.half_days && found.hour) {
        if (hour < 1 || hour > 12)
            return refuse("22007",
                          fmt::format("hour \"{}\" is invalid for the 12-hour clock", hour), "",
                          "Use the 24-hour clock, or give an hour between 1 and 12.");
        hour = hour % 12 + (found.afternoon.value_or(0) == 1 ? 12 : 0);
    }
    const bool fits =
        hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && second >= 0 && second < 60;
    if (!fits) return out_of_range(text);
    return hour * us_per_hour + minute * us_per_minute + second * us_per_second +
           found.microsecond.value_or(0);
}

Result<Found> read_text(Arguments a) {
    const auto parts = parse_time_picture(text_of(a[1]));
    if (!parts) return std::unexpected(parts.error());
    for (const TimePart& part : *parts) {
        if (part.kind == Kind::Field && part.field == TimeField::Exact)
            return refuse("0A000", "format FX is not supported", "", "Leave FX out.");
    }
    return Reader(text_of(a[0]), *parts).read();
}

Outcome pg_to_date(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    const auto found = read_text(a);
    if (!found) return std::unexpected(found.error());
    const auto time = time_found(*found, text_of(a[0]));
    if (!time) return std::unexpected(time.error());
    const auto day = day_found(*found, text_of(a[0]));
    return day ? Outcome(Value(*day)) : std::unexpected(day.error());
}

Outcome pg_to_timestamp(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    const auto found = read_text(a);
    if (!found) return std::unexpected(found.error());
    const auto time = time_found(*found, text_of(a[0]));
    if (!time) return std::unexpected(time.error());
    const auto day = day_found(*found, text_of(a[0]));
    return day ? Outcome(Value(*day * us_per_day + *time)) : std::unexpected(day.error());
}

constexpr ScalarFunction entries[] = {
    {"pg_to_date", 2, 2, true, pg_to_date},
    {"pg_to_timestamp", 2, 2, true, pg_to_timestamp},
};

}  // namespace

std::span<const ScalarFunction> read_time_functions() {
    return entries;
}

}  // namespace dunlin::functions
