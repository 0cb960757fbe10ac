#include "sql/sql_fixture.h"

namespace dunlin::sql {

namespace {

class LimitsTest : public SqlFixture {};

/// What PostgreSQL does and this does not, or not to any size; found only when it is run.
struct Case {
    const char* why;
    const char* query;
    const char* sqlstate;
};

}  // namespace

TEST_F(LimitsTest, WhatIsNotCarriedOrTooLargeIsRefusedWhenItIsRun) {
    const Case cases[] = {
        {"Roman numbers", "select to_char(1, 'RN')", "0A000"},
        {"exponents", "select to_char(1, '9.9EEEE')", "0A000"},
        {"spelled numbers", "select to_char(now(), 'DDSP')", "0A000"},
        {"years of ISO weeks are not read", "select to_date('2024', 'IYYY')", "0A000"},
        {"exact widths are not read", "select to_date('2024', 'FXYYYY')", "0A000"},
        {"no year is the year 1 BC", "select to_date('10', 'DD')", "0A000"},
        {"options for lines", "select regexp_replace('a', 'a', 'b', 'n')", "0A000"},
        {"lazy beside greedy", "select regexp_replace('aab', 'a+?b*', '')", "0A000"},
        {"lazy beside alternatives", "select regexp_match('ab', 'a|a.*?b')", "0A000"},
        {"a long text", "select length(repeat('x', 100000000))", "54000"},
        {"a long filling", "select length(lpad('x', 2000000000))", "54000"},
        {"many rows", "select count(*) from generate_series(1, 2000000)", "54000"},
        {"a long format", "select to_char(now(), repeat('Month', 1000))", "54000"},
        {"many digits", "select to_char(1, repeat('9', 2000))", "54000"},
        {"a text that grows",
         "select length(regexp_replace(repeat('x', 10000), 'x', "
         "repeat('y', 10000), 'g'))",
         "54000"},
    };
    for (const Case& c : cases) EXPECT_EQ(rows(c.query), c.sqlstate) << c.why;
}

}  // namespace dunlin::sql
