// What GRANT and REVOKE leave to whom.
#include <gmock/gmock.h>

#include "sql/sql_fixture.h"

namespace dunlin::sql {

namespace {

class MigrationGrantTest : public SqlFixture {
protected:
    /// `anon sid-`, a letter for each right on the table, then `a:s-u` for columns with rights of
    /// their own.
    std::string held(Role role, std::string_view name) const {
        const Table& table = *schema_.find("public", name);
        std::string out = letters(table.granted.of(role));
        for (const Column& column : table.columns) {
            if (column.granted.of(role) == rights::none) continue;
            out += " " + column.name + ":" + letters(column.granted.of(role));
        }
        return out;
    }

private:
    static std::string letters(RightSet set) {
        std::string out;
        if ((set & rights::select) != 0) out += 's';
        if ((set & rights::insert) != 0) out += 'i';
        if ((set & rights::update) != 0) out += 'u';
        if ((set & rights::remove) != 0) out += 'd';
        return out.empty() ? "-" : out;
    }
};

}  // namespace

TEST_F(MigrationGrantTest, ChangeWhatARoleHolds) {
    struct Case {
        const char* why;
        const char* text;
        const char* anon;
        const char* user;
        const char* service;
        const char* view;  // of anon on the view
    };
    const Case cases[] = {
        {"at first everything", "", "siud", "siud", "siud", "siud"},
        {"one right of one role", "revoke select on t from anon", "iud", "siud", "siud", "siud"},
        {"several of several", "revoke insert, update on table t from anon, authenticated", "sd",
         "sd", "siud", "siud"},
        {"everything", "revoke all privileges on t from anon", "-", "siud", "siud", "siud"},
        {"and back", "revoke all on t from anon; grant select, delete on t to anon", "sd", "siud",
         "siud", "siud"},
        {"PUBLIC holds nothing at first", "revoke all on t from public", "siud", "siud", "siud",
         "siud"},
        {"what PUBLIC holds all hold",
         "revoke all on t from anon, service_role; grant select on t to public", "s", "siud", "s",
         "siud"},
        {"every table and view of a schema",
         "revoke delete on all tables in schema public from anon", "siu", "siud", "siud", "siu"},
        {"a view", "revoke all on v from anon", "siud", "siud", "siud", "-"},
        {"columns", "revoke all on t from anon; grant select (id, a), update (a) on t to anon",
         "- id:s a:su", "siud", "siud", "siud"},
        {"all of a column", "revoke all on t from anon; grant all (a) on t to anon", "- a:siu",
         "siud", "siud", "siud"},
        {"a column that all rights cover", "revoke select (a) on t from anon", "siud", "siud",
         "siud", "siud"},
        {"from the table takes it from the columns",
         "revoke all on t from anon; grant select (a), insert (a) on t to anon; revoke select on t "
         "from anon",
         "- a:i", "siud", "siud", "siud"},
        {"a renamed column keeps it",
         "revoke all on t from anon; grant select (a) on t to anon; alter table t rename a to c",
         "- c:s", "siud", "siud", "siud"},
        {"a table made anew keeps it",
         "revoke all on t from anon; grant select (b) on t to anon; alter table t drop column a",
         "- b:s", "siud", "siud", "siud"},
        {"a replaced view keeps it",
         "revoke all on v from anon; create or replace view v as select id from t where id > 1",
         "siud", "siud", "siud", "-"},
        {"rights without a meaning here", "revoke truncate, references, trigger on t from anon",
         "siud", "siud", "siud", "siud"},
        {"only the right to grant on", "revoke grant option for select on t from anon", "siud",
         "siud", "siud", "siud"},
        {"other roles", "revoke all on t from postgres", "siud", "siud", "siud", "siud"},
        {"other things", "revoke usage on schema public from anon", "siud", "siud", "siud", "siud"},
    };
    for (const Case& test : cases) {
        restart();
        ASSERT_EQ(outcome("create table t (id int primary key, a int, b text); create view v as "
                          "select id from t"),
                  "");
        EXPECT_EQ(outcome(test.text), "") << test.why;
        EXPECT_EQ(held(Role::Anon, "t"), test.anon) << test.why;
        EXPECT_EQ(held(Role::Authenticated, "t"), test.user) << test.why;
        EXPECT_EQ(held(Role::ServiceRole, "t"), test.service) << test.why;
        EXPECT_EQ(held(Role::Anon, "v"), test.view) << test.why;
    }
}

TEST_F(MigrationGrantTest, DefaultPrivilegesAreThoseOfNewTables) {
    struct Case {
        const char* why;
        const char* text;
        const char* old_table;  // of anon
        const char* new_table;
    };
    const Case cases[] = {
        {"for one schema",
         "alter default privileges in schema public revoke all on tables from anon", "siud", "-"},
        {"for another", "alter default privileges in schema other revoke all on tables from anon",
         "siud", "siud"},
        {"for all", "alter default privileges revoke insert, update, delete on tables from anon",
         "siud", "s"},
        {"for all, after one schema",
         "alter default privileges in schema public revoke delete on tables from anon; alter "
         "default privileges revoke insert on tables from anon",
         "siud", "su"},
        {"of who makes tables",
         "alter default privileges for role postgres in schema public revoke all on tables from "
         "anon",
         "siud", "-"},
        {"of somebody else",
         "alter default privileges for role supabase_admin in schema public revoke all on tables "
         "from anon",
         "siud", "siud"},
        {"on other things",
         "alter default privileges in schema public revoke all on functions from anon", "siud",
         "siud"},
    };
    for (const Case& test : cases) {
        restart();
        ASSERT_EQ(outcome("create table old (id int primary key)"), "");
        EXPECT_EQ(outcome(test.text), "") << test.why;
        EXPECT_EQ(outcome("create table new (id int primary key)"), "");
        EXPECT_EQ(held(Role::Anon, "old"), test.old_table) << test.why;
        EXPECT_EQ(held(Role::Anon, "new"), test.new_table) << test.why;
    }
}

TEST_F(MigrationGrantTest, WhatHasNoEffectIsSaid) {
    ASSERT_EQ(outcome("create table t (id int primary key, a int)"), "");
    EXPECT_EQ(outcome("revoke select (a) on t from anon"), "");
    EXPECT_THAT(notes_, testing::ElementsAre(testing::HasSubstr("revoke that first")));
    EXPECT_EQ(outcome("grant select on t to postgres"), "");
    EXPECT_THAT(notes_, testing::ElementsAre(testing::HasSubstr("role \"postgres\"")));
}

TEST_F(MigrationGrantTest, WhatIsWrongIsRefused) {
    ASSERT_EQ(outcome("create table t (id int primary key, a int)"), "");
    EXPECT_EQ(outcome("grant select on nosuch to anon"), "42P01");
    EXPECT_EQ(outcome("grant select (nosuch) on t to anon"), "42703");
    EXPECT_EQ(outcome("grant selekt on t to anon"), "42601");
    EXPECT_EQ(outcome("grant delete (a) on t to anon"), "0LP01");
    EXPECT_EQ(outcome("grant execute on t to anon"), "0LP01");
}

}  // namespace dunlin::sql
