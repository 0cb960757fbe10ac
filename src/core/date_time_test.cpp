#include "core/date_time.h"

#include <gtest/gtest.h>

namespace dunlin::date_time {

TEST(DateTime, CountsDaysBothWays) {
    struct Case {
        const char* why;
        CivilDate date;
        std::int64_t days;
    };
    const Case cases[] = {
        {"the epoch", {1970, 1, 1}, 0},
        {"the day before", {1969, 12, 31}, -1},
        {"leap day of a century", {2000, 2, 29}, 11'016},
        {"after a century without one", {1900, 3, 1}, -25'508},
        {"year 1", {1, 1, 1}, -719'162},
        {"far ahead", {9999, 12, 31}, 2'932'896},
    };
    for (const Case& c : cases) {
        EXPECT_EQ(days_of(c.date), c.days) << c.why;
        EXPECT_EQ(civil_date(c.days), c.date) << c.why;
    }
    for (std::int64_t days = -800'000; days < 800'000; days += 13) {
        ASSERT_EQ(days_of(civil_date(days)), days);
    }
}

std::string shown(const Result<std::int64_t>& us) {
    if (!us) return us.error().sqlstate + " " + us.error().message;
    std::string out;
    print_timestamp(*us, ' ', out);
    return out;
}

TEST(DateTime, ReadsTheTimestampsPostgresReads) {
    struct Case {
        const char* why;
        const char* text;
        const char* expected;
    };
    const Case cases[] = {
        {"JavaScript", "2026-08-21T10:11:12.345Z", "2026-08-21 10:11:12.345"},
        {"blank and offset", "2026-08-21 10:11:12+02", "2026-08-21 08:11:12"},
        {"offset with minutes", "2026-08-21 10:11:12-03:30", "2026-08-21 13:41:12"},
        {"offset without colon", "2026-08-21 10:11:12 +0200", "2026-08-21 08:11:12"},
        {"no zone is UTC", "2026-08-21 10:11:12", "2026-08-21 10:11:12"},
        {"named UTC", "2026-08-21 10:11:12 utc", "2026-08-21 10:11:12"},
        {"no seconds", "2026-08-21 10:11", "2026-08-21 10:11:00"},
        {"date only", "2026-08-21", "2026-08-21 00:00:00"},
        {"rounded to microseconds", "2026-08-21 10:11:12.1234567", "2026-08-21 10:11:12.123457"},
        {"rounding carries", "2026-12-31 23:59:59.9999999", "2027-01-01 00:00:00"},
        {"midnight at the end", "2026-08-21 24:00:00", "2026-08-22 00:00:00"},
        {"leap second", "2026-08-21 23:59:60", "2026-08-22 00:00:00"},
        {"before 1970", "1969-12-31 23:59:59.5", "1969-12-31 23:59:59.5"},
        {"basic date", "20260821", "2026-08-21 00:00:00"},
        {"blanks around", "  2026-8-1  ", "2026-08-01 00:00:00"},
        {"words", "tuesday",
         "22007 invalid input syntax for type timestamp with time zone: \"tuesday\""},
        {"empty", "", "22007 invalid input syntax for type timestamp with time zone: \"\""},
        {"junk behind", "2026-08-21 10:11:12 x",
         "22007 invalid input syntax for type timestamp with time zone: \"2026-08-21 10:11:12 x\""},
        {"no such month", "2026-13-01", "22008 date/time field value out of range: \"2026-13-01\""},
        {"no such day", "2026-02-29", "22008 date/time field value out of range: \"2026-02-29\""},
        {"no such hour", "2026-02-01 24:00:01",
         "22008 date/time field value out of range: \"2026-02-01 24:00:01\""},
        {"too far", "300000-01-01", "22008 timestamp out of range: \"300000-01-01\""},
        {"zone too far", "2026-02-01 10:00+20",
         "22009 time zone displacement out of range: \"2026-02-01 10:00+20\""},
        {"infinity", "infinity",
         "0A000 \"infinity\" is not supported for type timestamp with time zone"},
        {"now", "now", "0A000 \"now\" is not supported for type timestamp with time zone"},
        {"BC", "0044-03-15 BC", "0A000 years BC are not supported: \"0044-03-15 BC\""},
    };
    for (const Case& c : cases) {
        EXPECT_EQ(shown(parse_timestamp(c.text, Zone::With)), c.expected) << c.why;
    }
}

TEST(DateTime, DropsTheZoneOfATimestampWithoutOne) {
    EXPECT_EQ(shown(parse_timestamp("2026-08-21T10:11:12+02:00", Zone::Without)),
              "2026-08-21 10:11:12");
}

TEST(DateTime, ReadsAndPrintsIntervals) {
    struct Case {
        const char* text;
        const char* expected;
    };
    const Case cases[] = {
        {"1 day 02:03:04.5", "1 day 02:03:04.5"},
        {"36 hours", "36:00:00"},
        {"90", "00:01:30"},
        {"1.5 hours", "01:30:00"},
        {"2 weeks", "14 days"},
        {"-1 day", "-1 days"},
        {"1 day -02:00", "1 day -02:00:00"},
        {"5 minutes ago", "-00:05:00"},
        {"P1DT2H3M4.5S", "1 day 02:03:04.5"},
        {"PT5M", "00:05:00"},
        {"1h30m", "01:30:00"},
        {"0 months", "00:00:00"},
        {"13 months", "1 year 1 mon"},
        {"P1Y", "1 year"},
        {"soon", "22007 invalid input syntax for type interval: \"soon\""},
        {"", "22007 invalid input syntax for type interval: \"\""},
        {"1 fortnight", "22007 invalid input syntax for type interval: \"1 fortnight\""},
        {"99999999999 weeks", "22015 interval field value out of range: \"99999999999 weeks\""},
    };
    for (const Case& c : cases) {
        const auto us = parse_interval(c.text);
        std::string out = us ? "" : us.error().sqlstate + " " + us.error().message;
        if (us) print_interval(*us, out);
        EXPECT_EQ(out, c.expected) << c.text;
    }
}

}  // namespace dunlin::date_time
