#include "sql/sql_fixture.h"

namespace dunlin::sql {

namespace {

class IntervalExpressionTest : public SqlFixture {};

/// Expressions and what psql of PostgreSQL 15 prints for `select` of them, or the SQLSTATE.
struct Group {
    const char* why;
    std::vector<std::pair<const char*, const char*>> cases;
};

}  // namespace

TEST_F(IntervalExpressionTest, IntervalsAreThoseOfPostgreSQL) {
    const Group groups[] = {
        {"months, days and time are kept apart",
         {
             {"'1 month'::interval", "1 mon"},
             {"'1 year 2 months 3 days 04:05:06.789'::interval",
              "1 year 2 mons 3 days 04:05:06.789"},
             {"'P1Y2M3DT4H5M6.5S'::interval", "1 year 2 mons 3 days 04:05:06.5"},
             {"'1-2'::interval", "1 year 2 mons"},
             {"'-1-2 +3 -4:05'::interval", "-1 years -2 mons +3 days -04:05:00"},
             {"'-1 year -2 mons +3 days -04:05:06'::interval",
              "-1 years -2 mons +3 days -04:05:06"},
             {"'1.5 years'::interval", "1 year 6 mons"},
             {"'1.5 months'::interval", "1 mon 15 days"},
             {"'1.5 weeks'::interval", "10 days 12:00:00"},
             {"'0.5 days'::interval", "12:00:00"},
             {"'36 hours'::interval", "36:00:00"},
             {"'1 day 25:00'::interval", "1 day 25:00:00"},
             {"'2 decades 1 century'::interval", "120 years"},
             {"'02:03.5'::interval", "00:02:03.5"},
             {"'1 mon 2 days ago'::interval", "-1 mons -2 days"},
             {"'0'::interval", "00:00:00"},
             {"'1 fortnight'::interval", "22007"},
             {"'99999999999 months'::interval", "22015"},
         }},
        {"a month counts 30 days in comparisons",
         {
             {"'1 month'::interval = '30 days'", "t"},
             {"'1 month'::interval < '31 days'", "t"},
             {"'1 year'::interval > '364 days'", "f"},
             {"'24 hours'::interval = '1 day'", "t"},
             {"greatest('1 month'::interval, '29 days')", "1 mon"},
             {"'10 days'::interval > '9 days'", "t"},
         }},
        {"months of the calendar",
         {
             {"'2024-01-31'::date + interval '1 month'", "2024-02-29 00:00:00"},
             {"'2023-01-31'::timestamp + interval '1 month'", "2023-02-28 00:00:00"},
             {"'2024-02-29'::timestamp + interval '1 year'", "2025-02-28 00:00:00"},
             {"'2024-03-31 10:00Z'::timestamptz - interval '1 month 1 day'",
              "2024-02-28 10:00:00+00"},
             {"'2024-12-15'::timestamp + interval '1 month'", "2025-01-15 00:00:00"},
             {"'2024-01-15'::timestamp - interval '2 months'", "2023-11-15 00:00:00"},
             {"interval '1 year' + '2024-01-31'::timestamp", "2025-01-31 00:00:00"},
             {"'2024-01-31'::timestamp + interval '1 mon -1 day'", "2024-02-28 00:00:00"},
             {"'2024-03-01'::timestamp - '2024-01-01'::timestamp", "60 days"},
             {"'2024-01-01 10:00'::timestamp - '2024-01-03 12:00'::timestamp", "-2 days -02:00:00"},
             {"'23:30'::time + interval '1 hour'", "00:30:00"},
             {"'00:30'::time - interval '1 day 1 hour'", "23:30:00"},
         }},
        {"arithmetic",
         {
             {"interval '1 month' + interval '15 days 12:00'", "1 mon 15 days 12:00:00"},
             {"interval '1 month' - interval '2 months 1 day'", "-1 mons -1 days"},
             {"interval '1 month' * 3", "3 mons"},
             {"2 * interval '1 month 1 day'", "2 mons 2 days"},
             {"interval '1 month' * 0.5", "15 days"},
             {"interval '1 month' / 2", "15 days"},
             {"interval '1 month' / 3", "10 days"},
             {"interval '1 day' / 7", "03:25:42.857143"},
             {"interval '10:00' / 4", "02:30:00"},
             {"interval '1 month 20 days' * 1.5", "1 mon 45 days"},
             {"interval '1 year' / 0", "22012"},
             {"- interval '1 mon 2 days 03:00'", "-1 mons -2 days -03:00:00"},
             {"interval '100000000 years' * 100", "22008"},
         }},
        {"parts",
         {
             {"extract(epoch from interval '1 year 1 month 1 day 01:00')", "34239600.000000"},
             {"extract(month from interval '14 months')", "2"},
             {"extract(year from interval '14 months')", "1"},
             {"extract(day from interval '36 days 12:00')", "36"},
             {"extract(hour from interval '36 hours')", "36"},
             {"extract(epoch from interval '36.5 seconds')", "36.500000"},
             {"date_part('epoch', interval '1 month')", "2592000"},
             {"age('2024-03-01'::timestamp, '2023-12-15 10:00'::timestamp)",
              "2 mons 16 days 14:00:00"},
             {"age('2024-01-31'::timestamp, '2024-02-29'::timestamp)", "-29 days"},
             {"age('2001-04-10'::timestamp, '1957-06-13'::timestamp)", "43 years 9 mons 27 days"},
             {"age('2024-02-29'::date, '2020-02-29'::date)", "4 years"},
         }},
        {"casts",
         {
             {"'1 mon 1 day'::interval::text", "1 mon 1 day"},
             {"interval '1 day 10:30'::time", "10:30:00"},
             {"'10:30'::time::interval", "10:30:00"},
             {"'{\"1 mon\",\"36:00:00\"}'::interval[]", "{\"1 mon\",36:00:00}"},
         }},
    };
    for (const Group& group : groups) {
        for (const auto& [expression, expected] : group.cases)
            EXPECT_EQ(value(expression), expected) << group.why << ": " << expression;
    }
}

}  // namespace dunlin::sql
