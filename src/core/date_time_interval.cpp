#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>

#include "core/date_time.h"

namespace dunlin::date_time {

namespace {

struct Unit {
    std::string_view name;
    std::int64_t us;  // 0: months and years, which have no fixed length
};

constexpr std::array units = {
    Unit{"us", 1},
    Unit{"usec", 1},
    Unit{"microsecond", 1},
    Unit{"ms", 1000},
    Unit{"msec", 1000},
    Unit{"millisecond", 1000},
    Unit{"s", us_per_second},
    Unit{"sec", us_per_second},
    Unit{"second", us_per_second},
    Unit{"m", us_per_minute},
    Unit{"min", us_per_minute},
    Unit{"minute", us_per_minute},
    Unit{"h", us_per_hour},
    Unit{"hr", us_per_hour},
    Unit{"hour", us_per_hour},
    Unit{"d", us_per_day},
    Unit{"day", us_per_day},
    Unit{"w", 7 * us_per_day},
    Unit{"week", 7 * us_per_day},
    Unit{"mon", 0},
    Unit{"month", 0},
    Unit{"y", 0},
    Unit{"yr", 0},
    Unit{"year", 0},
    Unit{"decade", 0},
    Unit{"century", 0},
    Unit{"millennium", 0},
};

Error syntax_error(std::string_view text) {
    return sql_error("22007", fmt::format("invalid input syntax for type interval: \"{}\"", text));
}

Error out_of_range(std::string_view text) {
    return sql_error("22008", fmt::format("interval field value out of range: \"{}\"", text));
}

Error no_fixed_length(std::string_view text) {
    return sql_error("0A000",
                     fmt::format("months and years in an interval are not supported: \"{}\"", text),
                     "", "Use weeks, days or smaller units.");
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

    Result<std::int64_t> read() {
        skip_blanks();
        if (take('@')) skip_blanks();
        const auto done = take('p') ? read_iso() : read_terms();
        if (!done) return std::unexpected(done.error());
        const long double us = ago_ ? -total_us_ : total_us_;
        if (std::fabs(us) > 9.2e18L) return std::unexpected(out_of_range(text_));
        return static_cast<std::int64_t>(std::llround(us));
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

    /// `3 days`, `1.5h` or `[-]02:03[:04.5]`; a bare number is seconds.
    Result<void> read_term() {
        const long double sign = read_sign();
        long double amount = 0;
        if (!read_number(amount)) return std::unexpected(syntax_error(text_));
        if (!rest_.empty() && rest_.front() == ':') return read_clock(sign, amount);
        skip_blanks();
        const auto name = word(true);
        return add(name.empty() ? "s" : name, sign * amount);
    }

    Result<void> read_clock(long double sign, long double hours) {
        long double minutes = 0;
        long double seconds = 0;
        take(':');
        if (!read_number(minutes) || minutes >= 60) return std::unexpected(syntax_error(text_));
        if (take(':') && (!read_number(seconds) || seconds >= 61)) {
            return std::unexpected(syntax_error(text_));
        }
        total_us_ += sign * ((hours * 60 + minutes) * 60 + seconds) * us_per_second;
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
        if (unit == nullptr) return std::unexpected(syntax_error(text_));
        if (unit->us == 0 && amount != 0) return std::unexpected(no_fixed_length(text_));
        total_us_ += amount * static_cast<long double>(unit->us);
        return {};
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
    long double total_us_ = 0;
    bool ago_ = false;
};

}  // namespace

Result<std::int64_t> parse_interval(std::string_view text) {
    while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
    return IntervalReader(text).read();
}

}  // namespace dunlin::date_time
