#include "sql/sql_fixture.h"

namespace dunlin::sql {

namespace {

class MigrationTest : public SqlFixture {};

/// Statements one by one, each in a migration of its own, then what a query shows.
struct Case {
    const char* why;
    std::vector<std::pair<const char*, const char*>> steps;  // text, SQLSTATE or ""
    const char* query;
    const char* expected;
};

}  // namespace

TEST_F(MigrationTest, ColumnsAndConstraintsDoWhatTheyDoInPostgreSQL) {
    const Case cases[] = {
        {"every type keeps its value",
         {{"create table t (s smallint, i int, b bigint, n numeric, n2 numeric(10,2), f float8, r "
           "real, t text, v varchar(5), "
           "c char(3), bo boolean, u uuid, d date, tm time, ts timestamp, tz timestamptz, iv "
           "interval, j json, jb jsonb, "
           "by bytea, a int[], at text[])",
           ""},
          {"insert into t values (1, 2, 3, 1.50, 1.5, 0.1, 0.1, 'x', 'v', 'c', true, "
           "'550E8400-E29B-41D4-A716-446655440000', "
           "'2024-01-31', '10:00', '2024-01-31 10:00', '2024-01-31 10:00+02', '90 minutes', "
           "'{\"a\": 1}', '{\"a\":1}', '\\x00ff', "
           "'{1,2}', array['a','b c'])",
           ""}},
         "select * from t",
         "1|2|3|1.50|1.50|0.1|0.1|x|v|c  "
         "|t|550e8400-e29b-41d4-a716-446655440000|2024-01-31|10:00:00|2024-01-31 "
         "10:00:00|2024-01-31 08:00:00+00|01:30:00|{\"a\": 1}|{\"a\": 1}|\\x00ff|{1,2}|{a,\"b "
         "c\"}"},
        {"a value of the wrong size is refused",
         {{"create table t (s smallint, v varchar(3), n numeric(4,2))", ""},
          {"insert into t (s) values (40000)", "22003"},
          {"insert into t (v) values ('abcd')", "22001"},
          {"insert into t (v) select 'ab' || 'cd'", "22001"},
          {"insert into t (n) values (100)", "22003"},
          {"create table u (s varchar(0))", "22023"}},
         "select count(*) from t",
         "0"},
        {"defaults are expressions",
         {{"create table t (id uuid primary key default gen_random_uuid(), at timestamptz not null "
           "default timezone('utc'::text, "
           "now()), z timestamp default (now() at time zone 'utc'), d date default now(), t text "
           "default 5, n numeric(10,2) "
           "default 0, b bool default false, j jsonb not null default '{}'::jsonb, a text[] "
           "default '{}', a2 int[] default "
           "array[1,2], x text default 'a' || 'b', y int default 1 + 1, u text default upper('x'), "
           "e text default null, v varchar(5) "
           "default 'abc'::character varying, iv interval default '1 day', cd date default "
           "current_date)",
           ""},
          {"insert into t default values", ""}},
         "select t, n, b, j, a, a2, x, y, u, e, v, iv, d = cd and at <= now() and z <= now() and "
         "id is not null from t",
         "5|0.00|f|{}|{}|{1,2}|ab|2|X||abc|1 day|t"},
        {"serial numbers itself and takes numbers",
         {{"create table t (id serial primary key, n text)", ""},
          {"insert into t (n) values ('a'), ('b')", ""},
          {"insert into t (id, n) values (10, 'c')", ""}},
         "select id, n from t order by id",
         "1|a; 2|b; 10|c"},
        {"generated always as identity is overridden on request only",
         {{"create table t (id bigint generated always as identity primary key, n text)", ""},
          {"insert into t values (5, 'a')", "428C9"},
          {"insert into t overriding system value values (5, 'b')", ""},
          {"insert into t values (default, 'c')", ""}},
         "select id, n from t order by id",
         "5|b; 6|c"},
        {"generated columns follow",
         {{"create table t (a int, b int generated always as (a * 2) stored, c text generated "
           "always as (upper(d)) stored, d text)",
           ""},
          {"insert into t (a, d) values (1, 'x')", ""},
          {"insert into t (a, b) values (1, 2)", "428C9"},
          {"update t set b = 5", "428C9"},
          {"update t set a = 5", ""},
          {"create table u (a timestamptz, b bool generated always as (a < now()) stored)",
           "42P17"}},
         "select a, b, c from t",
         "5|10|X"},
        {"keys",
         {{"create table t (a int, b text, c int unique, primary key (a, b))", ""},
          {"insert into t values (1, 'a', null), (1, 'b', null)", ""},
          {"insert into t values (1, 'a', 1)", "23505"},
          {"insert into t values (null, 'a', 1)", "23502"},
          {"insert into t values (1, 'a', 7), (2, 'a', 8) on conflict (a, b) do nothing", ""},
          {"insert into t values (1, 'a', 7) on conflict do nothing", ""},
          {"insert into t values (1, 'a', 7) on conflict (a) do nothing", "42P10"},
          {"insert into t values (3, 'a', 8)", "23505"}},
         "select a, b, c from t order by a, b",
         "1|a|; 1|b|; 2|a|8"},
        {"checks let NULL through",
         {{"create table t (a int check (a > 0), b int, m text check (m in ('x', 'y')), check (b > "
           "a), constraint small check (b < 9))",
           ""},
          {"insert into t values (1, 2, 'x'), (null, null, null)", ""},
          {"insert into t (a) values (0)", "23514"},
          {"insert into t values (2, 2, 'x')", "23514"},
          {"insert into t (b) values (9)", "23514"},
          {"insert into t (m) values ('z')", "23514"}},
         "select count(*) from t",
         "2"},
        {"enums take their labels and more of them later",
         {{"create type mood as enum ('sad', 'ok')", ""},
          {"create table t (m mood default 'ok', ms mood[] default '{sad}')", ""},
          {"insert into t default values", ""},
          {"insert into t (m) values ('happy')", "22P02"},
          {"alter type mood add value 'happy'", ""},
          {"alter type mood add value if not exists 'happy'", ""},
          {"alter type mood add value 'happy'", "42710"},
          {"alter type mood add value 'meh' before 'ok'", ""},
          {"insert into t (m) values ('happy'), ('meh')", ""},
          {"drop type mood", "2BP01"}},
         "select m, ms from t order by m",
         "meh|{sad}; ok|{sad}; happy|{sad}"},
        {"domains check their columns",
         {{"create domain positive as int check (value > 0)", ""},
          {"create domain email as text not null check (value ~ '@')", ""},
          {"create table t (p positive, e email)", ""},
          {"insert into t values (1, 'a@b'), (null, 'c@d')", ""},
          {"insert into t values (0, 'a@b')", "23514"},
          {"insert into t values (1, 'ab')", "23514"},
          {"insert into t values (1, null)", "23502"}},
         "select count(*) from t",
         "2"},
        {"names keep their case and their marks",
         {{"create table \"Camel\" (\"userId\" int primary key, \"order\" text, \"a b\" int, "
           "\"quo\"\"te\" int)",
           ""},
          {"insert into \"Camel\" values (1, 'x', 2, 3)", ""},
          {"create table camel (a int)", "42P07"},
          {"create schema app", ""},
          {"create table app.camel (id int references \"Camel\")", ""},
          {"insert into app.camel values (1)", ""}},
         "select c.\"order\", c.\"a b\", c.\"quo\"\"te\", a.id from \"Camel\" c join app.camel a "
         "on a.id = c.\"userId\"",
         "x|2|3|1"},
    };
    for (const Case& c : cases) {
        restart();
        for (const auto& [text, sqlstate] : c.steps)
            EXPECT_EQ(outcome(text), sqlstate) << c.why << ": " << text;
        EXPECT_EQ(rows(c.query), c.expected) << c.why;
    }
}

TEST_F(MigrationTest, ForeignKeysHoldAfterTheMigration) {
    ASSERT_EQ(
        outcome("create table p (id int primary key, k text unique);"
                "create table cascades (p int references p on delete cascade, k text references p "
                "(k) on update cascade);"
                "create table nulls (p int references p (id) on delete set null);"
                "create table defaults (p int default 9 references p on delete set default);"
                "create table restricts (p int references p on delete restrict);"
                "create table refers (p int, constraint named foreign key (p) references p);"
                "insert into p values (1, 'a'), (2, 'b'), (3, 'c'), (4, 'd'), (5, 'e'), (9, 'z');"
                "insert into cascades values (1, 'b'); insert into nulls values (2); insert into "
                "defaults values (3);"
                "insert into restricts values (4); insert into refers values (5)"),
        "");
    const auto change = [&](const char* sql) {
        const auto done = write_one({sql});
        return done ? "" : done.error().sqlstate;
    };
    EXPECT_EQ(change("delete from p where id = 1"), "");
    EXPECT_EQ(rows("select count(*) from cascades"), "0");
    EXPECT_EQ(change("insert into cascades values (2, 'b')"), "");
    EXPECT_EQ(change("update p set k = 'bb' where id = 2"), "");
    EXPECT_EQ(rows("select k from cascades"), "bb");
    EXPECT_EQ(change("delete from cascades"), "");
    EXPECT_EQ(change("delete from p where id = 2"), "");
    EXPECT_EQ(rows("select count(*), count(p) from nulls"), "1|0");
    EXPECT_EQ(change("delete from p where id = 3"), "");
    EXPECT_EQ(rows("select p from defaults"), "9");
    EXPECT_EQ(change("delete from p where id = 4"), "23503");
    EXPECT_EQ(change("delete from p where id = 5"), "23503");
    EXPECT_EQ(change("insert into refers values (77)"), "23503");
    EXPECT_EQ(outcome("insert into refers values (77)"), "23503")
        << "checked at the end of a migration";
    EXPECT_EQ(outcome("insert into refers values (77); insert into p values (77, 'x')"), "")
        << "and only there";
}

}  // namespace dunlin::sql
