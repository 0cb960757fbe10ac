#include <gtest/gtest.h>

#include "scenario_server.h"

namespace dunlin::scenarios {

namespace {

constexpr const char* diary = R"(
create table entries (
  id bigint primary key,
  owner uuid not null default auth.uid(),
  text text,
  shared boolean not null default false
);
alter table entries enable row level security;
create policy "own or shared are read" on entries for select using (owner = auth.uid() or shared);
create policy "own are written" on entries for insert to authenticated with check (owner = auth.uid());
create policy "own are changed" on entries for update to authenticated using (owner = auth.uid());
create policy "own are deleted" on entries for delete to authenticated using (owner = (select auth.uid()));

create table members (team bigint, member uuid, primary key (team, member));
create table plans (id bigint primary key, team bigint, text text);
alter table plans enable row level security;
create policy "members read" on plans for select to authenticated
  using (exists (select 1 from members m where m.team = plans.team and m.member = auth.uid()));

create table offers (id bigint primary key, owner uuid not null default auth.uid());
alter table offers enable row level security;
create policy "anybody reads" on offers for select using (true);
create policy "anybody adds" on offers for insert to authenticated with check (true);
create policy "own are changed" on offers for update to authenticated using (owner = auth.uid());

create view all_entries as select id from entries;
create view own_entries with (security_invoker = true) as select id from entries;

create table locked (id bigint primary key);
alter table locked enable row level security;
)";

struct Step {
    const char* why;
    Sender sender;
    const char* method;
    const char* target;
    const char* body;
    const char* prefer;
    int status;
    const char* expected;  // JSON, the error's code, or "" for an empty body
};

void run(const ScenarioServer& server, const Step& step) {
    std::vector<std::pair<std::string, std::string>> headers;
    if (*step.prefer != 0) headers.emplace_back("Prefer", step.prefer);
    const auto answer = server.send(step.sender, step.method, step.target, step.body, headers);
    EXPECT_EQ(answer.status, step.status) << step.why << "\n" << answer.body;
    const std::string expected = step.expected;
    if (!expected.empty() && (expected[0] == '[' || expected[0] == '{')) {
        EXPECT_TRUE(same_json(answer.body, expected)) << step.why << "\n" << answer.body;
    } else if (!expected.empty()) {
        EXPECT_NE(answer.body.find("\"code\":\"" + expected + "\""), std::string::npos)
            << step.why << "\n"
            << answer.body;
    }
}

}  // namespace

