#include "sql/expression.h"
#include "sql/parser.h"
#include "sql/sql_fixture.h"

namespace dunlin::sql {

namespace {

/// What is said of `select EXPRESSION` without running it.
Error refusal_of(std::string_view expression) {
    const auto tree = parse("select " + std::string(expression));
    if (!tree) return tree.error().error;
    const auto query = analyze_query({}, *tree->statements()[0]->stmt->select_stmt);
    return query ? Error{} : query.error().error;
}

struct Case {
    const char* why;
    const char* expression;
    const char* sqlstate;
};

}  // namespace

TEST(ExpressionRefused, WhatSQLiteCannotCarryIsRefusedWithARemedy) {
    const Case cases[] = {
        {"an unknown function", "nosuch(1)", "42883"},
        {"wrong types for a function", "length(1)", "42883"},
        {"a double is not rounded to fit a parameter", "left('abc', 2.5)", "42883"},
        {"no operator for these types", "'a'::text = 1", "42883"},
        {"no power of numeric", "2.5 ^ 10", "0A000"},
        {"no root of numeric", "sqrt(2.5)", "0A000"},
        {"no notifications", "pg_notify('a', 'b')", "0A000"},
        {"json has no equality", "'{}'::json = '{}'::json", "42883"},
        {"json changed by an operator", "'{\"a\":1}'::json - 'a'", "0A000"},
        {"json path", "'{\"a\":1}'::jsonb @? '$.a'", "0A000"},
        {"money", "'1'::money", "0A000"},
        {"xml", "'<a/>'::xml", "0A000"},
        {"geometry", "'(1,2)'::point", "0A000"},
        {"a time with a zone", "'10:00+02'::timetz", "0A000"},
        {"multiranges", "'{[1,2)}'::int4multirange", "0A000"},
        {"an interval with its unit outside", "interval '30' minute", "0A000"},
        {"other time zones", "now() at time zone 'Europe/Berlin'", "0A000"},
        {"infinity as a time", "'infinity'::timestamptz", "0A000"},
        {"NaN would be NULL", "'NaN'::float8", "0A000"},
        {"other operators beside ANY", "3 > any('{1,5}'::int[])", "0A000"},
        {"arrays are not ordered", "array[1,2] < array[1,3]", "0A000"},
        {"arrays of numeric have no equality of text", "array[1.0] = array[1.00]", "0A000"},
        {"arrays of arrays", "array[array[1], array[2]]", "0A000"},
        {"rows", "(1, 2) = (1, 2)", "0A000"},
        {"a filter of a function", "lower('A') filter (where true)", "42809"},
        {"SIMILAR TO", "'abc' similar to 'a%'", "0A000"},
        {"BETWEEN SYMMETRIC", "1 between symmetric 2 and 0", "0A000"},
        {"bit strings", "B'101'", "0A000"},
        {"a window made of another", "sum(1) over (w order by 1)", "0A000"},
        {"offsets of ranges", "sum(1) over (order by 1 range 1 preceding)", "0A000"},
        {"sums of intervals", "sum(interval '1 day')", "0A000"},
        {"INTERSECT ALL", "1 intersect all select 2", "0A000"},
        {"greatest of arrays", "greatest(array[1], array[2])", "0A000"},
        {"an order that jsonb has and its text has not", "'1'::jsonb order by 1", "0A000"},
    };
    for (const Case& c : cases) {
        const Error error = refusal_of(c.expression);
        EXPECT_EQ(error.sqlstate, c.sqlstate) << c.why;
        EXPECT_FALSE(error.hint.empty()) << c.why << ": " << error.message;
    }
}

TEST(ExpressionRefused, MistakesHaveTheCodesOfPostgreSQL) {
    const Case cases[] = {
        {"a cast that does not exist", "now()::int", "42846"},
        {"a condition that is none", "1 where 1", "42804"},
        {"AND of what is no boolean", "true and 1", "42804"},
        {"branches of different types", "case when true then 1 else 'x'::text end", "42804"},
        {"unary operators are not all minus", "~ 5", "42883"},
        {"an aggregate in WHERE", "1 where count(*) > 1", "42803"},
        {"a column of nothing", "x", "42703"},
        {"a relation that is not there", "1 from nosuch", "42P01"},
        {"a type that is not there", "'a'::nosuch", "42704"},
        {"a literal that is none", "'x'::int", "22P02"},
        {"one column from a subquery", "1 in (select 1, 2)", "42601"},
    };
    for (const Case& c : cases) EXPECT_EQ(refusal_of(c.expression).sqlstate, c.sqlstate) << c.why;
}

}  // namespace dunlin::sql
