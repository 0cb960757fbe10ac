#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <iterator>
#include <limits>
#include <vector>

#include "core/date_time.h"

namespace dunlin::date_time {

namespace {

/// What a unit counts: its part of an Interval, and how many of that part.
struct Unit {
    std::string_view name;
    enum class Part : std::uint8_t { Time, Days, Months } part;
    std::int64_t count;
};

constexpr std::array units = {
    Unit{"us", Unit::Part::Time, 1},
    Unit{"usec", Unit::Part::Time, 1},
    Unit{"microsecond", Unit::Part::Time, 1},
    Unit{"ms", Unit::Part::Time, 1000},
    Unit{"msec", Unit::Part::Time, 1000},
    Unit{"millisecond", Unit::Part::Time, 1000},
    Unit{"s", Unit::Part::Time, us_per_second},
    Unit{"sec", Unit::Part::Time, us_per_second},
    Unit{"second", Unit::Part::Time, us_per_second},
    Unit{"m", Unit::Part::Time, us_per_minute},
    Unit{"min", Unit::Part::Time, us_per_minute},
    Unit{"minute", Unit::Part::Time, us_per_minute},
    Unit{"h", Unit::Part::Time, us_per_hour},
    Unit{"hr", Unit::Part::Time, us_per_hour},
    Unit{"hour", Unit::Part::Time, us_per_hour},
    Unit{"d", Unit::Part::Days, 1},
    Unit{"day", Unit::Part::Days, 1},
    Unit{"w", Unit::Part::Days, 7},
    Unit{"week", Unit::Part::Days, 7},
    Unit{"mon", Unit::Part::Months, 1},
    Unit{"month", Unit::Part::Months, 1},
    Unit{"y", Unit::Part::Months, 12},
    Unit{"yr", Unit::Part::Months, 12},
    Unit{"year", Unit::Part::Months, 12},
    Unit{"decade", Unit::Part::Months, 120},
    Unit{"century", Unit::Part::Months, 1200},
    Unit{"centurie", Unit::Part::Months, 1200},  // the plural without its s
    Unit{"millennium", Unit::Part::Months, 12000},
};

constexpr std::int64_t days_per_month = 30;  // where a month must have a length

Error syntax_error(std::string_view text) {
    return sql_error("22007", fmt::format("invalid input syntax for type interval: \"{}\"", text));
}

Error out_of_range(std::string_view text) {
    return sql_error("22015", fmt::format("interval field value out of range: \"{}\"", text));
}

const Unit* find_unit(std::string_view name) {
    for (const Unit& unit : units) {
        if (name == unit.name) return &unit;
    }
    if (name.size() > 2 && name.ends_with('s')) return find_unit(name.substr(0, name.size() - 1));
    return nullptr;
}

bool is_number_char(char c) {
    return (c >= '0' && c <= '9') || c == '.';
}

/// Sums the terms of one interval.
class IntervalReader {
public:
    explicit IntervalReader(std::string_view text) : text_(text) {
        for (const char c : text) {
            lower_.push_back(static_cast<char>(std::tolower(static_cast<unsigned char>(c))));
        }
        rest_ = lower_;
    }

    Result<Interval> read() {
        skip_blanks();
        if (take('@')) skip_blanks();
        const auto done = take('p') ? read_iso() : read_terms();
        if (!done) return std::unexpected(done.error());
        constexpr long double whole_max = std::numeric_limits<std::int32_t>::max();
        const long double sign = ago_ ? -1 : 1;
        const bool fits = std::fabs(months_) <= whole_max && std::fabs(days_) <= whole_max &&
                          std::fabs(us_) <= 9.2e18L;
        if (!fits) return std::unexpected(out_of_range(text_));
        return Interval{std::llround(sign * months_), std::llround(sign * days_),
                        std::llround(sign * us_)};
    }

private:
    Result<void> read_terms() {
        if (rest_.empty()) return std::unexpected(syntax_error(text_));
        while (!rest_.empty()) {
            const auto term = read_term();
            if (!term) return term;
            skip_blanks();
            if (word() == "ago") {
                ago_ = true;
                if (!rest_.empty()) return std::unexpected(syntax_error(text_));
            }
        }
        return {};
    }

