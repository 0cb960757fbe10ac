#include "sql/inlined.h"
#include "sql/routine.h"
#include "sql/sql_fixture.h"

namespace dunlin::sql {

namespace {

class FunctionTest : public SqlFixture {};

}  // namespace

TEST_F(FunctionTest, TheUpdatedAtTriggerCompiles) {
    ASSERT_EQ(outcome("create table t (id int primary key, updated_at timestamptz); "
                      "create function touch() returns trigger language plpgsql as $$ "
                      "begin new.updated_at := now(); return new; end $$; "
                      "create trigger touch before update on t for each row "
                      "execute function touch();"),
              "");
    const Table& t = *schema_.find("public", "t");
    ASSERT_EQ(t.triggers.size(), 1U);
    const auto routine = compile_trigger(schema_, t, t.triggers[0]);
    ASSERT_TRUE(routine) << routine.error().message;
    ASSERT_EQ(routine->body.size(), 2U);
    EXPECT_EQ(routine->body[0].kind, RoutineNode::Kind::Assign);
    EXPECT_EQ(routine->body[0].slots[0], routine->new_row + 1);
    EXPECT_EQ(routine->body[1].trigger_row, RoutineNode::TriggerRow::New);
}

TEST_F(FunctionTest, FunctionsInTheSQLLanguageArePutInThePlaceOfTheirCalls) {
    ASSERT_EQ(outcome("create table t (id int primary key, a int, b text); "
                      "insert into t values (1, 10, 'x'), (2, 20, 'y'); "
                      "create function plus(a int, b int default 1) returns int language sql "
                      "immutable as 'select a + b'; "
                      "create function a_of(wanted int) returns int language sql stable as "
                      "$$ select a from t where id = wanted $$; "
                      "create function large() returns setof t language sql stable as "
                      "$$ select * from t where a > 15 $$;"
                      "create function shown(t) returns text language sql as "
                      "$$ select $1.b || '!' $$;"
                      "create function kept(n numeric(4,1), s varchar(2)) returns numeric(4,1) "
                      "language sql as 'select n + length(s)'; "
                      "create function sign_of(n int) returns text language plpgsql as $$ "
                      "declare s text := 'zero'; begin if n > 0 then return 'plus'; "
                      "elsif n < 0 then s := 'minus'; end if; return s; end $$"),
              "");
    ASSERT_EQ(
        outcome("create function sign(s text) returns text language sql as $$ select s || '?' "
                "$$; create function array_length(s text) returns int language sql as "
                "'select length(s)'"),
        "");
    EXPECT_EQ(
        rows("select sign(-2), sign('a'::text), array_length('abc'), array_length(array[1], 1)"),
        "-1|a?|3|1");  // with other parameters than the built-in one
    EXPECT_EQ(value("plus(1, 2)"), "3");
    EXPECT_EQ(value("plus(1)"), "2");
    EXPECT_EQ(value("kept(1.25, 'abc')"), "4.25");  // lengths and scales do not count
    EXPECT_EQ(value("plus(b => 5, a => 1)"), "6");
    EXPECT_EQ(rows("select id, a_of(id), plus(a_of(id), id) from t order by id"),
              "1|10|11; 2|20|22");
    EXPECT_EQ(rows("select large.b from large()"), "y");
    EXPECT_EQ(rows("select shown(t), t.shown from t order by id"), "x!|x!; y!|y!");
    EXPECT_EQ(rows("select sign_of(a - 15) from t order by id"), "minus; plus");
}

}  // namespace dunlin::sql
