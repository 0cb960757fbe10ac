#include "core/date_time.h"

#include <fmt/format.h>

#include <iterator>

namespace dunlin::date_time {

namespace {

std::int64_t floor_divide(std::int64_t value, std::int64_t by) {
    return value / by - (value % by < 0 ? 1 : 0);
}

void append_two(std::int64_t number, std::string& out) {
    out.push_back(static_cast<char>('0' + number / 10));
    out.push_back(static_cast<char>('0' + number % 10));
}

/// Appends `.345` without trailing zeros, nothing for zero.
void print_fraction(std::int64_t us, std::string& out) {
    if (us == 0) return;
    std::string digits = fmt::format(".{:06}", us);
    while (digits.back() == '0') digits.pop_back();
    out += digits;
}

}  // namespace

std::int64_t days_of(const CivilDate& date) {
    const std::int64_t year = date.month <= 2 ? date.year - 1 : date.year;
    const std::int64_t era = floor_divide(year, 400);
    const std::int64_t year_of_era = year - era * 400;
    const std::int64_t month = date.month > 2 ? date.month - 3 : date.month + 9;
    const std::int64_t day_of_year = (153 * month + 2) / 5 + date.day - 1;
    const std::int64_t day_of_era =
        year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146'097 + day_of_era - 719'468;
}

CivilDate civil_date(std::int64_t days) {
    const std::int64_t shifted = days + 719'468;
    const std::int64_t era = floor_divide(shifted, 146'097);
    const std::int64_t day_of_era = shifted - era * 146'097;
    const std::int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
    const std::int64_t day_of_year =
        day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const std::int64_t month = (5 * day_of_year + 2) / 153;  // March is 0
    CivilDate date;
    date.day = static_cast<int>(day_of_year - (153 * month + 2) / 5 + 1);
    date.month = static_cast<int>(month < 10 ? month + 3 : month - 9);
    date.year = year_of_era + era * 400 + (date.month <= 2 ? 1 : 0);
    return date;
}

std::int64_t day_of(std::int64_t us) {
    return floor_divide(us, us_per_day);
}

std::int64_t time_of_day(std::int64_t us) {
    return us - day_of(us) * us_per_day;
}

void print_date(std::int64_t days, std::string& out) {
    const CivilDate date = civil_date(days);
    const bool before_christ = date.year <= 0;  // Year 0 is 1 BC.
    const std::int64_t year = before_christ ? 1 - date.year : date.year;
    if (year < 10'000) {
        append_two(year / 100, out);
        append_two(year % 100, out);
    } else {
        out += std::to_string(year);
    }
    out.push_back('-');
    append_two(date.month, out);
    out.push_back('-');
    append_two(date.day, out);
    if (before_christ) out += " BC";
}

void print_time(std::int64_t us, std::string& out) {
    const std::int64_t hours = us / us_per_hour;
    if (hours < 100)
        append_two(hours, out);
    else
        out += std::to_string(hours);  // an interval
    out.push_back(':');
    append_two(us / us_per_minute % 60, out);
    out.push_back(':');
    append_two(us / us_per_second % 60, out);
    print_fraction(us % us_per_second, out);
}

void print_timestamp(std::int64_t us, char separator, std::string& out) {
    print_date(day_of(us), out);
    out.push_back(separator);
    print_time(time_of_day(us), out);
}

}  // namespace dunlin::date_time
