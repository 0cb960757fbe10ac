#include "sql/sql_fixture.h"

namespace dunlin::sql {

namespace {

class TimeExpressionTest : public SqlFixture {};

/// Expressions and what psql of PostgreSQL 15 prints for `select` of them, or the SQLSTATE.
struct Group {
    const char* why;
    std::vector<std::pair<const char*, const char*>> cases;
};

}  // namespace

TEST_F(TimeExpressionTest, DatesAndTimesAreThoseOfPostgreSQL) {
    const Group groups[] = {
        {"dates and times are read in ISO form",
         {
             {"'2024-02-30'::date", "22008"},
             {"'20240131'::date", "2024-01-31"},
             {"'2024-01-31 10:00:00+02'::timestamptz", "2024-01-31 08:00:00+00"},
             {"'2024-01-31 10:00:00.123456'::timestamp", "2024-01-31 10:00:00.123456"},
             {"'25:00'::time", "22008"},
             {"'90 minutes'::interval", "01:30:00"},
             {"'1 week'::interval", "7 days"},
         }},
        {"a date and days",
         {
             {"'2024-01-31'::date + 1", "2024-02-01"},
             {"2 + '2024-01-31'::date", "2024-02-02"},
             {"'2024-01-31'::date - '2024-01-01'::date", "30"},
             {"'2024-01-31'::date + interval '1 day'", "2024-02-01 00:00:00"},
             {"'2024-01-31'::date - interval '1 day'", "2024-01-30 00:00:00"},
         }},
        {"instants and intervals",
         {
             {"'2024-01-31 10:00'::timestamp - interval '1 hour'", "2024-01-31 09:00:00"},
             {"'2024-01-31 10:00Z'::timestamptz + interval '90 minutes'", "2024-01-31 11:30:00+00"},
             {"interval '1 day' + '2024-01-31 10:00Z'::timestamptz", "2024-02-01 10:00:00+00"},
             {"'2024-03-01'::timestamp - '2024-01-30 09:00'::timestamp", "30 days 15:00:00"},
             {"'2024-01-31'::timestamp - '2024-01-30'::date", "1 day"},
             {"interval '1 day' + interval '2 hours'", "1 day 02:00:00"},
             {"interval '1 day' * 3", "3 days"},
             {"- interval '1 day'", "-1 days"},
             {"interval '1 day' = interval '24 hours'", "t"},
             {"now() + '1 day' > now()", "t"},
             {"now() - '2024-01-01' > '1 day'", "t"},
             {"now() - interval '1 day' < now()", "t"},
         }},
        {"comparisons across date and instant",
         {
             {"'2024-01-31'::date = '2024-01-31 00:00'::timestamp", "t"},
             {"'2024-01-31'::date < '2024-01-31 00:01Z'::timestamptz", "t"},
             {"'2024-01-31 11:00+01'::timestamptz = '2024-01-31 10:00Z'", "t"},
             {"'10:00'::time < '11:00'::time", "t"},
         }},
        {"casts",
         {
             {"'2024-01-31 10:11:12'::timestamp::date", "2024-01-31"},
             {"'2024-01-31 10:11:12'::timestamp::time", "10:11:12"},
             {"'2024-01-31'::date::timestamptz", "2024-01-31 00:00:00+00"},
             {"'2024-01-31 10:11:12.5'::timestamp::text", "2024-01-31 10:11:12.5"},
             {"'2024-01-31 10:11:12Z'::timestamptz::text", "2024-01-31 10:11:12+00"},
             {"current_date = now()::date", "t"},
             {"localtimestamp = now()::timestamp", "t"},
         }},
        {"AT TIME ZONE knows UTC",
         {
             {"'2024-01-31 10:00Z'::timestamptz at time zone 'UTC'", "2024-01-31 10:00:00"},
             {"'2024-01-31 10:00'::timestamp at time zone 'utc'", "2024-01-31 10:00:00+00"},
             {"now() at time zone 'utc' = now()::timestamp", "t"},
         }},
        {"date_trunc keeps the type of its argument",
         {
             {"date_trunc('day','2024-01-31 10:11:12Z'::timestamptz)", "2024-01-31 00:00:00+00"},
             {"date_trunc('DAY','2024-01-31 10:11:12'::timestamp)", "2024-01-31 00:00:00"},
             {"date_trunc('month','2024-01-31'::date)", "2024-01-01 00:00:00+00"},
             {"date_trunc('week','2021-01-03'::date)", "2020-12-28 00:00:00+00"},
             {"date_trunc('quarter','2024-05-31 10:11:12'::timestamp)", "2024-04-01 00:00:00"},
             {"date_trunc('milliseconds','2024-01-31 10:11:12.5551'::timestamp)",
              "2024-01-31 10:11:12.555"},
             {"date_trunc('century','2021-01-03'::timestamp)", "2001-01-01 00:00:00"},
             {"date_trunc('x','2024-01-31 10:11:12'::timestamp)", "22023"},
         }},
        {"extract gives a numeric, date_part a double",
         {
             {"extract(year from '2024-01-31'::date)", "2024"},
             {"extract(hour from '2024-01-31 10:11:12'::timestamp)", "10"},
             {"extract(second from '2024-01-31 10:11:12.5'::timestamp)", "12.500000"},
             {"extract(second from '1969-12-31 23:59:58.25'::timestamp)", "58.250000"},
             {"extract(dow from '2024-01-28'::date)", "0"},
             {"extract(isodow from '2024-01-28'::date)", "7"},
             {"extract(doy from '2024-02-01'::date)", "32"},
             {"extract(week from '2021-01-03'::date)", "53"},
             {"extract(isoyear from '2021-01-03'::date)", "2020"},
             {"extract(epoch from '1969-12-31 23:59:58.25'::timestamp)", "-1.750000"},
             {"extract(epoch from interval '1 day')", "86400.000000"},
             {"extract(day from interval '3 days 4 hours')", "3"},
             {"extract(hour from '10:20'::time)", "10"},
             {"extract(nonsense from '2024-01-31 10:11:12.5'::timestamp)", "22023"},
             {"extract(year from '2024-01-31'::date)::int", "2024"},
             {"date_part('epoch','2024-01-31 00:00:00.25'::timestamp)", "1706659200.25"},
         }},
    };
    for (const Group& group : groups) {
        for (const auto& [expression, expected] : group.cases) {
            EXPECT_EQ(value(expression), expected) << expression << ": " << group.why;
        }
    }
}

}  // namespace dunlin::sql