TEST(PolicyScenarios, OwnersKeepTheirRows) {
    const ScenarioServer server(diary);
    constexpr const char* everything = "/rest/v1/entries?select=id&order=id";
    const Step steps[] = {
        {"Ann writes", Sender::Ann, "POST", "/rest/v1/entries", R"({"id":1,"text":"mine"})", "",
         201, ""},
        {"Bob writes", Sender::Bob, "POST", "/rest/v1/entries", R"({"id":2,"shared":true})", "",
         201, ""},
        {"Ann reads her own and the shared", Sender::Ann, "GET", everything, "", "", 200,
         R"([{"id":1},{"id":2}])"},
        {"Bob reads his own", Sender::Bob, "GET", everything, "", "", 200, R"([{"id":2}])"},
        {"anon reads the shared", Sender::Anon, "GET", everything, "", "", 200, R"([{"id":2}])"},
        {"the service role reads all", Sender::Service, "GET", everything, "", "", 200,
         R"([{"id":1},{"id":2}])"},
        {"anon may not write", Sender::Anon, "POST", "/rest/v1/entries",
         R"({"id":3,"owner":"11111111-1111-4111-8111-111111111111"})", "", 401, "42501"},
        {"nobody writes for another", Sender::Bob, "POST", "/rest/v1/entries",
         R"({"id":3,"owner":"11111111-1111-4111-8111-111111111111"})", "", 403, "42501"},
        {"Bob cannot change Ann's", Sender::Bob, "PATCH", "/rest/v1/entries?id=eq.1&select=id",
         R"({"text":"x"})", "return=representation", 200, "[]"},
        {"Ann cannot change the shared one of Bob", Sender::Ann, "PATCH",
         "/rest/v1/entries?id=eq.2&select=id", R"({"text":"x"})", "return=representation", 200,
         "[]"},
        {"Ann cannot give hers away", Sender::Ann, "PATCH", "/rest/v1/entries?id=eq.1",
         R"({"owner":"22222222-2222-4222-8222-222222222222"})", "", 403, "42501"},
        {"Bob cannot delete Ann's", Sender::Bob, "DELETE", "/rest/v1/entries?id=eq.1&select=id", "",
         "return=representation", 200, "[]"},
        {"an upsert over another's row is refused", Sender::Bob, "POST", "/rest/v1/entries",
         R"({"id":1,"text":"taken"})", "resolution=merge-duplicates", 403, "42501"},
        {"Ann's row is as it was", Sender::Service, "GET", "/rest/v1/entries?id=eq.1&select=text",
         "", "", 200, R"([{"text":"mine"}])"},
        {"a view has its owner's rights", Sender::Bob, "GET", "/rest/v1/all_entries?order=id", "",
         "", 200, R"([{"id":1},{"id":2}])"},
        {"one with the caller's rights shows what the caller may see", Sender::Bob, "GET",
         "/rest/v1/own_entries?order=id", "", "", 200, R"([{"id":2}])"},
        {"and everything to who sees all", Sender::Service, "GET", "/rest/v1/own_entries?order=id",
         "", "", 200, R"([{"id":1},{"id":2}])"},
        {"Ann deletes hers", Sender::Ann, "DELETE", "/rest/v1/entries?id=eq.1&select=id", "",
         "return=representation", 200, R"([{"id":1}])"},
    };
    for (const Step& step : steps) run(server, step);
}

TEST(PolicyScenarios, AnUpsertHeedsTheRulesOfUpdates) {
    const ScenarioServer server(diary);
    constexpr const char* merge = "resolution=merge-duplicates";
    const Step steps[] = {
        {"Ann adds hers", Sender::Ann, "POST", "/rest/v1/offers", R"({"id":1})", merge, 201, ""},
        {"and merges it", Sender::Ann, "POST", "/rest/v1/offers", R"({"id":1})", merge, 200, ""},
        {"but cannot give it away", Sender::Ann, "POST", "/rest/v1/offers",
         R"({"id":1,"owner":"22222222-2222-4222-8222-222222222222"})", merge, 403, "42501"},
        {"nor can Bob take it", Sender::Bob, "POST", "/rest/v1/offers", R"({"id":1})", merge, 403,
         "42501"},
        {"it is still hers", Sender::Anon, "GET", "/rest/v1/offers?select=owner", "", "", 200,
         R"([{"owner":"11111111-1111-4111-8111-111111111111"}])"},
    };
    for (const Step& step : steps) run(server, step);
}

