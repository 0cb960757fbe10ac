#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <optional>

#include "core/date_time.h"

namespace dunlin::date_time {

namespace {

/// Timestamps in microseconds since 1970 fit 64 bits up to this year.
constexpr std::int64_t timestamp_year_max = 294'240;
constexpr std::int64_t date_year_max = 5'874'897;  // PostgreSQL's limit

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/// What went wrong, before it is worded for one type.
enum class Trouble : std::uint8_t { Syntax, FieldOverflow, MonthOrDayOverflow, ZoneOverflow };
template <typename T>
using Read = std::expected<T, Trouble>;

struct Scanner {
    std::string_view rest;

    bool at_end() const { return rest.empty(); }
    char peek() const { return rest.empty() ? '\0' : rest.front(); }
    bool take(char c) {
        if (peek() != c || rest.empty()) return false;
        rest.remove_prefix(1);
        return true;
    }
    void skip_blanks() {
        while (is_blank(peek())) rest.remove_prefix(1);
    }
    std::string_view digits() {
        std::size_t n = 0;
        while (n < rest.size() && is_digit(rest[n])) ++n;
        const auto found = rest.substr(0, n);
        rest.remove_prefix(n);
        return found;
    }
};

std::int64_t to_number(std::string_view digits) {  // at most 18 digits
    std::int64_t number = 0;
    for (const char c : digits) number = number * 10 + (c - '0');
    return number;
}

std::string lower(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return out;
}

std::string_view trim(std::string_view text) {
    while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
    return text;
}

int days_in_month(std::int64_t year, int month) {
    if (month == 2) return (year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)) ? 29 : 28;
    return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

Read<CivilDate> checked(std::string_view year, std::string_view month, std::string_view day) {
    if (year.size() > 9) return std::unexpected(Trouble::FieldOverflow);
    CivilDate date{to_number(year), static_cast<int>(to_number(month)),
                   static_cast<int>(to_number(day))};
    if (date.month < 1 || date.month > 12 || date.day < 1 || date.day > 31) {
        return std::unexpected(Trouble::MonthOrDayOverflow);
    }
    if (date.year == 0 || date.day > days_in_month(date.year, date.month)) {
        return std::unexpected(Trouble::FieldOverflow);
    }
    return date;
}

/// YYYY-MM-DD (also / as separator, single digits) or YYYYMMDD.
Read<CivilDate> read_date(Scanner& in) {
    const auto year = in.digits();
    const char separator = in.peek();
    if (year.size() == 8 && separator != '-' && separator != '/') {
        return checked(year.substr(0, 4), year.substr(4, 2), year.substr(6, 2));
    }
    if (year.size() < 4 || (separator != '-' && separator != '/')) {
        return std::unexpected(Trouble::Syntax);
    }
    in.take(separator);
    const auto month = in.digits();
    if (month.empty() || month.size() > 2 || !in.take(separator)) {
        return std::unexpected(Trouble::Syntax);
    }
    const auto day = in.digits();
    if (day.empty() || day.size() > 2) return std::unexpected(Trouble::Syntax);
    return checked(year, month, day);
}

/// Digits behind the point as microseconds. Rounded as PostgreSQL does it, by way of a double.
std::int64_t fraction_us(std::string_view digits) {
    const std::string text = "0." + std::string(digits);
    double fraction = 0;
    std::from_chars(text.data(), text.data() + text.size(), fraction);
    return static_cast<std::int64_t>(std::rint(fraction * us_per_second));
}

/// HH:MM[:SS[.f]] as microseconds, up to 24:00:00.
Read<std::int64_t> read_time(Scanner& in) {
    const auto hours = in.digits();
    if (hours.empty() || hours.size() > 2 || !in.take(':')) return std::unexpected(Trouble::Syntax);
    const auto minutes = in.digits();
    if (minutes.size() != 2) return std::unexpected(Trouble::Syntax);
    std::string_view seconds;
    std::string_view fraction;
    if (in.take(':')) {
        seconds = in.digits();
        if (seconds.size() != 2) return std::unexpected(Trouble::Syntax);
        if (in.take('.')) fraction = in.digits();
    }
    // 60 seconds are a leap second, which PostgreSQL carries into the next minute.
    if (to_number(minutes) > 59 || to_number(seconds) > 60) {
        return std::unexpected(Trouble::FieldOverflow);
    }
    const std::int64_t us = to_number(hours) * us_per_hour + to_number(minutes) * us_per_minute +
                            to_number(seconds) * us_per_second + fraction_us(fraction);
    if (us > us_per_day) return std::unexpected(Trouble::FieldOverflow);
    return us;
}

/// The two digits at the head of `digits`, which are removed.
std::int64_t take_pair(std::string_view& digits) {
    const auto number = to_number(digits.substr(0, 2));
    digits.remove_prefix(std::min<std::size_t>(2, digits.size()));
    return number;
}

/// +HH, +HHMM, +HH:MM[:SS] as microseconds east of Greenwich.
Read<std::int64_t> read_offset(Scanner& in) {
    const bool west = in.take('-');
    if (!west && !in.take('+')) return std::unexpected(Trouble::Syntax);
    auto digits = in.digits();
    if (digits.empty() || digits.size() > 4 || digits.size() == 3) {
        return std::unexpected(Trouble::Syntax);
    }
    const std::int64_t hours = take_pair(digits);
    std::int64_t minutes = take_pair(digits);
    std::int64_t seconds = 0;
    if (in.take(':')) {
        minutes = to_number(in.digits().substr(0, 2));
        if (in.take(':')) seconds = to_number(in.digits().substr(0, 2));
    }
    if (hours > 15 || minutes > 59 || seconds > 59) return std::unexpected(Trouble::ZoneOverflow);
    const auto us = hours * us_per_hour + minutes * us_per_minute + seconds * us_per_second;
    return west ? -us : us;
}

/// Nothing when the text ends here.
Read<std::int64_t> read_zone(Scanner& in) {
    in.skip_blanks();
    if (in.at_end()) return 0;
    const std::string name = lower(in.rest);
    if (name == "z" || name == "utc" || name == "gmt" || name == "zulu") {
        in.rest = {};
        return 0;
    }
    const auto offset = read_offset(in);
    if (offset && !in.at_end()) return std::unexpected(Trouble::Syntax);
    return offset;
}

struct Moment {
    CivilDate date;
    std::int64_t time_us = 0;
    std::int64_t offset_us = 0;
};

Read<Moment> read_moment(std::string_view text) {
    Scanner in{trim(text)};
    const auto date = read_date(in);
    if (!date) return std::unexpected(date.error());
    Moment moment{*date};
    if (in.at_end()) return moment;
    const bool separated = in.take('T') || in.take('t') || is_blank(in.peek());
    in.skip_blanks();
    if (separated && is_digit(in.peek())) {
        const auto time = read_time(in);
        if (!time) return std::unexpected(time.error());
        moment.time_us = *time;
    }
    const auto offset = read_zone(in);
    if (!offset) return std::unexpected(offset.error());
    moment.offset_us = *offset;
    return moment;
}

Error worded(Trouble trouble, std::string_view type, std::string_view text) {
    switch (trouble) {
        case Trouble::Syntax:
            break;
        case Trouble::FieldOverflow:
            return sql_error("22008",
                             fmt::format("date/time field value out of range: \"{}\"", text));
        case Trouble::MonthOrDayOverflow:
            return sql_error("22008",
                             fmt::format("date/time field value out of range: \"{}\"", text), "",
                             "Perhaps you need a different \"datestyle\" setting.");
        case Trouble::ZoneOverflow:
            return sql_error("22009",
                             fmt::format("time zone displacement out of range: \"{}\"", text));
    }
    return sql_error("22007", fmt::format("invalid input syntax for type {}: \"{}\"", type, text));
}

/// PostgreSQL's special inputs, which have no fixed value or no place in an integer.
std::optional<Error> refuse_special(std::string_view type, std::string_view text) {
    const std::string word = lower(trim(text));
    for (const std::string_view special : {"infinity", "-infinity", "+infinity", "now", "today",
                                           "tomorrow", "yesterday", "epoch", "allballs"}) {
        if (word != special) continue;
        return sql_error("0A000", fmt::format("\"{}\" is not supported for type {}", text, type),
                         "", "Send the date or time itself.");
    }
    if (word.ends_with(" bc")) {
        return sql_error("0A000", fmt::format("years BC are not supported: \"{}\"", text));
    }
    return std::nullopt;
}

Error out_of_range(std::string_view what, std::string_view text) {
    return sql_error("22008", fmt::format("{} out of range: \"{}\"", what, text));
}

}  // namespace

Result<std::int64_t> parse_date(std::string_view text) {
    if (auto refused = refuse_special("date", text)) return std::unexpected(*refused);
    const auto moment = read_moment(text);
    if (!moment) return std::unexpected(worded(moment.error(), "date", text));
    if (moment->date.year > date_year_max) return std::unexpected(out_of_range("date", text));
    return days_of(moment->date);
}

Result<std::int64_t> parse_time(std::string_view text) {
    if (auto refused = refuse_special("time", text)) return std::unexpected(*refused);
    Scanner in{trim(text)};
    const auto time = read_time(in);
    if (!time) return std::unexpected(worded(time.error(), "time", text));
    const auto zone = read_zone(in);
    if (!zone) return std::unexpected(worded(zone.error(), "time", text));
    return *time;
}

Result<std::int64_t> parse_timestamp(std::string_view text, Zone zone) {
    const std::string_view type = zone == Zone::With ? "timestamp with time zone" : "timestamp";
    if (auto refused = refuse_special(type, text)) return std::unexpected(*refused);
    const auto moment = read_moment(text);
    if (!moment) return std::unexpected(worded(moment.error(), type, text));
    if (moment->date.year > timestamp_year_max) {
        return std::unexpected(out_of_range("timestamp", text));
    }
    const std::int64_t local = days_of(moment->date) * us_per_day + moment->time_us;
    return zone == Zone::With ? local - moment->offset_us : local;
}

}  // namespace dunlin::date_time
