#include "routines/program.h"

#include <fmt/format.h>

#include <algorithm>

#include "routines/routine_fixture.h"

namespace dunlin::routines {

namespace {

constexpr std::string_view tables = R"(
create table plain (id int primary key, n int);
create table watched (id int primary key, n int);
create table guarded (id int primary key, n int);
create table owned (id int primary key, owner uuid, secret text);
alter table owned enable row level security;
create policy p on owned for all to authenticated using (owner = auth.uid());
revoke select on owned from authenticated;
grant select (id, owner) on owned to authenticated;
revoke all on plain from anon;
create function same() returns trigger language plpgsql as $$ begin return new; end $$;
create trigger before_update before update on watched for each row execute function same();
create trigger after_update after update on plain for each row execute function same();
create trigger before_insert before insert on guarded for each row execute function same();
)";

std::string in_plpgsql(const std::string& name, const std::string& body) {
    return fmt::format(
        "create function {}(a int) returns void language plpgsql as $$ begin {}; "
        "end $$;\n",
        name, body);
}

class ProgramWriterTest : public RoutineFixture {
protected:
    /// The program of a function whose body is one statement.
    const StatementProgram& statement(std::string_view name) const {
        const auto& statements = made(name).program->statements;
        EXPECT_EQ(statements.size(), 1U) << name;
        return statements.begin()->second;
    }
    /// Of a function whose body is one expression.
    const Text& text(std::string_view name) const { return statement(name).text; }
};

}  // namespace

TEST_F(ProgramWriterTest, WritesRowByRowOnlyWhatATriggerHasToSeeBefore) {
    std::string many;
    for (int i = 0; i < 250; ++i) many += fmt::format("{}({}, 1)", i == 0 ? "" : ", ", i);
    struct Case {
        const char* why;
        std::string body;
        std::size_t queries;  // that give the rows; 0: done at once
    };
    const Case cases[] = {
        {"no triggers for it", "insert into plain values (a, 1)", 0},
        {"an AFTER trigger sees what was done", "update plain set n = a", 0},
        {"a trigger for another command", "insert into watched values (a, 1)", 0},
        {"as well", "delete from watched where id = a", 0},
        {"its own command", "update watched set n = a where id = 1", 1},
        {"an upsert may come to it",
         "insert into watched values (a, 1) on conflict (id) do update set n = 2", 1},
        {"one that leaves rows alone may not",
         "insert into watched values (a, 1) on conflict (id) do nothing", 0},
        {"values", "insert into guarded values (a, 1), (2, 2)", 1},
        {"a query", "insert into guarded select id, n from plain", 1},
        {"more values than SQLite joins at once", "insert into guarded values " + many, 3},
    };
    std::string migration(tables);
    for (std::size_t i = 0; i < std::size(cases); ++i)
        migration += in_plpgsql(fmt::format("f{}", i), cases[i].body);
    migrate(migration);
    for (std::size_t i = 0; i < std::size(cases); ++i) {
        const auto& made = statement(fmt::format("f{}", i));
        EXPECT_EQ(made.rows ? made.rows->rows.size() : 0, cases[i].queries) << cases[i].why;
        EXPECT_EQ(made.text.of(Rights::Owner).empty(), cases[i].queries > 0) << cases[i].why;
    }
}

TEST_F(ProgramWriterTest, CountsTheSlotsThatAStatementNames) {
    struct Case {
        const char* why;
        const char* body;
        std::size_t slots;
    };
    const Case cases[] = {
        {"none", "perform 1 from plain", 0},
        {"the first", "perform n from plain where id = a", 1},
        {"a text is no parameter", "perform '?9' from plain", 0},
        {"nor is a quoted quote", "perform 'it''s ?9', a from plain", 1},
        {"a variable, behind FOUND and the depth of triggers", "perform b from plain", 4},
    };
    std::string migration(tables);
    for (std::size_t i = 0; i < std::size(cases); ++i) {
        migration += fmt::format(
            "create function f{}(a int) returns void language plpgsql as $$ "
            "declare b int; begin {}; end $$;\n",
            i, cases[i].body);
    }
    migrate(migration);
    for (std::size_t i = 0; i < std::size(cases); ++i) {
        EXPECT_EQ(text(fmt::format("f{}", i)).slots[0], cases[i].slots) << cases[i].why;
    }
}

TEST_F(ProgramWriterTest, GivesEveryRoleItsOwnTextAndRefusals) {
    migrate(std::string(tables) + in_plpgsql("reads_owned", "perform 1 from owned where id = a") +
            in_plpgsql("reads_secret", "perform 1 from owned where secret = 'x'") +
            in_plpgsql("reads_plain", "perform 1 from plain") +
            in_plpgsql("writes_plain", "update plain set n = 1"));
    const auto denied = [](const Text& text) {
        std::string out;
        for (const Rights rights :
             {Rights::Anon, Rights::Authenticated, Rights::ServiceRole, Rights::Owner}) {
            out += text.denied[static_cast<std::size_t>(rights)] ? 'x' : '-';
        }
        return out;
    };
    struct Case {
        const char* why;
        const char* function;
        const char* denied;  // of anon, authenticated, service_role, the owner
    };
    const Case cases[] = {
        {"a granted column", "reads_owned", "----"},
        {"one that is hidden", "reads_secret", "-x--"},
        {"a table that is not granted", "reads_plain", "x---"},
    };
    for (const Case& c : cases) EXPECT_EQ(denied(text(c.function)), c.denied) << c.why;
    EXPECT_EQ(denied(statement("writes_plain").granted), "x---") << "a write";

    const Text& owned = text("reads_owned");
    EXPECT_NE(owned.of(Rights::Authenticated).find("auth_uid"), std::string::npos)
        << "the policy of the role is in its text";
    for (const Rights rights : {Rights::ServiceRole, Rights::Owner}) {
        EXPECT_EQ(owned.of(rights).find("auth_uid"), std::string::npos) << "no policy binds it";
    }
}

TEST_F(ProgramWriterTest, LeavesToSqliteOnlyWhatItCannotEvaluate) {
    migrate(std::string(tables) + R"(
create function mixed(a int, b text) returns text language plpgsql as $$
declare c int := a;
begin
  if a > 1 and b is not null then c := 2; end if;
  if b like 'x%' then c := 3; end if;
  return upper(b);
end $$;)");
    EXPECT_EQ(made("mixed").program->expressions.size(), 2U) << "LIKE and upper()";
}

TEST_F(ProgramWriterTest, RefusesWhatAWriteRowByRowCannotDo) {
    migrate(tables);
    struct Case {
        const char* why;
        const char* body;
        const char* sqlstate;
    };
    const Case cases[] = {
        {"a subquery for a row that was written",
         "select n into a from (select 1 as n) x; insert into guarded values (1, 1) returning "
         "(select max(n) from plain) into a",
         "0A000"},
        {"a subquery in DO UPDATE",
         "insert into guarded values (1, 1) on conflict (id) do update set n = (select max(n) "
         "from plain)",
         "0A000"},
        {"RETURNING with FROM",
         "update watched set n = p.n from plain p where p.id = watched.id returning watched.n "
         "into a",
         "0A000"},
        {"the same without RETURNING",
         "update watched set n = p.n from plain p where p.id = watched.id", ""},
        {"and at once", "insert into plain values (1, 1) returning n into a", ""},
    };
    for (const Case& c : cases) EXPECT_EQ(refusal_of(in_plpgsql("f", c.body)), c.sqlstate) << c.why;
}

}  // namespace dunlin::routines
