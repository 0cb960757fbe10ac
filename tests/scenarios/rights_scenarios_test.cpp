// What was granted decides before any row is asked for; columns that were not are unknown.
#include <gtest/gtest.h>

#include "scenario_server.h"

namespace dunlin::scenarios {

namespace {

constexpr const char* people = R"(
create table people (
  id bigint primary key,
  name text not null,
  secret text,
  role text not null default 'user'
);
insert into people values (1, 'ann', 'hunter2', 'admin'), (2, 'bob', 'qwerty', 'user');
revoke all on people from anon, authenticated;
grant select (id, name), insert (id, name, secret), update (name) on people to authenticated;
grant select (id) on people to anon;

create table vault (id bigint primary key);
revoke all on vault from anon, authenticated;

create table boxes (id bigint primary key, label text);
revoke select, delete on boxes from authenticated;
alter table boxes enable row level security;
create policy "all" on boxes using (true);

create table notes (id bigint primary key, author bigint);
insert into notes values (1, 1);
alter table notes enable row level security;
create policy "of admins" on notes for select
  using (exists (select 1 from people p where p.id = notes.author and p.role = 'admin'));
create policy "of people" on notes for insert
  with check (exists (select 1 from people p where p.id = notes.author));

create view names as select id, name, role from people;
create view own_rights with (security_invoker = true) as select id, role from people;
create view readable with (security_invoker = true) as select id, name from people;
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

TEST(RightsScenarios, AColumnThatIsNotGrantedDoesNotExist) {
    const ScenarioServer server(people);
    const Step steps[] = {
        {"* is what may be read", Sender::Ann, "GET", "/rest/v1/people?order=id&limit=1", "", "",
         200, R"([{"id":1,"name":"ann"}])"},
        {"the same named", Sender::Ann, "GET", "/rest/v1/people?select=*&id=eq.1", "", "", 200,
         R"([{"id":1,"name":"ann"}])"},
        {"another role, other columns", Sender::Anon, "GET", "/rest/v1/people?id=eq.1", "", "", 200,
         R"([{"id":1}])"},
        {"all for who was left everything", Sender::Service, "GET", "/rest/v1/people?id=eq.1", "",
         "", 200, R"([{"id":1,"name":"ann","secret":"hunter2","role":"admin"}])"},
        {"in select", Sender::Ann, "GET", "/rest/v1/people?select=id,secret", "", "", 400,
         "column people.secret does not exist"},
        {"what comes back of an insert", Sender::Ann, "POST", "/rest/v1/people",
         R"({"id":3,"name":"cy"})", "return=representation", 201, R"([{"id":3,"name":"cy"}])"},
        {"a column that may be set unseen", Sender::Ann, "POST", "/rest/v1/people",
         R"({"id":4,"name":"di","secret":"s"})", "return=minimal", 201, ""},
        {"it is stored", Sender::Service, "GET", "/rest/v1/people?select=secret&id=eq.4", "", "",
         200, R"([{"secret":"s"}])"},
        {"a column that may be neither seen nor set", Sender::Ann, "POST", "/rest/v1/people",
         R"({"id":5,"name":"eve","role":"admin"})", "", 400,
         "Could not find the 'role' column of 'people' in the schema cache"},
        {"nor by columns", Sender::Ann, "POST", "/rest/v1/people?columns=id,name,role",
         R"({"id":5,"name":"eve"})", "", 400, "PGRST204"},
        {"a column that may be seen and not set", Sender::Ann, "PATCH", "/rest/v1/people?id=eq.1",
         R"({"id":9})", "", 403, "permission denied for table people"},
        {"what may be set", Sender::Ann, "PATCH", "/rest/v1/people?id=eq.1&select=name",
         R"({"name":"anna"})", "return=representation", 200, R"([{"name":"anna"}])"},
        {"an upsert sets what it merges", Sender::Ann, "POST", "/rest/v1/people",
         R"({"id":1,"name":"x","secret":"y"})", "resolution=merge-duplicates", 403,
         "permission denied for table people"},
        {"nothing of it happened", Sender::Service, "GET", "/rest/v1/people?order=id", "", "", 200,
         R"([{"id":1,"name":"anna","secret":"hunter2","role":"admin"},
             {"id":2,"name":"bob","secret":"qwerty","role":"user"},
             {"id":3,"name":"cy","secret":null,"role":"user"},
             {"id":4,"name":"di","secret":"s","role":"user"}])"},
    };
    for (const Step& step : steps) run(server, step);
}

TEST(RightsScenarios, ARightThatIsNotGrantedIsDenied) {
    const ScenarioServer server(people);
    const Step steps[] = {
        {"no right at all", Sender::Ann, "GET", "/rest/v1/vault", "", "", 403,
         "permission denied for table vault"},
        {"who has not signed in", Sender::Anon, "GET", "/rest/v1/vault", "", "", 401, "42501"},
        {"nor to add", Sender::Ann, "POST", "/rest/v1/vault", R"({"id":1})", "", 403, "42501"},
        {"delete is a right of tables", Sender::Ann, "DELETE", "/rest/v1/people?id=eq.1", "", "",
         403, "permission denied for table people"},
        {"adding without reading", Sender::Ann, "POST", "/rest/v1/boxes", R"({"id":1})", "", 201,
         ""},
        {"but not giving it back", Sender::Ann, "POST", "/rest/v1/boxes", R"({"id":2})",
         "return=representation", 403, "permission denied for table boxes"},
        {"nor merging", Sender::Ann, "POST", "/rest/v1/boxes", R"({"id":1})",
         "resolution=merge-duplicates", 403, "permission denied for table boxes"},
        {"nor changing by a filter", Sender::Ann, "PATCH", "/rest/v1/boxes?id=eq.1",
         R"({"label":"x"})", "", 403, "permission denied for table boxes"},
        {"a policy reads with its caller's rights", Sender::Ann, "GET", "/rest/v1/notes", "", "",
         403, "permission denied for table people"},
        {"of the columns that it names", Sender::Ann, "POST", "/rest/v1/notes",
         R"({"id":2,"author":2})", "return=minimal", 201, ""},
        {"a view has its owner's", Sender::Ann, "GET", "/rest/v1/names?id=eq.1", "", "", 200,
         R"([{"id":1,"name":"ann","role":"admin"}])"},
        {"one with the caller's has not", Sender::Ann, "GET", "/rest/v1/own_rights", "", "", 403,
         "permission denied for table people"},
        {"unless they suffice", Sender::Ann, "GET", "/rest/v1/readable?id=eq.1", "", "", 200,
         R"([{"id":1,"name":"ann"}])"},
    };
    for (const Step& step : steps) run(server, step);
}

}  // namespace dunlin::scenarios
