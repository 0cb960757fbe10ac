#include "sql/sql_fixture.h"

namespace dunlin::sql {

namespace {

class TextExpressionTest : public SqlFixture {};

/// Expressions and what psql of PostgreSQL 15 prints for `select` of them, or the SQLSTATE.
struct Group {
    const char* why;
    std::vector<std::pair<const char*, const char*>> cases;
};

}  // namespace

TEST_F(TextExpressionTest, TextIsThatOfPostgreSQL) {
    const Group groups[] = {
        {"concatenation: NULL swallows, concat() does not",
         {
             {"'a' || 'b'", "ab"},
             {"'a' || null", ""},
             {"'a' || 1", "a1"},
             {"'a' || 1.50", "a1.50"},
             {"'a' || true", "atrue"},
             {"concat('a',null,1,true)", "a1t"},
             {"concat_ws(',','a',null,'b')", "a,b"},
             {"concat_ws(null,'a','b')", ""},
         }},
        {"positions and lengths count characters",
         {
             {"length('äé')", "2"},
             {"char_length('abc')", "3"},
             {"length(null)", ""},
             {"position('b' in 'äb')", "2"},
             {"strpos('abc','x')", "0"},
             {"left('äbc',2)", "äb"},
             {"left('abc',-1)", "ab"},
             {"right('abc',2)", "bc"},
             {"right('abc',-1)", "bc"},
             {"right('abc',0)", ""},
             {"substring('abcdef' from 2 for 3)", "bcd"},
             {"substring('abcdef',0,3)", "ab"},
             {"substring('abcdef',-2,5)", "ab"},
             {"substring('abcdef',2,-1)", "22011"},
             {"substr('abcdef',3)", "cdef"},
         }},
        {"letters beyond ASCII have a case too",
         {
             {"upper('äé')", "ÄÉ"},
             {"lower('ÄÉ')", "äé"},
             {"upper('straße')", "STRAßE"},
             {"lower('ABC')", "abc"},
             {"'Ä' ilike 'ä'", "t"},
             {"'ПРИВЕТ' ilike 'привет%'", "t"},
         }},
        {"trimming, replacing and splitting",
         {
             {"trim('  a  ')", "a"},
             {"trim(both 'x' from 'xxaxx')", "a"},
             {"ltrim('xyaxy','xy')", "axy"},
             {"rtrim('  a ')", "  a"},
             {"replace('aaa','a','b')", "bbb"},
             {"replace('aaa','','b')", "aaa"},
             {"split_part('a,b,c',',',2)", "b"},
             {"split_part('a,b,c',',',5)", ""},
             {"split_part('a,b,c',',',-1)", "c"},
             {"split_part('a,b,c',',',-4)", ""},
             {"split_part('a,b,c',',',0)", "22023"},
             {"starts_with('abc','ab')", "t"},
             {"md5('a')", "0cc175b9c0f1b6a831c399e269772661"},
         }},
        {"LIKE",
         {
             {"'abc' like 'a%'", "t"},
             {"'abc' like 'A%'", "f"},
             {"'abc' ilike 'A%'", "t"},
             {"'abc' like '_b_'", "t"},
             {"'äb' like '_b'", "t"},
             {"'abc' like 'ab'", "f"},
             {"'a%c' like 'a\\%c'", "t"},
             {"'abc' like 'a\\%c'", "f"},
             {"'a_c' like 'a\\_c'", "t"},
             {"'abc' like null", ""},
             {"'' like '%'", "t"},
             {"'abc' not like 'a%'", "f"},
         }},
        {"regular expressions",
         {
             {"'abc' ~ '^a'", "t"},
             {"'abc' ~ 'B'", "f"},
             {"'abc' ~* 'B'", "t"},
             {"'abc' !~ 'x'", "t"},
             {"'abc' !~* 'B'", "f"},
             {"'abc123' ~ '^[a-z]+\\d+$'", "t"},
             {"'a@b.co' ~* '^[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\\.[A-Za-z]{2,}$'", "t"},
             {"E'a\\nb' ~ 'a.b'", "t"},
             {"E'a\\nb' ~ '^b'", "f"},
             {"'a' ~ '\\ya\\y'", "t"},
             {"'ab' ~ 'a\\Z'", "f"},
             {"'abc' ~ '('", "2201B"},
         }},
        {"an explicit cast cuts, and char(n) is compared without its padding",
         {
             {"'abcdef'::varchar(3)", "abc"},
             {"'abcdef'::char(3)", "abc"},
             {"'ab'::char(4)", "ab  "},
             {"'ab'::char(4) || '.'", "ab."},
             {"length('ab'::char(4))", "2"},
             {"'ab'::char(4) = 'ab'", "t"},
             {"'ab'::char(4) = 'ab  '::text", "f"},
             {"'abc'::char(5) like 'abc'", "f"},
         }},
        {"text is ordered by bytes",
         {
             {"'a' < 'B'", "f"},
             {"'a' < 'b'", "t"},
             {"'a' = 'a '", "f"},
             {"'abc' > 'abd'", "f"},
         }},
        {"uuid and bytea",
         {
             {"'550E8400E29B41D4A716446655440000'::uuid", "550e8400-e29b-41d4-a716-446655440000"},
             {"'x'::uuid", "22P02"},
             {"'550e8400-e29b-41d4-a716-446655440000'::uuid = "
              "'550E8400-E29B-41D4-A716-446655440000'",
              "t"},
             {"'550e8400-e29b-41d4-a716-446655440000'::uuid::text",
              "550e8400-e29b-41d4-a716-446655440000"},
             {"length(gen_random_uuid()::text)", "36"},
             {"gen_random_uuid() = gen_random_uuid()", "f"},
             {"'\\xDEad'::bytea = '\\xdead'", "t"},
         }},
        {"passwords as pgcrypto hashes them, by bcrypt only",
         {
             {"crypt('U*U', '$2a$05$CCCCCCCCCCCCCCCCCCCCC.')",
              "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"},
             {"crypt('U*U', '$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW')",
              "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"},
             {"length(crypt('x', gen_salt('bf', 4)))", "60"},
             {"left(extensions.gen_salt('bf'), 7)", "$2a$06$"},
             {"gen_salt('bf', 4) = gen_salt('bf', 4)", "f"},
             {"gen_salt('md5')", "0A000"},
             {"gen_salt('bf', 31)", "22023"},
             {"crypt('x', 'salt')", "22023"},
             {"crypt('x', '$2a$31$CCCCCCCCCCCCCCCCCCCCC.')", "22023"},
             {"crypt(null, gen_salt('bf'))", ""},
         }},
    };
    for (const Group& group : groups) {
        for (const auto& [expression, expected] : group.cases) {
            EXPECT_EQ(value(expression), expected) << expression << ": " << group.why;
        }
    }
}

}  // namespace dunlin::sql
