#include "sql/sql_fixture.h"

namespace dunlin::sql {

namespace {

class TypeExpressionTest : public SqlFixture {};

/// Expressions and what psql of PostgreSQL 15 prints for `select` of them, or the SQLSTATE.
struct Group {
    const char* why;
    std::vector<std::pair<const char*, const char*>> cases;
};

}  // namespace

TEST_F(TypeExpressionTest, SmallTypesAreThoseOfPostgreSQL) {
    const Group groups[] = {
        {"citext compares without case",
         {
             {"'A'::citext = 'a'", "t"},
             {"'A'::citext = 'a'::text", "f"},
             {"'b'::citext > 'A'", "t"},
             {"'A'::citext in ('a','b')", "t"},
             {"'A'::citext <> 'a'", "f"},
             {"'Abc'::citext like 'aB%'", "t"},
             {"'Abc'::citext like 'aB%'::text", "t"},
             {"'Abc'::citext not like 'aB%'", "f"},
             {"'abc'::text like 'AB%'", "f"},
             {"'Abc'::citext ~ 'B'", "t"},
             {"lower('ABC'::citext)", "abc"},
             {"'a'::citext || 'B'", "aB"},
             {"'A'::citext is distinct from 'a'", "f"},
             {"length('ABC'::citext)", "3"},
             {"'Ä'::citext = 'ä'", "t"},
             {"coalesce(null::citext, 'x')", "x"},
         }},
        {"network addresses",
         {
             {"'192.168.1.5'::inet", "192.168.1.5"},
             {"' 10.0.0.1/8 '::inet", "22P02"},
             {"'2001:DB8::1/64'::inet", "2001:db8::1/64"},
             {"'::ffff:1.2.3.4'::inet", "::ffff:1.2.3.4"},
             {"'1.2.3'::inet", "22P02"},
             {"'300.1.1.1'::inet", "22P02"},
             {"'1.2.3.4/33'::inet", "22P02"},
             {"'1.2.3.4/'::inet", "22P02"},
             {"'x'::inet", "22P02"},
             {"'10.0.0.0/8'::cidr", "10.0.0.0/8"},
             {"'2001:db8::/32'::cidr", "2001:db8::/32"},
             {"'1.2.3.4'::cidr", "1.2.3.4/32"},
             {"'10.0.0.1/8'::cidr", "22P02"},
             {"'9.255.255.255'::inet < '10.0.0.0/8'", "t"},
             {"'10.0.0.0/8'::inet < '10.0.0.0'", "t"},
             {"'10.0.0.1'::inet < '::1'", "t"},
             {"'10.0.0.1'::inet = '10.0.0.1/32'", "t"},
             {"'10.0.0.1'::inet = '10.0.0.1/8'", "f"},
             {"'08002b:010203'::macaddr", "08:00:2b:01:02:03"},
             {"'08-00-2B-01-02-03'::macaddr", "08:00:2b:01:02:03"},
             {"'0800.2b01.0203'::macaddr", "08:00:2b:01:02:03"},
             {"'08:00:2b:01:02'::macaddr", "22P02"},
             {"'08:00:2b:01:02:03'::macaddr < '08:00:2b:01:02:04'", "t"},
         }},
    };
    for (const Group& group : groups) {
        for (const auto& [expression, expected] : group.cases)
            EXPECT_EQ(value(expression), expected) << group.why << ": " << expression;
    }
}

}  // namespace dunlin::sql
