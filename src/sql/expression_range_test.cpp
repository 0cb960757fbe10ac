#include "sql/sql_fixture.h"

namespace dunlin::sql {

namespace {

class RangeExpressionTest : public SqlFixture {};

/// Expressions and what psql of PostgreSQL 15 prints for `select` of them, or the SQLSTATE.
struct Group {
    const char* why;
    std::vector<std::pair<const char*, const char*>> cases;
};

}  // namespace

TEST_F(RangeExpressionTest, RangesAreThoseOfPostgreSQL) {
    const Group groups[] = {
        {"discrete ranges are brought into the form [)",
         {
             {"'[1,5)'::int4range", "[1,5)"},
             {"'(1,5]'::int4range", "[2,6)"},
             {"' [ 1 , 5 ] '::int4range", "[1,6)"},
             {"'(1,2)'::int4range", "empty"},
             {"'[3,3]'::int8range", "[3,4)"},
             {"'[3,3)'::int8range", "empty"},
             {"'(,5]'::int4range", "(,6)"},
             {"'[,]'::int4range", "(,)"},
             {"'EMPTY'::int4range", "empty"},
             {"'[2026-01-01,2026-01-31]'::daterange", "[2026-01-01,2026-02-01)"},
             {"'[\"2026-01-01\",)'::daterange", "[2026-01-01,)"},
         }},
        {"others keep their bounds",
         {
             {"'[1.50,2.0]'::numrange", "[1.50,2.0]"},
             {"'(1.5,1.5]'::numrange", "empty"},
             {"'[1.5,1.5]'::numrange", "[1.5,1.5]"},
             {"'[2026-01-01 10:00,2026-01-01 11:30)'::tsrange",
              "[\"2026-01-01 10:00:00\",\"2026-01-01 11:30:00\")"},
             {"'[2026-01-01 10:00+02,2026-01-01T11:30Z)'::tstzrange",
              "[\"2026-01-01 08:00:00+00\",\"2026-01-01 11:30:00+00\")"},
         }},
        {"what is no range",
         {
             {"'1,5'::int4range", "22P02"},
             {"'[1,5'::int4range", "22P02"},
             {"'[1;5)'::int4range", "22P02"},
             {"'[1,2,3)'::int4range", "22P02"},
             {"'[1,2)x'::int4range", "22P02"},
             {"'emptyy'::int4range", "22P02"},
             {"'[a,b]'::int4range", "22P02"},
             {"'[5,1]'::int4range", "22000"},
             {"'[1,2147483647]'::int4range", "22003"},
             {"'[1,99999999999)'::int4range", "22003"},
         }},
        {"constructors",
         {
             {"int4range(1, 5)", "[1,5)"},
             {"int4range(1, 5, '[]')", "[1,6)"},
             {"int4range(null, 5)", "(,5)"},
             {"int4range(1, null, '(]')", "[2,)"},
             {"int4range(5, 1)", "22000"},
             {"int4range(1, 5, 'x')", "42601"},
             {"numrange(1.5, 2)", "[1.5,2)"},
             {"daterange('2026-01-01', '2026-02-01')", "[2026-01-01,2026-02-01)"},
             {"tstzrange('2026-01-01 10:00Z', null)", "[\"2026-01-01 10:00:00+00\",)"},
             {"int8range(1, 5)", "[1,5)"},
         }},
        {"containment",
         {
             {"'[1,5)'::int4range @> 4", "t"},
             {"'[1,5)'::int4range @> 5", "f"},
             {"5 <@ '[1,5]'::int4range", "t"},
             {"'[1,5)'::int4range @> '[2,3]'", "t"},
             {"'[2,3]' <@ '[1,5)'::int4range", "t"},
             {"'[1,5)'::int4range @> 'empty'::int4range", "t"},
             {"'empty'::int4range @> '[1,5)'::int4range", "f"},
             {"'empty'::int4range @> 1", "f"},
             {"'(,)'::int4range @> 1", "t"},
             {"'[1,5)'::int4range @> '3'", "22P02"},
             {"'[1.5,2.5)'::numrange @> 2", "42883"},
             {"'[1.5,2.5)'::numrange @> 2.5", "f"},
             {"'[2026-01-01,2026-02-01)'::daterange @> '2026-01-31'::date", "t"},
             {"'[2026-01-01,2026-02-01)'::daterange @> '2026-02-01'::date", "f"},
             {"'[2026-01-01 10:00,2026-01-01 11:00)'::tsrange @> '2026-01-01 "
              "10:59:59.9'::timestamp",
              "t"},
             {"'2026-01-01 11:00Z'::timestamptz <@ '[2026-01-01 10:00Z,2026-01-01 "
              "11:00Z]'::tstzrange",
              "t"},
             {"'(1.5,2)'::numrange @> '[1.5,2)'::numrange", "f"},
             {"'(,5)'::int4range @> '(,3)'::int4range", "t"},
             {"'(,5)'::int4range @> '(,)'::int4range", "f"},
         }},
        {"places",
         {
             {"'[1,3)'::int4range && '[3,5)'::int4range", "f"},
             {"'[1,3]'::int4range && '[3,5)'", "t"},
             {"'[1,3]'::numrange && '[3,5)'::numrange", "t"},
             {"'[1,3)'::numrange && '[3,5)'::numrange", "f"},
             {"'empty'::int4range && '[3,5)'", "f"},
             {"'[1,3)'::int4range << '[3,5)'", "t"},
             {"'[1,3]'::numrange << '[3,5)'::numrange", "f"},
             {"'[3,5)'::int4range >> '[1,3)'", "t"},
             {"'empty'::int4range << '[3,5)'", "f"},
             {"'[1,3)'::int4range &< '[2,3)'", "t"},
             {"'[1,4)'::int4range &< '[2,3)'", "f"},
             {"'[1,3)'::int4range &> '[2,3)'", "f"},
             {"'[2,9)'::int4range &> '[2,3)'", "t"},
             {"'[1,3)'::int4range -|- '[3,5)'", "t"},
             {"'[1,3]'::int4range -|- '[4,5)'", "t"},
             {"'[1,3)'::int4range -|- '[4,5)'", "f"},
             {"'[1,3]'::numrange -|- '[3,5)'::numrange", "f"},
             {"'[1,3)'::numrange -|- '[3,5)'::numrange", "t"},
             {"'(3,5)'::numrange -|- '[1,3]'::numrange", "t"},
             {"'(3,5)'::numrange -|- '[1,3)'::numrange", "f"},
             {"'[3,5)'::int4range -|- '(,3)'", "t"},
         }},
        {"together",
         {
             {"'[1,3)'::int4range + '[2,5)'", "[1,5)"},
             {"'[1,3)'::int4range + '[3,5)'", "[1,5)"},
             {"'[1,3)'::int4range + '[4,5)'", "22000"},
             {"'[1,3)'::int4range * '[2,5)'", "[2,3)"},
             {"'[1,3)'::int4range * '[4,5)'", "empty"},
             {"'[1,9)'::int4range - '[2,5)'", "22000"},
             {"'[1,9)'::int4range - '[1,5)'", "[5,9)"},
             {"'[1,9)'::int4range - '[5,20)'", "[1,5)"},
             {"'[1,9]'::numrange - '[5,9)'::numrange", "22000"},
             {"'[1,9]'::numrange - '(0,9)'::numrange", "[9,9]"},
             {"'[1,9)'::int4range - 'empty'", "[1,9)"},
             {"range_merge('[1,3)'::int4range, '[7,9)')", "[1,9)"},
             {"'[1,3)'::int4range + null", ""},
         }},
        {"questions",
         {
             {"lower('[1,5]'::int4range)", "1"},
             {"upper('[1,5]'::int4range)", "6"},
             {"lower('(,5]'::int4range)", ""},
             {"upper('empty'::int4range)", ""},
             {"upper('[2026-01-01,2026-01-31]'::daterange)", "2026-02-01"},
             {"lower('[2026-01-01 10:00+02,)'::tstzrange)", "2026-01-01 08:00:00+00"},
             {"upper('[1,2.50]'::numrange)", "2.50"},
             {"isempty('[1,1)'::int4range)", "t"},
             {"isempty('[1,1]'::int4range)", "f"},
             {"lower_inc('(1,5]'::int4range)", "t"},
             {"upper_inc('[1,5]'::numrange)", "t"},
             {"lower_inf('(,5]'::int4range)", "t"},
             {"upper_inf('empty'::int4range)", "f"},
             {"upper_inf('[1,)'::int4range)", "t"},
             {"lower('ABC')", "abc"},
         }},
        {"equality and order are by value",
         {
             {"'[1,5)'::int4range = '[1,4]'", "t"},
             {"'[1.0,5)'::numrange = '[1,5.00)'::numrange", "t"},
             {"'[1,5)'::numrange = '[1,5]'::numrange", "f"},
             {"'[9,10)'::int4range < '[10,11)'", "t"},
             {"'empty'::int4range < '(,1)'", "t"},
             {"'(,1)'::int4range < '[0,1)'", "t"},
             {"'[1,2)'::int4range < '[1,)'", "t"},
             {"'[1,2)'::numrange < '(1,2)'::numrange", "t"},
             {"'[1,2)'::int4range in ('[1,1]', '[5,6)')", "t"},
             {"'[2026-01-01,2026-02-01)'::daterange <> '[2026-01-01,2026-01-31]'::daterange", "f"},
             {"'[1,2)'::int4range = '[1,2)'::int8range", "42883"},
             {"'[1,2)'::int4range @> 'x'", "22P02"},
             {"greatest('[9,10)'::int4range, '[10,11)'::int4range)", "[10,11)"},
         }},
        {"as text and in arrays",
         {
             {"'[1,2]'::int4range::text", "[1,3)"},
             {"'{\"[1,2]\",\"empty\"}'::int4range[]", "{\"[1,3)\",empty}"},
             {"array['[1,2]'::int4range, 'empty']", "{\"[1,3)\",empty}"},
             {"'[\"2026-01-01 10:00:00+00\",)'::tstzrange::text", "[\"2026-01-01 10:00:00+00\",)"},
         }},
    };
    for (const Group& group : groups) {
        for (const auto& [expression, expected] : group.cases)
            EXPECT_EQ(value(expression), expected) << group.why << ": " << expression;
    }
}

}  // namespace dunlin::sql
