#include <gtest/gtest.h>

#include "scenario_server.h"

namespace dunlin::scenarios {

namespace {

constexpr const char* people = R"(
create table people (
  id bigint primary key,
  name text not null,
  age int check (age >= 0),
  email text unique,
  balance numeric(10,2) default 0,
  born date,
  tags text[],
  extra jsonb,
  seen timestamptz
);
create table pets (id bigint primary key, owner bigint references people on delete cascade, name text);
insert into people (id, name, age, email, balance, born, tags, extra, seen) values
  (1, 'Ann', 30, 'ann@example.org', 10.5, '1990-01-31', '{a,b}', '{"vip": true}', '2026-01-02T03:04:05.678+01:00'),
  (2, 'Bob', null, 'bob@example.org', 2, null, null, null, null),
  (3, 'Cid', 25, null, 100, '2000-02-29', '{}', '{"vip": false}', '2026-01-01T00:00:00Z');
)";

struct Step {
    const char* why;
    const char* method;
    const char* target;
    const char* body;
    const char* prefer;
    int status;
    const char* expected;  // JSON, or the error's code, or "" for an empty body
};

void run(const ScenarioServer& server, const Step& step) {
    std::vector<std::pair<std::string, std::string>> headers;
    if (*step.prefer != 0) headers.emplace_back("Prefer", step.prefer);
    const auto answer = server.send(Sender::Anon, step.method, step.target, step.body, headers);
    EXPECT_EQ(answer.status, step.status) << step.why << "\n" << answer.body;
    const std::string expected = step.expected;
    if (expected.empty()) {
        EXPECT_EQ(answer.body, "") << step.why;
    } else if (expected[0] == '[' || expected[0] == '{') {
        EXPECT_TRUE(same_json(answer.body, expected)) << step.why << "\n" << answer.body;
    } else {
        EXPECT_NE(answer.body.find("\"code\":\"" + expected + "\""), std::string::npos)
            << step.why << "\n"
            << answer.body;
    }
}

}  // namespace

TEST(RestScenarios, Reading) {
    const ScenarioServer server(people);
    const Step steps[] = {
        {"values as PostgreSQL prints them", "GET", "/rest/v1/people?id=eq.1", "", "", 200,
         R"([{"id":1,"name":"Ann","age":30,"email":"ann@example.org","balance":10.50,"born":"1990-01-31",
             "tags":["a","b"],"extra":{"vip":true},"seen":"2026-01-02T02:04:05.678+00:00"}])"},
        {"columns and alias", "GET", "/rest/v1/people?select=n:name&id=eq.2", "", "", 200,
         R"([{"n":"Bob"}])"},
        {"nulls last when ascending", "GET", "/rest/v1/people?select=id&order=age", "", "", 200,
         R"([{"id":3},{"id":1},{"id":2}])"},
        {"nulls first when descending", "GET", "/rest/v1/people?select=id&order=age.desc", "", "",
         200, R"([{"id":2},{"id":1},{"id":3}])"},
        {"numbers compare as numbers", "GET", "/rest/v1/people?select=id&balance=gt.9&order=id", "",
         "", 200, R"([{"id":1},{"id":3}])"},
        {"null never equals", "GET", "/rest/v1/people?select=id&age=neq.30", "", "", 200,
         R"([{"id":3}])"},
        {"is null", "GET", "/rest/v1/people?select=id&age=is.null", "", "", 200, R"([{"id":2}])"},
        {"in", "GET", "/rest/v1/people?select=id&name=in.(Ann,%22Cid%22)&order=id", "", "", 200,
         R"([{"id":1},{"id":3}])"},
        {"or", "GET", "/rest/v1/people?select=id&or=(age.is.null,name.eq.Cid)&order=id", "", "",
         200, R"([{"id":2},{"id":3}])"},
        {"not and like", "GET", "/rest/v1/people?select=id&name=not.like.A*&order=id", "", "", 200,
         R"([{"id":2},{"id":3}])"},
        {"ilike", "GET", "/rest/v1/people?select=id&name=ilike.aNN", "", "", 200, R"([{"id":1}])"},
        {"JSON path", "GET", "/rest/v1/people?select=id,v:extra->>vip&extra->>vip=eq.true", "", "",
         200, R"([{"id":1,"v":"true"}])"},
        {"page", "GET", "/rest/v1/people?select=id&order=id&limit=1&offset=1", "", "", 200,
         R"([{"id":2}])"},
        {"counted page", "GET", "/rest/v1/people?select=id&order=id&limit=1", "", "count=exact",
         206, R"([{"id":1}])"},
        {"past the end", "GET", "/rest/v1/people?offset=9", "", "count=exact", 416, "PGRST103"},
        {"no such table", "GET", "/rest/v1/peple", "", "", 404, "PGRST205"},
        {"no such column", "GET", "/rest/v1/people?select=nope", "", "", 400, "42703"},
        {"no such column in a filter", "GET", "/rest/v1/people?nope=eq.1", "", "", 400, "42703"},
        {"bad value", "GET", "/rest/v1/people?id=eq.x", "", "", 400, "22P02"},
        {"bad operator", "GET", "/rest/v1/people?id=equals.1", "", "", 400, "PGRST100"},
        {"injection is a value", "GET", "/rest/v1/people?select=id&name=eq.'%20or%201=1--", "", "",
         200, "[]"},
        {"injection as a column", "GET", "/rest/v1/people?select=id%22%20from%20pets--", "", "",
         400, "PGRST100"},
    };
    for (const Step& step : steps) run(server, step);
}

