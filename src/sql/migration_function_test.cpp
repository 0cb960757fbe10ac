#include "sql/sql_fixture.h"

namespace dunlin::sql {

namespace {

class MigrationFunctionTest : public SqlFixture {
protected:
    void SetUp() override {
        SqlFixture::SetUp();
        ASSERT_EQ(outcome("create table t (id int primary key, a int, b text); "
                          "create function touch() returns trigger language plpgsql as "
                          "$$ begin new.a := 1; return new; end $$;"),
                  "");
    }

    /// `create function f(x int) RETURNS language plpgsql as $$ BODY $$`.
    static std::string function(std::string_view returns, std::string_view body) {
        return "create function f(x int) returns " + std::string(returns) +
               " language plpgsql as $$" + std::string(body) + "$$";
    }
};

struct Case {
    const char* why;
    const char* returns;
    const char* body;
    const char* sqlstate;
    const char* place;  // LINE:COLUMN
};

}  // namespace

TEST_F(MigrationFunctionTest, MistakesInABodyHaveTheCodesOfPostgreSQLAndTheirPlace) {
    const Case cases[] = {
        {"no end", "int", "\nbegin return 1;", "42601", "2:16"},
        {"an unknown word", "int", "\nbegin\n  selec 1; return 1; end", "42601", "3:3"},
        {"half an expression", "int", "\nbegin\n  x := 1 +; return 1; end", "42601", "3:11"},
        {"an unknown variable", "int", "\nbegin kk := 1; return 1; end", "42601", "2:7"},
        {"an unknown column", "int", "\nbegin\n return (select nosuch from t); end", "42703",
         "3:17"},
        {"an unknown table", "int", "\nbegin return (select 1 from nosuch); end", "42P01", "2:29"},
        {"a name of two things", "int",
         "\ndeclare a int;\nbegin select a into a from t; return a; end", "42702", "3:14"},
        {"no value", "int", "\nbegin return; end", "42601", "2:7"},
        {"a value of nothing", "void", "\nbegin return 1; end", "42804", "2:14"},
        {"NOT NULL without a value", "int", "\ndeclare k int not null; begin return 1; end",
         "22004", "2:9"},
        {"a constant", "int", "\ndeclare k constant int := 1; begin k := 2; return 1; end", "22005",
         "2:36"},
        {"a parameter of RAISE", "int", "\nbegin raise exception '% %', 1; return 1; end", "42601",
         "2:7"},
        {"a condition of RAISE", "int", "\nbegin raise nosuch; return 1; end", "42704", "2:7"},
        {"rows of no set", "int", "\nbegin return query select 1; end", "42804", "2:7"},
        {"a row that goes nowhere", "int", "\nbegin select 1; return 1; end", "42601", "2:7"},
        {"a record without columns", "int", "\ndeclare r record; begin return r.a; end", "55000",
         "2:32"},
        {"a field that is none", "int",
         "\ndeclare r record; begin select * into r from t; return r.z; end", "42703", "2:56"},
    };
    for (const Case& c : cases) {
        const auto done = migrate(function(c.returns, c.body));
        ASSERT_FALSE(done) << c.why;
        EXPECT_EQ(done.error().sqlstate, c.sqlstate) << c.why << ": " << done.error().message;
        EXPECT_TRUE(
            done.error().message.starts_with("0001_test.sql:" + std::string(c.place) + ": "))
            << c.why << ": " << done.error().message;
    }
}

TEST_F(MigrationFunctionTest, WhatPlpgsqlIsNotCarriedNamesItsPlaceAndARemedy) {
    const Case cases[] = {
        {"loops", "int", "\nbegin\n  for i in 1..3 loop null; end loop; return 1; end", "0A000",
         "3:3"},
        {"loops with a label", "int", "\nbegin\n <<l>> loop exit; end loop; end", "0A000", "3:8"},
        {"WHILE", "int", "\nbegin while x > 1 loop x := 0; end loop; end", "0A000", "2:7"},
        {"EXECUTE", "int", "\nbegin execute 'select 1'; return 1; end", "0A000", "2:7"},
        {"exceptions", "int", "\nbegin return 1;\nexception when others then return 2; end",
         "0A000", "3:1"},
        {"cursors", "int", "\ndeclare c cursor for select 1; begin return 1; end", "0A000", "2:9"},
        {"diagnostics", "int", "\nbegin get diagnostics x = row_count; return 1; end", "0A000",
         "2:7"},
        {"elements", "int", "\ndeclare v int[]; begin v[1] := 2; return 1; end", "0A000", "2:25"},
        {"statements that define", "int", "\nbegin create table u (a int); return 1; end", "0A000",
         "2:7"},
    };
    for (const Case& c : cases) {
        const auto done = migrate(function(c.returns, c.body));
        ASSERT_FALSE(done) << c.why;
        EXPECT_EQ(done.error().sqlstate, c.sqlstate) << c.why << ": " << done.error().message;
        EXPECT_TRUE(
            done.error().message.starts_with("0001_test.sql:" + std::string(c.place) + ": "))
            << c.why << ": " << done.error().message;
        EXPECT_FALSE(done.error().hint.empty()) << c.why;
    }
}

TEST_F(MigrationFunctionTest, FunctionsAndTriggersAreMadeAndRefusedAsInPostgreSQL) {
    ASSERT_EQ(outcome("create function h(int) returns int language sql as 'select 1'; "
                      "create trigger tr before insert on t for each row execute function touch()"),
              "");
    const std::pair<const char*, const char*> cases[] = {
        {"create function h(int) returns int language sql as 'select 1'", "42723"},
        {"create or replace function h(int) returns text language sql as 'select ''a'''", "42P13"},
        {"create function g(x int) returns int language sql as 'select ''a''::text'", "42P13"},
        {"create function g() returns table (a int, b text) language sql as 'select 1'", "42P13"},
        {"create function g() returns int language sql as 'delete from t'", "42P13"},
        {"create function g() returns int language c as 'x'", "0A000"},
        {"create function g(variadic x int[]) returns int language sql as 'select 1'", "0A000"},
        {"create function g(x anyelement) returns int language sql as 'select 1'", "0A000"},
        {"create function g(a int default 1, b int) returns int language sql as 'select 1'",
         "42P13"},
        {"create trigger tr before insert on t for each row execute function touch()", "42710"},
        {"create trigger t2 before insert on t for each row execute function nosuch()", "42883"},
        {"create trigger t2 before insert on t for each row execute function h()", "42883"},
        {"create trigger t2 before insert on t for each row when (old.a = 1) "
         "execute function touch()",
         "42P17"},
        {"create trigger t2 after insert on t for each statement execute function touch()",
         "0A000"},
        {"create trigger t2 instead of insert on t for each row execute function touch()", "0A000"},
        {"create trigger t2 before update of nosuch on t for each row execute function touch()",
         "42703"},
        {"drop function touch()", "2BP01"},
        {"drop function nosuch(int)", "42883"},
        {"drop trigger nosuch on t", "42704"},
        {"alter table t drop column a", "2BP01"},
        {"do $$ begin null; end $$", "0A000"},
    };
    for (const auto& [text, sqlstate] : cases) EXPECT_EQ(outcome(text), sqlstate) << text;
    EXPECT_EQ(outcome("drop function if exists nosuch(int)"), "");
    EXPECT_EQ(outcome("alter trigger tr on t rename to tr9; alter table t disable trigger tr9"),
              "");
    EXPECT_FALSE(schema_.find("public", "t")->triggers[0].enabled);
    EXPECT_EQ(outcome("drop function touch() cascade"), "");
    EXPECT_TRUE(schema_.find("public", "t")->triggers.empty());
}

TEST_F(MigrationFunctionTest, AFunctionMayNameWhatTheFileMakesLater) {
    EXPECT_EQ(outcome("create function later() returns int language sql as 'select a from u'; "
                      "create table u (a int)"),
              "");
    EXPECT_EQ(outcome("create function never() returns int language sql as 'select a from w'"),
              "42P01");
}

TEST_F(MigrationFunctionTest, WhatCallsAFunctionFollowsIt) {
    ASSERT_EQ(outcome("insert into t values (1, 2, 'x'); "
                      "create function twice(n int) returns int language sql immutable as "
                      "'select n * 2'; "
                      "create view v as select twice(a) as a2 from t; "
                      "alter table t add constraint even check (twice(a) > 0)"),
              "");
    EXPECT_EQ(rows("select a2 from v"), "4");
    EXPECT_EQ(outcome("drop function twice(int)"), "2BP01");
    ASSERT_EQ(outcome("create or replace function twice(n int) returns int language sql immutable "
                      "as 'select n * 3'"),
              "");
    EXPECT_EQ(rows("select a2 from v"), "6");
}

TEST_F(MigrationFunctionTest, ViewsKeepTheirColumnsWhateverTheyAreMadeOf) {
    ASSERT_EQ(outcome("insert into t values (1, 2, 'x'); create table u (id int, c text); "
                      "insert into u values (1, 'c'); "
                      "create view v as select * from t join u using (id); "
                      "create view w as select id from t union all select id + 1 from u; "
                      "create view x as with q as (select a from t) select q.a, y.n from q, "
                      "(values (5)) as y(n); alter table t add column later int; "
                      "alter table u add column more text"),
              "");
    EXPECT_EQ(rows("select * from v"), "1|2|x|c");
    EXPECT_EQ(rows("select * from w order by id"), "1; 2");
    EXPECT_EQ(rows("select * from x"), "2|5");
    EXPECT_EQ(outcome("create view z as select * from t union select * from t"), "0A000");
}

TEST_F(MigrationFunctionTest, ExecuteIsGrantedAndRevoked) {
    ASSERT_EQ(outcome("create function h(int) returns int language sql as 'select 1'"), "");
    const auto executors = [&] { return schema_.functions.at({"public", "h"})[0].executors; };
    EXPECT_TRUE(executors().empty());  // every role
    ASSERT_EQ(outcome("revoke execute on function h(int) from public"), "");
    EXPECT_EQ(executors(), (std::vector<std::string>{"postgres"}));
    ASSERT_EQ(outcome("grant execute on function h to authenticated"), "");
    EXPECT_EQ(executors(), (std::vector<std::string>{"postgres", "authenticated"}));
}

}  // namespace dunlin::sql