/// Each as a PostgreSQL 15 answers the same statement.
TEST(PolicyScenarios, RulesAreAskedOfTheRowAsProposed) {
    const ScenarioServer server(R"(
create table cards (id int primary key, shared boolean default false, text text);
insert into cards values (1, true, 'a'), (2, false, 'b');
alter table cards enable row level security;
create policy s on cards for select using (text is distinct from 'secret');
create policy i on cards for insert with check (not shared);
create policy u on cards for update using (true) with check (true);
create table blind (id int primary key, a int);
insert into blind values (1, 1);
alter table blind enable row level security;
create policy i on blind for insert with check (true);
create policy u on blind for update using (true);
create policy d on blind for delete using (a = 5);
)");
    constexpr const char* merge = "resolution=merge-duplicates";
    constexpr const char* ignore = "resolution=ignore-duplicates";
    const Step steps[] = {
        {"proposed unshared, merged into a shared one", Sender::Ann, "POST", "/rest/v1/cards",
         R"({"id":1,"text":"x"})", merge, 200, ""},
        {"proposed as shared", Sender::Ann, "POST", "/rest/v1/cards", R"({"id":2,"shared":true})",
         merge, 403, "42501"},
        {"a duplicate that may be ignored", Sender::Ann, "POST", "/rest/v1/cards", R"({"id":2})",
         ignore, 201, ""},
        {"one that may not be proposed", Sender::Ann, "POST", "/rest/v1/cards",
         R"([{"id":2,"shared":true}])", ignore, 403, "42501"},
        {"one that would not be seen", Sender::Ann, "POST", "/rest/v1/cards",
         R"([{"id":2,"text":"secret"}])", ignore, 403, "42501"},
        {"a new one that would not be seen", Sender::Ann, "POST", "/rest/v1/cards",
         R"([{"id":3,"text":"secret"}])", ignore, 403, "42501"},
        {"which a plain insert does not ask", Sender::Ann, "POST", "/rest/v1/cards",
         R"([{"id":3,"text":"secret"}])", "", 201, ""},
        {"nothing is touched", Sender::Service, "GET", "/rest/v1/cards?order=id", "", "", 200,
         R"([{"id":1,"shared":true,"text":"x"},{"id":2,"shared":false,"text":"b"},
             {"id":3,"shared":false,"text":"secret"}])"},
        {"a conflict reads its key", Sender::Ann, "POST", "/rest/v1/blind", R"({"id":1,"a":2})",
         ignore, 403, "42501"},
        {"an update without a filter reads nothing", Sender::Ann, "PATCH", "/rest/v1/blind",
         R"({"a":5})", "", 204, ""},
        {"with one it does", Sender::Ann, "PATCH", "/rest/v1/blind?id=eq.1", R"({"a":6})", "", 204,
         ""},
        {"so the first one counted", Sender::Service, "GET", "/rest/v1/blind", "", "", 200,
         R"([{"id":1,"a":5}])"},
        {"a delete that reads", Sender::Ann, "DELETE", "/rest/v1/blind?id=eq.1", "", "", 204, ""},
        {"a delete that does not", Sender::Ann, "DELETE", "/rest/v1/blind", "", "", 204, ""},
        {"took it", Sender::Service, "GET", "/rest/v1/blind", "", "", 200, "[]"},
    };
    for (const Step& step : steps) run(server, step);
}

TEST(PolicyScenarios, MembershipDecides) {
    const ScenarioServer server(diary);
    const Step steps[] = {
        {"a plan", Sender::Service, "POST", "/rest/v1/plans",
         R"([{"id":1,"team":7},{"id":2,"team":8}])", "", 201, ""},
        {"Ann joins team 7", Sender::Service, "POST", "/rest/v1/members",
         R"({"team":7,"member":"11111111-1111-4111-8111-111111111111"})", "", 201, ""},
        {"Ann reads its plan", Sender::Ann, "GET", "/rest/v1/plans?select=id", "", "", 200,
         R"([{"id":1}])"},
        {"Bob reads none", Sender::Bob, "GET", "/rest/v1/plans?select=id", "", "", 200, "[]"},
        {"anon reads none", Sender::Anon, "GET", "/rest/v1/plans?select=id", "", "", 200, "[]"},
        {"counts tell nothing", Sender::Bob, "GET", "/rest/v1/plans?select=count", "", "", 200,
         R"([{"count":0}])"},
        {"no policy for writing", Sender::Ann, "POST", "/rest/v1/plans", R"({"id":3,"team":7})", "",
         403, "42501"},
        {"Ann leaves", Sender::Service, "DELETE", "/rest/v1/members?team=eq.7", "", "", 204, ""},
        {"and reads none", Sender::Ann, "GET", "/rest/v1/plans?select=id", "", "", 200, "[]"},
        {"no policy at all: nobody", Sender::Ann, "GET", "/rest/v1/locked", "", "", 200, "[]"},
        {"nor writes", Sender::Ann, "POST", "/rest/v1/locked", R"({"id":1})", "", 403, "42501"},
        {"but the service role does", Sender::Service, "POST", "/rest/v1/locked", R"({"id":1})", "",
         201, ""},
    };
    for (const Step& step : steps) run(server, step);
}

}  // namespace dunlin::scenarios