TEST(RestScenarios, Writing) {
    const ScenarioServer server(people);
    const Step steps[] = {
        {"insert", "POST", "/rest/v1/people", R"({"id":4,"name":"Dan"})", "", 201, ""},
        {"insert and return", "POST", "/rest/v1/people?select=id,balance",
         R"([{"id":5,"name":"Eve","balance":1.005},{"id":6,"name":"Fay","balance":"7"}])",
         "return=representation", 201, R"([{"id":5,"balance":1.01},{"id":6,"balance":7.00}])"},
        {"different keys", "POST", "/rest/v1/people", R"([{"id":7,"name":"x"},{"id":8}])", "", 400,
         "PGRST102"},
        {"duplicate key", "POST", "/rest/v1/people", R"({"id":1,"name":"x"})", "", 409, "23505"},
        {"duplicate in a bulk: nothing stays", "POST", "/rest/v1/people",
         R"([{"id":20,"name":"x"},{"id":1,"name":"x"}])", "", 409, "23505"},
        {"so it is not there", "GET", "/rest/v1/people?id=eq.20", "", "", 200, "[]"},
        {"null in a required column", "POST", "/rest/v1/people", R"({"id":9})", "", 400, "23502"},
        {"check", "POST", "/rest/v1/people", R"({"id":9,"name":"x","age":-1})", "", 400, "23514"},
        {"foreign key", "POST", "/rest/v1/pets", R"({"id":1,"owner":99})", "", 409, "23503"},
        {"bad JSON", "POST", "/rest/v1/people", "{", "", 400, "PGRST102"},
        {"unknown column", "POST", "/rest/v1/people", R"({"id":9,"nme":"x"})", "", 400, "PGRST204"},
        {"bad date", "POST", "/rest/v1/people", R"({"id":9,"name":"x","born":"2023-02-29"})", "",
         400, "22008"},
        {"upsert", "POST", "/rest/v1/people?select=id,name", R"({"id":1,"name":"Anna"})",
         "resolution=merge-duplicates,return=representation", 200, R"([{"id":1,"name":"Anna"}])"},
        {"upsert ignoring", "POST", "/rest/v1/people?select=id", R"({"id":1,"name":"Nobody"})",
         "resolution=ignore-duplicates,return=representation", 201, "[]"},
        {"update", "PATCH", "/rest/v1/people?id=eq.2", R"({"age":41})", "", 204, ""},
        {"update and return", "PATCH", "/rest/v1/people?id=eq.2&select=id,age", R"({"age":42})",
         "return=representation", 200, R"([{"id":2,"age":42}])"},
        {"update nothing", "PATCH", "/rest/v1/people?id=eq.99", R"({"age":42})",
         "return=representation", 200, "[]"},
        {"delete cascades", "POST", "/rest/v1/pets", R"({"id":1,"owner":3,"name":"Rex"})", "", 201,
         ""},
        {"delete", "DELETE", "/rest/v1/people?id=eq.3&select=id", "", "return=representation", 200,
         R"([{"id":3}])"},
        {"the pet is gone as well", "GET", "/rest/v1/pets", "", "", 200, "[]"},
    };
    for (const Step& step : steps) run(server, step);
}

TEST(RestScenarios, SingleObject) {
    const ScenarioServer server(people);
    const std::vector<std::pair<std::string, std::string>> single = {
        {"Accept", "application/vnd.pgrst.object+json"}};
    const auto one =
        server.send(Sender::Anon, "GET", "/rest/v1/people?select=id&id=eq.1", "", single);
    EXPECT_EQ(one.status, 200);
    EXPECT_TRUE(same_json(one.body, R"({"id":1})")) << one.body;
    const auto many = server.send(Sender::Anon, "GET", "/rest/v1/people", "", single);
    EXPECT_EQ(many.status, 406);
    EXPECT_NE(many.body.find("The result contains 3 rows"), std::string::npos) << many.body;
}

}  // namespace dunlin::scenarios
