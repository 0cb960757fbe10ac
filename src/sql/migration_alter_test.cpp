#include "sql/sql_fixture.h"

namespace dunlin::sql {

namespace {

/// A table with rows, a key, an index, a policy and one that refers to it.
class MigrationAlterTest : public SqlFixture {
protected:
    void start() {
        restart();
        ASSERT_EQ(
            outcome("create table p (id int primary key, k text);"
                    "create table t (id serial primary key, a int not null, b text default 'x', n "
                    "numeric, "
                    "p int references p on delete cascade, unique (a, b), check (a > 0));"
                    "create table c (ref int references t);"
                    "insert into p values (1, 'k'), (2, 'l');"
                    "insert into t (a, b, n, p) values (1, '10', 1.50, 1), (2, '20', 2.25, 2);"
                    "insert into c values (1);"
                    "create index t_b on t (b);"
                    "alter table t enable row level security;"
                    "create policy own on t using (a > 0 and exists (select 1 from p where p.id = "
                    "t.p))"),
            "");
    }
};

struct Case {
    const char* why;
    std::vector<std::pair<const char*, const char*>> steps;
    const char* query;
    const char* expected;
};

}  // namespace

TEST_F(MigrationAlterTest, TablesWithRowsAreAltered) {
    const Case cases[] = {
        {"a column with nothing to it",
         {{"alter table t add column d date", ""},
          {"alter table t add column if not exists d text", ""},
          {"alter table t add d int", "42701"}},
         "select id, d from t order by id",
         "1|; 2|"},
        {"columns with defaults, checks, keys and generated values",
         {{"alter table t add e text not null default 'e', add g int generated always as (a * 2) "
           "stored, add h int check (h > 5) "
           "default 7, add l int unique, add i int references p default 1",
           ""},
          {"alter table t add f text not null", "23502"},
          {"update t set h = 5", "23514"},
          {"insert into t (a, i) values (9, 99)", "23503"}},
         "select e, g, h, l, i from t order by id",
         "e|2|7||1; e|4|7||1"},
        {"a type by assignment, or with USING",
         {{"alter table t alter a type bigint", ""},
          {"alter table t alter b type int", "42804"},
          {"alter table t alter b drop default", ""},
          {"alter table t alter b set data type int using b::int + 1", ""},
          {"alter table t alter n type numeric(10,1)", ""},
          {"alter table t alter n type text", ""}},
         "select b + 1, n || '' from t order by id",
         "12|1.5; 22|2.3"},
        {"a type that the rows do not have",
         {{"update t set b = 'x' where id = 2", ""},
          {"alter table t alter b drop default, alter b type int using b::int", "22P02"},
          {"alter table t alter b type varchar(1)", "22001"}},
         "select b from t order by id",
         "10; x"},
        {"an index over an expression fits the old type only",
         {{"create index low on t (lower(b))", ""},
          {"alter table t alter b drop default, alter b type int using b::int", "2BP01"},
          {"drop index low", ""},
          {"alter table t alter b drop default, alter b type int using b::int", ""}},
         "select sum(b) from t",
         "30"},
        {"defaults and NOT NULL",
         {{"alter table t alter b set default 'y', alter b set not null", ""},
          {"insert into t (a) values (3)", ""},
          {"insert into t (a, b) values (4, null)", "23502"},
          {"alter table t alter b drop not null, alter b drop default", ""},
          {"insert into t (a) values (5)", ""},
          {"alter table t alter b set not null", "23502"},
          {"alter table t alter id drop not null", "42P16"}},
         "select a, b from t order by a",
         "1|10; 2|20; 3|y; 5|"},
        {"a number is not given again, also when the table was made anew",
         {{"insert into t (a) values (3)", ""},
          {"delete from t where id = 3", ""},
          {"insert into t (a) values (4)", ""},
          {"delete from t where id = 4", ""},
          {"alter table t add column z int default 1", ""},
          {"insert into t (a) values (5)", ""}},
         "select id, a from t where id > 2",
         "5|5"},
        {"constraints by name",
         {{"alter table t add constraint cc check (a < 100)", ""},
          {"alter table t add constraint cc check (a < 100)", "42710"},
          {"alter table t add check (a < 2)", "23514"},
          {"alter table t rename constraint cc to dd", ""},
          {"alter table t drop constraint cc", "42704"},
          {"insert into t (a) values (100)", "23514"},
          {"alter table t drop constraint dd", ""},
          {"alter table t drop constraint if exists dd", ""},
          {"insert into t (a) values (100)", ""},
          {"insert into t (a, b) values (1, '10')", "23505"},
          {"alter table t drop constraint t_a_b_key", ""},
          {"insert into t (a, b) values (1, '10')", ""},
          {"alter table t add constraint u unique (a, b)", "23505"}},
         "select count(*) from t",
         "4"},
        {"dropping what others stand on",
         {{"alter table t drop column a", "2BP01"},
          {"drop policy own on t", ""},
          {"alter table t drop column a", ""},
          {"alter table t drop column if exists a", ""},
          {"alter table t drop column a", "42703"},
          {"alter table t drop column id", "2BP01"},
          {"alter table t drop constraint t_pkey", "2BP01"},
          {"drop table p", "2BP01"},
          {"drop table p cascade", ""}},
         "select * from t order by id",
         "1|10|1.50|1; 2|20|2.25|2"},
        {"renaming a column takes its texts along",
         {{"drop policy own on t", ""},
          {"create policy plain on t using (a > 1)", ""},
          {"alter table t add g int generated always as (a + 1) stored", ""},
          {"create unique index ab on t (lower(b)) where a > 5", ""},
          {"alter table t rename a to aa", ""},
          {"alter table t rename aa to b", "42701"},
          {"alter table t alter aa type bigint using aa + 5", "2BP01"},
          {"drop index ab", ""},
          {"alter table t alter aa type bigint using aa + 5", ""},
          {"insert into t (aa) values (0)", "23514"}},
         "select aa, g from t order by id",
         "6|7; 7|8"},
        {"a new column must not capture a name in a policy",
         {{"create policy open on p using (exists (select 1 from t where k = 'k'))", ""},
          {"alter table t add k text", "2BP01"},
          {"alter table t rename b to k", "2BP01"},
          {"drop policy open on p", ""},
          {"create policy open on p using (exists (select 1 from t where p.k = 'k'))", ""},
          {"alter table t add k text", ""}},
         "select count(k) from t",
         "0"},
        {"a policy with a subquery follows a rename",
         {{"alter table t rename a to aa", ""},
          {"alter table t rename p to pp", "2BP01"},
          {"alter table p rename id to key", "2BP01"},
          {"alter table t add q int", ""}},
         "select aa, p from t order by aa",
         "1|1; 2|2"},
        {"renaming a table takes its references along",
         {{"alter table t rename to tt", ""},
          {"alter table t rename to x", "42P01"},
          {"alter table if exists t rename to x", ""},
          {"insert into tt (a) values (3)", ""},
          {"insert into c values (3)", ""},
          {"insert into c values (4)", "23503"},
          {"alter table tt add z int default 1", ""},
          {"insert into c values (5)", "23503"}},
         "select tt.id, c.ref, z from tt left join c on c.ref = tt.id order by tt.id",
         "1|1|1; 2||1; 3|3|1"},
        {"an identity is added before the key, as pg_dump does",
         {{"create table d (id bigint not null, v text);"
           "alter table d alter id add generated always as identity (sequence name d_id_seq start "
           "with 1 increment by 1);"
           "alter table only d add constraint d_pkey primary key (id)",
           ""},
          {"insert into d (v) values ('a'), ('b')", ""},
          {"create table e (id bigint generated always as identity)", "0A000"}},
         "select id, v from d order by id",
         "1|a; 2|b"},
    };
    for (const Case& c : cases) {
        start();
        for (const auto& [text, sqlstate] : c.steps)
            EXPECT_EQ(outcome(text), sqlstate) << c.why << ": " << text;
        EXPECT_EQ(rows(c.query), c.expected) << c.why;
    }
}

TEST_F(MigrationAlterTest, ViewsFollowTheirTables) {
    const Case cases[] = {
        {"a star is the columns of its day",
         {{"create view v as select * from t", ""},
          {"alter table t add z int default 9", ""},
          {"alter table t drop column b", "2BP01"}},
         "select * from v order by id",
         "1|1|10|1.50|1; 2|2|20|2.25|2"},
        {"views over views are made again after a rebuild",
         {{"create view v as select id, n * 2 as twice from t", ""},
          {"create view w as select max(twice) as top from v", ""},
          {"alter table t alter a type bigint", ""},
          {"drop view v", "2BP01"}},
         "select top from w",
         "4.50"},
        {"OR REPLACE adds columns only",
         {{"create view v as select id, a from t", ""},
          {"create or replace view v as select id from t", "42P16"},
          {"create or replace view v as select id, a, b from t where id > 1", ""},
          {"create view v as select 1 as one", "42P07"}},
         "select * from v",
         "2|2|20"},
        {"columns have PostgreSQL's names",
         {{"create view v as select b::int, coalesce(b, ''), case when a > 1 then n end, "
           "greatest(a, 1), upper(b), count(*) from t "
           "group by a, b, n",
           ""}},
         "select b, coalesce, \"case\", greatest, upper, count from v order by b",
         "10|10||1|10|1; 20|20|2.25|2|20|1"},
        {"a renamed table keeps its views",
         {{"create view v as select t.id from t where t.a > 1", ""},
          {"alter table t rename to tt", ""},
          {"alter table tt rename b to bb", ""}},
         "select id from v",
         "2"},
        {"CASCADE drops them",
         {{"create view v as select id from t", ""},
          {"drop table t cascade", ""},
          {"drop view v", "42P01"}},
         "select count(*) from p",
         "2"},
    };
    for (const Case& c : cases) {
        start();
        for (const auto& [text, sqlstate] : c.steps)
            EXPECT_EQ(outcome(text), sqlstate) << c.why << ": " << text;
        EXPECT_EQ(rows(c.query), c.expected) << c.why;
    }
}

}  // namespace dunlin::sql
