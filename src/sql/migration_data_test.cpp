#include "sql/sql_fixture.h"

namespace dunlin::sql {

namespace {

class MigrationDataTest : public SqlFixture {
protected:
    void SetUp() override {
        SqlFixture::SetUp();
        ASSERT_EQ(outcome("create table t (id int primary key, a int default 7, b text, g int "
                          "generated always as (a) stored)"),
                  "");
    }
};

}  // namespace

TEST_F(MigrationDataTest, RowsAreWrittenAsInPostgreSQL) {
    struct Case {
        const char* why;
        const char* text;
        const char* sqlstate;
        const char* expected;  // of `select id, a, b from t order by id`
    };
    const Case cases[] = {
        {"several rows, DEFAULT, a column that is left out",
         "insert into t (id, a) values (1, default), (2, 5)", "", "1|7|; 2|5|"},
        {"a short row fills from the left", "insert into t values (3)", "", "1|7|; 2|5|; 3|7|"},
        {"too many values", "insert into t (id) values (4, 5)", "42601", "1|7|; 2|5|; 3|7|"},
        {"too few values", "insert into t (id, a) values (4)", "42601", "1|7|; 2|5|; 3|7|"},
        {"from a query, with an assignment cast",
         "insert into t (id, b) select id + 3, a from t where id = 2", "",
         "1|7|; 2|5|; 3|7|; 5|7|5"},
        {"a number is rounded to fit", "insert into t values (5.5)", "",
         "1|7|; 2|5|; 3|7|; 5|7|5; 6|7|"},
        {"an alias in UPDATE", "update t as x set a = x.a + 1, b = 'u' where x.id = 1", "",
         "1|8|u; 2|5|; 3|7|; 5|7|5; 6|7|"},
        {"a subquery and DEFAULT in SET",
         "update t set a = default, b = (select max(b) from t) where id = 2", "",
         "1|8|u; 2|7|u; 3|7|; 5|7|5; 6|7|"},
        {"an unknown column", "update t set z = 1", "42703", "1|8|u; 2|7|u; 3|7|; 5|7|5; 6|7|"},
        {"DELETE with an alias", "delete from t as x where x.b is null", "", "1|8|u; 2|7|u; 5|7|5"},
        {"a failing statement undoes its whole migration",
         "delete from t; insert into t values (1), (1)", "23505", "1|8|u; 2|7|u; 5|7|5"},
        {"TRUNCATE", "truncate table t restart identity", "", ""},
    };
    for (const Case& c : cases) {
        EXPECT_EQ(outcome(c.text), c.sqlstate) << c.why;
        EXPECT_EQ(rows("select id, a, b from t order by id"), c.expected) << c.why;
    }
}

TEST_F(MigrationDataTest, ManyRowsAreSplitIntoStatements) {
    std::string text = "insert into t (id) values (0)";
    for (int i = 1; i < 1200; ++i) text += ", (" + std::to_string(i) + ")";
    ASSERT_EQ(outcome(text + " on conflict (id) do nothing"), "");
    EXPECT_EQ(rows("select count(*), max(id) from t"), "1200|1199");
}

TEST_F(MigrationDataTest, ActionsOfForeignKeysRunInMigrationsToo) {
    struct Case {
        const char* why;
        const char* text;
        const char* query;
        const char* expected;
    };
    const Case cases[] = {
        {"CASCADE, two tables deep", "delete from p where id = 1", "select count(*) from c, cc",
         "0"},
        {"SET NULL", "delete from p where id = 2", "select count(*), count(p) from n", "1|0"},
        {"SET DEFAULT", "delete from p where id = 3", "select p from d", "9"},
        {"a table below itself", "delete from tree where id = 1", "select id from tree order by id",
         "5"},
    };
    ASSERT_EQ(
        outcome("create table p (id int primary key);"
                "create table c (id int primary key, p int references p on delete cascade);"
                "create table cc (c int references c on delete cascade);"
                "create table n (p int references p on delete set null);"
                "create table d (p int default 9 references p on delete set default);"
                "create table tree (id int primary key, up int references tree on delete cascade);"
                "insert into p values (1), (2), (3), (9); insert into c values (1, 1); insert into "
                "cc values (1);"
                "insert into n values (2); insert into d values (3);"
                "insert into tree values (1, null), (2, 1), (3, 2), (4, 3), (5, null)"),
        "");
    for (const Case& c : cases) {
        EXPECT_EQ(outcome(c.text), "") << c.why;
        EXPECT_EQ(rows(c.query), c.expected) << c.why;
    }
}

TEST_F(MigrationDataTest, AKeyThatWouldCascadeIsNotUpdated) {
    ASSERT_EQ(outcome("create table p (id int primary key, v int); create table c (p int "
                      "references p on update cascade)"),
              "");
    EXPECT_EQ(outcome("update p set v = 2"), "");
    EXPECT_EQ(outcome("update p set id = 2"), "0A000");
}

}  // namespace dunlin::sql
