#include "sql/sql_fixture.h"

namespace dunlin::sql {

namespace {

class MigrationRefusedTest : public SqlFixture {
protected:
    void SetUp() override {
        SqlFixture::SetUp();
        ASSERT_EQ(outcome("create table t (id int primary key, a int, b text)"), "");
    }
};

struct Case {
    const char* why;
    const char* text;
    const char* sqlstate;
    const char* place;  // LINE:COLUMN
};

}  // namespace

TEST_F(MigrationRefusedTest, WhatIsNotCarriedNamesItsPlaceAndARemedy) {
    const Case cases[] = {
        {"blocks", "-- a comment\ndo $$ begin end $$", "0A000", "2:1"},
        {"auth tables", "create table u (id uuid references auth.users (id))", "42P01", "1:36"},
        {"a type without a meaning here", "create table u (id int, x vector(3))", "0A000", "1:27"},
        {"an unknown type", "create table u (id nosuch)", "42704", "1:20"},
        {"arrays of arrays", "create table u (a int[][])", "0A000", "1:19"},
        {"a precision of times", "create table u (a timestamp(3))", "0A000", "1:19"},
        {"exclusion", "create table u (id int, exclude using gist (id with =))", "0A000", "1:25"},
        {"partitions", "create table u (id int) partition by range (id)", "0A000", "1:14"},
        {"inheritance", "create table u () inherits (t)", "0A000", "1:14"},
        {"LIKE", "create table u (like t)", "0A000", "1:22"},
        {"CREATE TABLE AS", "create table u as select 1", "0A000", "1:1"},
        {"temporary tables", "create temp table u (a int)", "0A000", "1:19"},
        {"numbers outside of the key", "create table u (a int primary key, b serial)", "0A000",
         "1:14"},
        {"deferrable keys", "create table u (a int unique deferrable)", "0A000", "1:23"},
        {"NULLS NOT DISTINCT", "create table u (a int unique nulls not distinct)", "0A000", "1:23"},
        {"MATCH FULL",
         "create table u (a int, b int, foreign key (a, b) references t (id, a) match full)",
         "0A000", "1:31"},
        {"collations", "create table u (a text collate \"de_DE\")", "0A000", "1:24"},
        {"sequences", "create sequence s", "0A000", "1:1"},
        {"composite types", "create type c as (a int)", "0A000", "1:1"},
        {"roles", "create role x", "0A000", "1:1"},
        {"COPY", "copy t from stdin", "0A000", "1:1"},
        {"rules", "create rule r as on insert to t do nothing", "0A000", "1:1"},
        {"other statements", "vacuum", "0A000", "1:1"},
        {"ROLLBACK", "rollback", "0A000", "1:1"},
        {"a SELECT that gives nothing", "select 1", "0A000", "1:1"},
        {"WITH", "with x as (select 1) insert into t select * from x", "0A000", "1:1"},
        {"RETURNING", "insert into t values (1) returning id", "0A000", "1:1"},
        {"upsert", "insert into t values (1) on conflict (id) do update set a = 1", "0A000",
         "1:26"},
        {"UPDATE FROM", "update t set a = 1 from t u", "0A000", "1:8"},
        {"DELETE USING", "delete from t using t u", "0A000", "1:13"},
        {"TRUNCATE CASCADE", "truncate t cascade", "0A000", "1:1"},
        {"a subquery in a check", "create table u (a int check (a in (select id from t)))", "0A000",
         "1:23"},
        {"a NATURAL join", "create view v as select 1 as one from t natural join t u", "0A000",
         "1:1"},
        {"LATERAL", "create view v as select 1 as one from t, lateral (select t.a) u", "0A000",
         "1:1"},
        {"a function in FROM", "create view v as select 1 as one from upper('a')", "0A000", "1:39"},
        {"FOR UPDATE", "create view v as select a from t for update", "0A000", "1:1"},
        {"WITH CHECK OPTION", "create view v as select a from t with check option", "0A000",
         "1:13"},
        {"reserved names", "create table sqlite_x (a int)", "42939", "1:14"},
        {"names that differ in case only", "create table \"T\" (a int)", "42P07", "1:14"},
        {"the same table again", "create table t (a int)", "42P07", "1:14"},
        {"an unknown function in a policy", "create policy p on t using (nosuch(a))", "42883",
         "1:29"},
        {"dropping what is not kept", "drop sequence s", "0A000", "1:1"},
    };
    for (const Case& c : cases) {
        const auto done = migrate(c.text);
        ASSERT_FALSE(done) << c.why;
        EXPECT_EQ(done.error().sqlstate, c.sqlstate) << c.why << ": " << done.error().message;
        EXPECT_TRUE(
            done.error().message.starts_with("0001_test.sql:" + std::string(c.place) + ": "))
            << c.why << ": " << done.error().message;
        EXPECT_FALSE(done.error().hint.empty()) << c.why;
    }
}

TEST_F(MigrationRefusedTest, MistakesHaveTheCodesOfPostgreSQL) {
    const Case cases[] = {
        {"syntax", "create table u (a int);\ncreate tabel x", "42601", "2:8"},
        {"syntax at the end", "create table u (a int", "42601", "1:22"},
        {"a column twice", "create table u (a int, a int)", "42701", "1:24"},
        {"a column of a check", "create table u (a int check (b > 0))", "42703", "1:30"},
        {"a check that is no condition", "create table u (a int check (a))", "42804", "1:30"},
        {"a default of the wrong type", "create table u (a int default 'x')", "22P02", "1:31"},
        {"two primary keys", "create table u (a int primary key, b int primary key)", "42P16",
         "1:42"},
        {"a key over nothing", "create table u (a int, primary key (z))", "42703", "1:24"},
        {"a key of another type", "create table u (a text references t)", "42804", "1:24"},
        {"a key to no key", "create table u (a int references t (a))", "42830", "1:23"},
        {"a table that is not there", "create policy p on nosuch using (true)", "42P01", "1:20"},
        {"a policy's column", "create policy p on t using (nosuch)", "42703", "1:29"},
        {"a policy's condition", "create policy p on t using (1)", "42804", "1:29"},
        {"USING for INSERT", "create policy p on t for insert using (true)", "42601", "1:20"},
        {"a volatile index", "create index on t ((now()))", "42P17", "1:17"},
        {"an ungrouped column", "create view v as select a, count(*) from t group by b", "42803",
         "1:1"},
        {"an index that is not there", "drop index nosuch", "42704", "1:1"},
        {"a value that is none", "insert into t values\n  ('x')", "22P02", "2:4"},
        {"letters count, not bytes", "insert into t (b, id) values ('äöü', 'x')", "22P02", "1:38"},
        {"a refusal at run time", "insert into t values (1);\n insert into t values (1)", "23505",
         "2:2"},
    };
    for (const Case& c : cases) {
        const auto done = migrate(c.text);
        ASSERT_FALSE(done) << c.why;
        EXPECT_EQ(done.error().sqlstate, c.sqlstate) << c.why << ": " << done.error().message;
        EXPECT_TRUE(
            done.error().message.starts_with("0001_test.sql:" + std::string(c.place) + ": "))
            << c.why << ": " << done.error().message;
    }
}

}  // namespace dunlin::sql
