#include "sql/sql_fixture.h"

namespace dunlin::sql {

namespace {

class JsonExpressionTest : public SqlFixture {};

/// Expressions and what psql of PostgreSQL 15 prints for `select` of them, or the SQLSTATE.
struct Group {
    const char* why;
    std::vector<std::pair<const char*, const char*>> cases;
};

}  // namespace

TEST_F(JsonExpressionTest, JsonAndArraysAreThoseOfPostgreSQL) {
    const Group groups[] = {
        {"jsonb is kept in canonical form, json as written",
         {
             {"'{\"b\":1,\"a\":[1, 2]}'::jsonb", "{\"a\": [1, 2], \"b\": 1}"},
             {"'{\"b\":1,\"a\":[1, 2]}'::json", "{\"b\":1,\"a\":[1, 2]}"},
             {"'{\"a\":1,\"a\":2}'::jsonb", "{\"a\": 2}"},
             {"'{bad'::jsonb", "22P02"},
             {"'\"\\u00e4\"'::jsonb", "\"ä\""},
             {"'1.10'::jsonb", "1.10"},
             {"'123456789012345678901234567890'::jsonb", "123456789012345678901234567890"},
         }},
        {"members and elements",
         {
             {"'{\"a\":\"x\"}'::jsonb -> 'a'", "\"x\""},
             {"'{\"a\":\"x\"}'::jsonb ->> 'a'", "x"},
             {"'{\"a\":null}'::jsonb ->> 'a'", ""},
             {"'{\"a\":null}'::jsonb -> 'a'", "null"},
             {"'{\"a\":1}'::jsonb -> 'b'", ""},
             {"'[1,2,3]'::jsonb -> -1", "3"},
             {"'[1,2,3]'::jsonb ->> 1", "2"},
             {"'[1,2,3]'::jsonb -> '1'", ""},
             {"'{\"1\":5}'::jsonb -> 1", ""},
             {"'{\"a\":{\"b\":[10,20]}}'::jsonb #> '{a,b,1}'", "20"},
             {"'{\"a\":{\"b\":[10,20]}}'::jsonb #>> '{a,b,1}'", "20"},
             {"'{\"a\":[1,2]}'::jsonb #> '{a,-1}'", "2"},
             {"'{\"a\":{\"b\":1}}'::jsonb -> 'a' ->> 'b'", "1"},
             {"'{\"a\":[1, 2]}'::json -> 'a'", "[1, 2]"},
         }},
        {"casts out of JSON",
         {
             {"('{\"a\":1}'::jsonb ->> 'a')::int + 1", "2"},
             {"('{\"a\":true}'::jsonb -> 'a')::bool", "t"},
             {"('{\"a\":5}'::jsonb -> 'a')::int", "5"},
             {"('{\"a\":1.50}'::jsonb -> 'a')::numeric", "1.50"},
             {"'{\"a\": 1}'::json::jsonb", "{\"a\": 1}"},
             {"'\"x\"'::jsonb::text", "\"x\""},
         }},
        {"containment and keys",
         {
             {"'{\"a\":1,\"b\":2}'::jsonb @> '{\"a\":1}'", "t"},
             {"'{\"a\":1}'::jsonb @> '{\"a\":1,\"b\":2}'", "f"},
             {"'{\"a\":1}'::jsonb <@ '{\"a\":1,\"b\":2}'", "t"},
             {"'[1,2]'::jsonb @> '1'", "t"},
             {"'{\"a\":[1,2]}'::jsonb @> '{\"a\":[2]}'", "t"},
             {"'[[1]]'::jsonb @> '[1]'", "f"},
             {"'1'::jsonb @> '1.0'", "t"},
             {"'{\"a\":1}'::jsonb ? 'a'", "t"},
             {"'[\"a\"]'::jsonb ? 'a'", "t"},
         }},
        {"jsonb is compared by value",
         {
             {"'{\"a\":1}'::jsonb = '{\"a\":1.0}'::jsonb", "t"},
             {"'10'::jsonb > '9'::jsonb", "t"},
             {"'1.0'::jsonb in ('1','2')", "t"},
             {"'1.0'::jsonb is distinct from '1'", "f"},
             {"null::jsonb is distinct from '1'", "t"},
             {"'{\"a\":1}'::json = '{\"a\":1}'::json", "42883"},
         }},
        {"functions on JSON",
         {
             {"jsonb_typeof('\"a\"')", "string"},
             {"jsonb_typeof('null')", "null"},
             {"jsonb_array_length('[1,2]')", "2"},
             {"jsonb_array_length('{}')", "22023"},
         }},
        {"ANY and ALL",
         {
             {"'abc' = any(array['abc','d'])", "t"},
             {"1 = any('{1,2}')", "t"},
             {"3 = any('{1,null}'::int[])", ""},
             {"1 <> all('{2,null}'::int[])", ""},
             {"null = any('{1}'::int[])", ""},
             {"1.0 = any('{1,2}'::int[])", "t"},
             {"1::bigint = any('{1,2}'::int[])", "t"},
         }},
        {"arrays",
         {
             {"array[1,2] @> array[1]", "t"},
             {"array[1,2] <@ array[1,2,3]", "t"},
             {"array[1,2] && array[2,9]", "t"},
             {"array[1,2] = array[1,2]", "t"},
             {"'{1,2}'::int[] = array[1,2]", "t"},
             {"array[null,1,2.5]", "{NULL,1,2.5}"},
             {"array['a b','c,d','e\"f','null',null]",
              "{\"a b\",\"c,d\",\"e\\\"f\",\"null\",NULL}"},
             {"'{\"a b\",c}'::text[]", "{\"a b\",c}"},
             {"'{1,x}'::int[]", "22P02"},
             {"array['1','2']::int[]", "{1,2}"},
             {"array[true,false]", "{t,f}"},
             {"array['2024-01-01'::date]", "{2024-01-01}"},
             {"array_length(array[1,2,3],1)", "3"},
             {"array_length('{}'::int[],1)", ""},
             {"cardinality('{}'::int[])", "0"},
         }},
    };
    for (const Group& group : groups) {
        for (const auto& [expression, expected] : group.cases) {
            EXPECT_EQ(value(expression), expected) << expression << ": " << group.why;
        }
    }
}

}  // namespace dunlin::sql
