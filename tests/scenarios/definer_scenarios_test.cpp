// Tables whose policies ask a SECURITY DEFINER function about the table itself: who is admin of a
// team is decided by the members as they were before the statement.
#include <gtest/gtest.h>

#include "scenario_server.h"

namespace dunlin::scenarios {

namespace {

constexpr const char* teams = R"(
create table members (
  id bigint primary key,
  team bigint not null,
  person uuid not null,
  role text not null default 'guest'
);
insert into members values
  (1, 7, '11111111-1111-4111-8111-111111111111', 'admin'),
  (2, 7, '22222222-2222-4222-8222-222222222222', 'guest');
create function is_admin(t bigint) returns boolean language sql stable security definer as $$
  select exists (select 1 from members m where m.team = t and m.person = auth.uid() and m.role = 'admin')
$$;
alter table members enable row level security;
create policy "admins manage" on members using (is_admin(team));
create policy "own are read" on members for select using (person = auth.uid());
create policy "own are changed" on members for update using (person = auth.uid()) with check (is_admin(team));
)";

struct Step {
    const char* why;
    Sender sender;
    const char* method;
    const char* target;
    const char* body;
    const char* prefer;
    int status;
    const char* expected;  // JSON, or a part of the text
};

void run(const ScenarioServer& server, const Step& step) {
    std::vector<std::pair<std::string, std::string>> headers;
    if (*step.prefer != 0) headers.emplace_back("Prefer", step.prefer);
    const auto answer = server.send(step.sender, step.method, step.target, step.body, headers);
    EXPECT_EQ(answer.status, step.status) << step.why << "\n" << answer.body;
    const std::string expected = step.expected;
    if (expected.starts_with('['))
        EXPECT_TRUE(same_json(answer.body, expected)) << step.why << "\n" << answer.body;
    else
        EXPECT_NE(answer.body.find(expected), std::string::npos) << step.why << "\n" << answer.body;
}

}  // namespace

TEST(DefinerScenarios, AdminsAreThoseOfBefore) {
    const ScenarioServer server(teams);
    constexpr const char* rep = "return=representation";
    const Step steps[] = {
        {"an admin reads the team", Sender::Ann, "GET", "/rest/v1/members?select=id&order=id", "",
         "", 200, R"([{"id":1},{"id":2}])"},
        {"a guest reads himself", Sender::Bob, "GET", "/rest/v1/members?select=id", "", "", 200,
         R"([{"id":2}])"},
        {"a guest cannot make himself admin", Sender::Bob, "PATCH", "/rest/v1/members?id=eq.2",
         R"({"role":"admin"})", "", 403, "42501"},
        {"nor add himself elsewhere as admin", Sender::Bob, "POST", "/rest/v1/members",
         R"({"id":3,"team":8,"person":"22222222-2222-4222-8222-222222222222","role":"admin"})",
         "return=minimal", 403, "42501"},
        {"an admin adds", Sender::Ann, "POST", "/rest/v1/members?select=id",
         R"({"id":3,"team":7,"person":"33333333-3333-4333-8333-333333333333"})", rep, 201,
         R"([{"id":3}])"},
        {"an admin does not send one to another team", Sender::Ann, "PATCH",
         "/rest/v1/members?id=eq.3", R"({"team":8})", "", 403, "42501"},
        {"all of the team at once", Sender::Ann, "PATCH",
         "/rest/v1/members?team=eq.7&role=eq.guest&select=id&order=id", R"({"role":"user"})", rep,
         200, R"([{"id":2},{"id":3}])"},
        {"nobody else's rows are checked", Sender::Bob, "PATCH",
         "/rest/v1/members?id=eq.1&select=id", R"({"role":"guest"})", rep, 200, "[]"},
        {"an admin may step back: he was one", Sender::Ann, "PATCH",
         "/rest/v1/members?id=eq.1&select=role", R"({"role":"guest"})", rep, 200,
         R"([{"role":"guest"}])"},
        {"and is none from then on", Sender::Ann, "PATCH", "/rest/v1/members?id=eq.1",
         R"({"role":"admin"})", "", 403, "42501"},
        {"merging is refused: what it finds may be of the same request", Sender::Ann, "POST",
         "/rest/v1/members", R"({"id":1,"team":7,"person":"11111111-1111-4111-8111-111111111111"})",
         "resolution=merge-duplicates", 403, ""},
        {"all is as it was", Sender::Service, "GET",
         "/rest/v1/members?select=id,team,role&order=id", "", "", 200,
         R"([{"id":1,"team":7,"role":"guest"},{"id":2,"team":7,"role":"user"},
             {"id":3,"team":7,"role":"user"}])"},
    };
    for (const Step& step : steps) run(server, step);
}

TEST(DefinerScenarios, MembershipIsASetThatAFunctionSelects) {
    const ScenarioServer server(R"(
create table members (id bigint primary key, team bigint not null, person uuid not null);
create table boards (id bigint primary key, team bigint not null);
insert into members values
  (1, 7, '11111111-1111-4111-8111-111111111111'), (2, 8, '22222222-2222-4222-8222-222222222222'),
  (3, 7, '22222222-2222-4222-8222-222222222222');
insert into boards values (1, 7), (2, 8), (3, 9);
create function my_teams() returns setof bigint language sql stable security definer as
  $$ select team from members where person = auth.uid() $$;
create function teams_of(who uuid) returns setof bigint language sql stable security definer as
  $$ select team from members where person = who $$;
alter table members enable row level security;
alter table boards enable row level security;
create policy "of the team" on members for select using (team in (select my_teams()));
create policy "of the teams" on boards for select using (team in (select teams_of(auth.uid())));
)");
    const Step steps[] = {
        {"one team", Sender::Ann, "GET", "/rest/v1/members?select=id&order=id", "", "", 200,
         R"([{"id":1},{"id":3}])"},
        {"two teams", Sender::Bob, "GET", "/rest/v1/members?select=id&order=id", "", "", 200,
         R"([{"id":1},{"id":2},{"id":3}])"},
        {"another table", Sender::Ann, "GET", "/rest/v1/boards?select=id&order=id", "", "", 200,
         R"([{"id":1}])"},
        {"with an argument", Sender::Bob, "GET", "/rest/v1/boards?select=id&order=id", "", "", 200,
         R"([{"id":1},{"id":2}])"},
        {"nobody", Sender::Anon, "GET", "/rest/v1/boards?select=id", "", "", 200, "[]"},
    };
    for (const Step& step : steps) run(server, step);
}

}  // namespace dunlin::scenarios