    /// `3 days`, `1.5h`, `[-]02:03[:04.5]` or `[-]1-2` (years and months); a bare number is
    /// days before a clock, else seconds.
    Result<void> read_term() {
        const long double sign = read_sign();
        long double amount = 0;
        if (!read_number(amount)) return std::unexpected(syntax_error(text_));
        if (rest_.starts_with(':')) return read_clock(sign, amount);
        if (rest_.starts_with('-')) {
            long double months = 0;
            take('-');
            if (!read_number(months) || months >= 12) return std::unexpected(syntax_error(text_));
            months_ += sign * (amount * 12 + months);
            return {};
        }
        skip_blanks();
        const auto name = word(true);
        if (name.empty()) return add(is_clock_ahead() ? "d" : "s", sign * amount);
        return add(name, sign * amount);
    }

    bool is_clock_ahead() const {
        std::string_view ahead = rest_;
        if (ahead.starts_with('-') || ahead.starts_with('+')) ahead.remove_prefix(1);
        const auto digits = ahead.find_first_not_of("0123456789");
        return digits != 0 && digits != ahead.npos && ahead[digits] == ':';
    }

    /// `hours:minutes[:seconds]`, but `minutes:seconds` when the latter has a fraction.
    Result<void> read_clock(long double sign, long double hours) {
        long double minutes = 0;
        long double seconds = 0;
        take(':');
        if (!read_number(minutes) || minutes >= 60) return std::unexpected(syntax_error(text_));
        if (take(':') && (!read_number(seconds) || seconds >= 61)) {
            return std::unexpected(syntax_error(text_));
        }
        if (minutes != std::floor(minutes)) {
            seconds = minutes;
            minutes = hours;
            hours = 0;
        }
        for (const std::string_view unit : {"h", "m", "s"}) {
            if (!is_new(*find_unit(unit))) return std::unexpected(syntax_error(text_));
        }
        us_ += sign * ((hours * 60 + minutes) * 60 + seconds) * us_per_second;
        return {};
    }

    /// P1W2DT3H4M5.6S (ISO 8601).
    Result<void> read_iso() {
        bool in_time = false;
        if (rest_.empty()) return std::unexpected(syntax_error(text_));
        while (!rest_.empty()) {
            if (take('t')) {
                in_time = true;
                continue;
            }
            const long double sign = read_sign();
            long double amount = 0;
            if (!read_number(amount) || rest_.empty()) return std::unexpected(syntax_error(text_));
            const char unit = rest_.front();
            rest_.remove_prefix(1);
            const bool month = unit == 'm' && !in_time;
            const auto added = add(month ? "month" : std::string_view(&unit, 1), sign * amount);
            if (!added) return added;
        }
        return {};
    }

    Result<void> add(std::string_view name, long double amount) {
        const Unit* unit = find_unit(name);
        if (unit == nullptr || !is_new(*unit)) return std::unexpected(syntax_error(text_));
        const long double count = amount * static_cast<long double>(unit->count);
        switch (unit->part) {
            case Unit::Part::Time:
                us_ += count;
                break;
            case Unit::Part::Days:
                add_days(count);
                break;
            case Unit::Part::Months:
                add_months(*unit, count);
        }
        return {};
    }

    /// Each unit may stand once.
    bool is_new(const Unit& unit) {
        const auto same = [&](const Unit* other) {
            return other->part == unit.part && other->count == unit.count;
        };
        if (std::ranges::any_of(seen_, same)) return false;
        seen_.push_back(&unit);
        return true;
    }

    /// A fraction goes down to the next smaller part.
    void add_days(long double days) {
        const long double whole = std::trunc(days);
        days_ += whole;
        us_ += std::round((days - whole) * us_per_day);
    }

    /// A fraction of a year is rounded to months.
    void add_months(const Unit& unit, long double months) {
        if (unit.count > 1) months = std::rint(months);
        const long double whole = std::trunc(months);
        months_ += whole;
        add_days((months - whole) * days_per_month);
    }

    long double read_sign() {
        if (take('-')) return -1;
        take('+');
        return 1;
    }

    bool read_number(long double& number) {
        std::size_t n = 0;
        while (n < rest_.size() && is_number_char(rest_[n])) ++n;
        if (n == 0 || n > 40) return false;
        // Through double: 53 bits are microseconds of 285 years, and a fraction is rounded anyway.
        double parsed = 0;
        const auto result = std::from_chars(rest_.data(), rest_.data() + n, parsed);
        if (result.ec != std::errc{} || result.ptr != rest_.data() + n) return false;
        number = parsed;
        rest_.remove_prefix(n);
        return true;
    }

