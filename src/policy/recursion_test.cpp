// Policies that lead back to their own table, views with the caller's rights, and rules that read
// the table being written.
#include "policy/policy_fixture.h"

namespace dunlin::policy {

namespace {

/// Project 1 is ann's; she is its member. Project 2 is bob's, without a member.
class RecursionTest : public PolicyFixture {
protected:
    void SetUp() override {
        migrate(R"(
create table projects (id int primary key, owner uuid);
create table members (id int primary key, project int, person uuid);
create table keyless (id int, person uuid);
insert into projects values (1, '11111111-1111-1111-1111-111111111111'), (2, '22222222-2222-2222-2222-222222222222');
insert into members values (1, 1, '11111111-1111-1111-1111-111111111111');
create view every_member as select id, project, person from members;
create view own_rights with (security_invoker = true) as select id, project, person from members;
create view own_rights_twice with (security_invoker = true) as select id, person from own_rights;
create view renamed (id) with (security_invoker = true) as select project from members;
create view own_projects with (security_invoker = true) as select id from projects;
create view owners_rights as select id, person from own_rights;
alter table projects enable row level security;
alter table members enable row level security;
alter table keyless enable row level security;)");
    }
};

std::string policy(const std::string& table, const std::string& rest) {
    static int number = 0;
    return "create policy p" + std::to_string(++number) + " on " + table + " " + rest + ";";
}

const std::string of_member =
    "exists (select 1 from members m where m.project = projects.id and m.person = auth.uid())";
const std::string of_project = "exists (select 1 from projects p where p.id = members.project)";

TEST_F(RecursionTest, IsRefusedAsPostgresqlRefusesIt) {
    const std::string same =
        "project in (select project from members m where m.person = auth.uid())";
    struct Case {
        const char* why;
        std::string policies;
        const char* sqlstate;  // "" for none
    };
    const Case cases[] = {
        {"a table that asks itself", policy("members", "for select using (" + same + ")"), "42P17"},
        {"… for ALL", policy("members", "using (" + same + ")"), "42P17"},
        {"… restrictive",
         policy("members", "using (true)") +
             policy("members", "as restrictive using (" + same + ")"),
         "42P17"},
        {"two that ask each other",
         policy("members", "for select using (" + of_project + ")") +
             policy("projects", "for select using (" + of_member + ")"),
         "42P17"},
        {"a third that asks two that ask each other",
         policy("keyless", "using (id in (select id from members))") +
             policy("members", "for select using (" + of_project + ")") +
             policy("projects", "for select using (" + of_member + ")"),
         "42P17"},
        {"each for another role is none",
         policy("members", "for select to anon using (" + of_project + ")") +
             policy("projects", "for select to authenticated using (" + of_member + ")"),
         ""},
        {"for service_role it does not matter",
         policy("members", "for select to service_role using (" + same + ")"), ""},
        {"through a view is none",
         policy("members", "for select using (project in (select project from every_member))"), ""},
        {"a write may read the table if reading asks no further",
         policy("members", "for select using (person = auth.uid())") +
             policy("members", "for delete using (" + same + ")"),
         ""},
        {"a write whose reading asks itself",
         policy("members", "for select using (" + of_project + ")") +
             policy("projects", "for select using (owner = auth.uid())") +
             policy("members", "for delete using (" + same + ")"),
         "42P17"},
        {"the common pair: members are added by owners, projects seen by members",
         policy("members", "for select using (person = auth.uid())") +
             policy("members", "for insert with check (" + of_project + ")") +
             policy("projects", "for select using (owner = auth.uid() or " + of_member + ")"),
         ""},
        {"a disabled table ends it",
         policy("members", "for select using (" + of_project + ")") +
             policy("projects", "for select using (" + of_member + ")") +
             "alter table projects disable row level security;",
         ""},
        {"a check for UPDATE over its own table",
         policy("members", "for select using (true)") +
             policy("members", "for update using (true) with check (" + same + ")"),
         ""},
        {"USING as the check for UPDATE over its own table",
         policy("members", "for select using (true)") +
             policy("members", "for update using (" + same + ")"),
         ""},
        {"… of a table with a generated column",
         "create table doubled (id int primary key, twice int generated always as (id * 2) stored);"
         "alter table doubled enable row level security;" +
             policy("doubled", "for select using (true)") +
             policy("doubled", "for update using (id in (select id from doubled))"),
         "0A000"},
        {"USING alone may read it",
         policy("members", "for select using (true)") +
             policy("members", "for update using (" + same + ") with check (person = auth.uid())"),
         ""},
        {"a check for INSERT through a view",
         policy("members", "for insert with check (project in (select project from every_member))"),
         "0A000"},
        {"a check for INSERT through two views",
         policy("members", "for insert with check (id in (select id from owners_rights))"),
         "0A000"},
        {"a check for INSERT without a key",
         policy("keyless", "for select using (true)") +
             policy("keyless", "for insert with check ((select count(*) from keyless) < 3)"),
         "0A000"},
        {"a policy over a view with the caller's rights",
         policy("projects", "using (id in (select project from own_rights))"), ""},
        {"a policy that its table's own rules lead back to, through such a view",
         policy("projects", "using (id in (select project from own_rights))") +
             policy("members", "using (project in (select id from projects))"),
         "42P17"},
        {"… and not through one with its owner's rights",
         policy("projects", "using (id in (select project from every_member))") +
             policy("members", "for select using (project in (select id from projects))"),
         ""},
        {"a check for INSERT through a view with the caller's rights",
         policy("members", "for select using (true)") +
             policy("projects", "for select using (id in (select project from members))") +
             policy("members", "for insert with check (id in (select id from own_projects))"),
         "0A000"},
        {"… of which the caller may see all",
         policy("projects", "using (id in (select project from own_rights))") +
             policy("members", "for select using (true)"),
         ""},
    };
    for (const auto& test : cases) {
        const auto compiled = compile(test.policies);
        EXPECT_EQ(compiled ? "" : compiled.error().sqlstate, test.sqlstate)
            << test.why << ": " << (compiled ? "" : compiled.error().message);
    }
}

TEST_F(RecursionTest, AViewWithTheCallersRightsShowsWhatTheCallerMaySee) {
    struct Case {
        const char* why;
        std::string policies;
        const char* view;
        Identity who;
        const char* expected;
    };
    const std::string none = policy("members", "for select using (false)");
    const std::string all = policy("members", "for select using (true)");
    const Case cases[] = {
        {"the owner's rights", none, "every_member", anon(), "1"},
        {"the caller's", none, "own_rights", anon(), ""},
        {"the caller's, part of the rows",
         policy("members", "for select using (person = auth.uid())"), "own_rights", ann(), "1"},
        {"… of another", policy("members", "for select using (person = auth.uid())"), "own_rights",
         bob(), ""},
        {"the caller may see all", all, "own_rights", anon(), "1"},
        {"service_role", none, "own_rights", service(), "1"},
        {"a view over the view", none, "own_rights_twice", ann(), ""},
        {"the owner's rights over the caller's are the caller's", none, "owners_rights", ann(), ""},
        {"… whoever that is", policy("members", "for select using (person = auth.uid())"),
         "owners_rights", ann(), "1"},
        {"the columns have the view's names",
         policy("members", "for select using (person = auth.uid())"), "renamed", ann(), "1"},
    };
    for (const auto& test : cases) {
        use(test.policies);
        EXPECT_EQ(ids(test.who, test.view), test.expected) << test.why;
        EXPECT_FALSE(rules().select_rule(table(test.view), test.who.role))
            << "views are not followed";
    }
}

/// Adds a row as data/ does and undoes it: whether WITH CHECK allowed it.
TEST_F(RecursionTest, ACheckForInsertDoesNotSeeTheNewRow) {
    struct Case {
        const char* why;
        std::string policies;
        const char* row;
        Identity who;
        bool allowed;
    };
    const std::string pair =
        policy("members", "for select using (person = auth.uid())") +
        policy("members", "for insert with check (" + of_project + ")") +
        policy("projects", "for select using (owner = auth.uid() or " + of_member + ")");
    const auto check = [](const std::string& condition) {
        return policy("members", "for select using (true)") +
               policy("members", "for insert with check (" + condition + ")");
    };
    const std::string no_other =
        "not exists (select 1 from members m where m.person = members.person)";
    const std::string ann_in_2 = "(9, 2, '11111111-1111-1111-1111-111111111111')";
    const std::string bob_in_1 = "(9, 1, '22222222-2222-2222-2222-222222222222')";
    const Case cases[] = {
        {"a member adds others", pair, bob_in_1.c_str(), ann(), true},
        {"nobody makes herself a member", pair, ann_in_2.c_str(), ann(), false},
        {"the owner adds her", pair, ann_in_2.c_str(), bob(), true},
        {"one row is there, one more may come", check("(select count(*) from members) < 2"),
         ann_in_2.c_str(), ann(), true},
        {"but not two", check("(select count(*) from members) < 1"), ann_in_2.c_str(), ann(),
         false},
        {"no row like it before", check(no_other), bob_in_1.c_str(), bob(), true},
        {"one like it before", check(no_other), ann_in_2.c_str(), bob(), false},
    };
    for (const auto& test : cases) {
        use(test.policies);
        const std::string condition =
            rules().check_sql(table("members"), Command::Insert, test.who.role, "t");
        std::vector<Row> verdict;
        auto undone = write(
            [&](engine::Session& session) -> Result<void> {
                auto rows = session.run(
                    {"insert into members as t values " + std::string(test.row) +
                     " returning (select (" + condition +
                     ") from (select id as id, project as project, person as person) as t)"});
                if (!rows) return std::unexpected(rows.error());
                verdict = rows->rows;
                return std::unexpected(Error{});
            },
            test.who);
        ASSERT_EQ(verdict.size(), 1U) << test.why << ": " << undone.error().message;
        EXPECT_EQ(verdict[0][0] == Value::boolean(true), test.allowed) << test.why;
    }
}

}  // namespace

}  // namespace dunlin::policy