    /// The letters ahead, taken when they are "ago" or `take_any`.
    std::string_view word(bool take_any = false) {
        std::size_t n = 0;
        while (n < rest_.size() && rest_[n] >= 'a' && rest_[n] <= 'z') ++n;
        const auto found = rest_.substr(0, n);
        if (take_any && found == "ago") return {};
        if (take_any || found == "ago") rest_.remove_prefix(n);
        if (found == "ago") skip_blanks();
        return found;
    }

    bool take(char c) {
        if (rest_.empty() || rest_.front() != c) return false;
        rest_.remove_prefix(1);
        return true;
    }

    void skip_blanks() {
        while (!rest_.empty() && (rest_.front() == ' ' || rest_.front() == '\t')) {
            rest_.remove_prefix(1);
        }
    }

    std::string_view text_;
    std::string lower_;
    std::string_view rest_;
    long double months_ = 0;
    long double days_ = 0;
    long double us_ = 0;
    bool ago_ = false;
    std::vector<const Unit*> seen_;
};

using Length = __int128;

Length length_of(const Interval& interval) {
    return static_cast<Length>(interval.months * days_per_month + interval.days) * us_per_day +
           interval.us;
}

/// `-1 years -2 mons +3 days`: the sign of a part behind a negative one is written out.
class IntervalPrinter {
public:
    explicit IntervalPrinter(std::string& out) : out_(out), start_(out.size()) {}

    void print(std::int64_t count, std::string_view unit) {
        if (count == 0) return;
        begin_part(count > 0);
        fmt::format_to(std::back_inserter(out_), "{} {}{}", count, unit, count == 1 ? "" : "s");
        behind_negative_ = count < 0;
    }

    void print_clock(std::int64_t us) {
        if (us == 0 && out_.size() > start_) return;
        begin_part(us >= 0);
        if (us < 0) out_.push_back('-');
        print_time(us < 0 ? -us : us, out_);
    }

private:
    void begin_part(bool positive) {
        if (out_.size() > start_) out_.push_back(' ');
        if (behind_negative_ && positive) out_.push_back('+');
    }

    std::string& out_;
    std::size_t start_;
    bool behind_negative_ = false;
};

constexpr std::int64_t first_us = -210'866'803'200'000'000;  // 4714-11-24 BC
constexpr std::int64_t last_us = std::numeric_limits<std::int64_t>::max();

}  // namespace

Result<Interval> parse_interval(std::string_view text) {
    while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
    return IntervalReader(text).read();
}

int compare_intervals(const Interval& left, const Interval& right) {
    const Length left_length = length_of(left), right_length = length_of(right);
    return left_length < right_length ? -1 : left_length > right_length ? 1 : 0;
}

int compare_stored_intervals(std::string_view left, std::string_view right) {
    const auto left_interval = parse_interval(left), right_interval = parse_interval(right);
    if (left_interval && right_interval) return compare_intervals(*left_interval, *right_interval);
    if (left_interval.has_value() != right_interval.has_value()) return left_interval ? -1 : 1;
    const int order = left.compare(right);
    return order < 0 ? -1 : order > 0 ? 1 : 0;
}

Result<std::int64_t> add_interval(std::int64_t us, const Interval& interval) {
    const auto beyond = [] {
        return std::unexpected(sql_error("22008", "timestamp out of range"));
    };
    std::int64_t day = day_of(us);
    if (interval.months != 0) {
        CivilDate date = civil_date(day);
        const std::int64_t month = date.year * 12 + date.month - 1 + interval.months;
        const std::int64_t year = month / 12 - (month % 12 < 0 ? 1 : 0);
        const std::int64_t first = days_of({year, static_cast<int>(month - year * 12) + 1, 1});
        const std::int64_t next_month = month + 1;
        const std::int64_t next_year = next_month / 12 - (next_month % 12 < 0 ? 1 : 0);
        const std::int64_t length =
            days_of({next_year, static_cast<int>(next_month - next_year * 12) + 1, 1}) - first;
        day = first + std::min<std::int64_t>(date.day, length) - 1;
    }
    const Length sum =
        static_cast<Length>(day + interval.days) * us_per_day + time_of_day(us) + interval.us;
    if (sum < first_us || sum > last_us) return beyond();
    return static_cast<std::int64_t>(sum);
}

void print_interval(const Interval& interval, std::string& out) {
    IntervalPrinter printer(out);
    printer.print(interval.months / 12, "year");
    printer.print(interval.months % 12, "mon");
    printer.print(interval.days, "day");
    printer.print_clock(interval.us);
}

}  // namespace dunlin::date_time
