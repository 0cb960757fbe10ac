#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "scenario_server.h"

namespace dunlin::scenarios {

namespace {

namespace json = boost::json;

constexpr const char* clinic = R"(
create type mood as enum ('sad', 'happy');
create table owners (id bigint primary key, name varchar(40) not null);
create table pets (
  id bigint primary key,
  owner bigint not null references owners (id),
  mood mood default 'happy',
  tags text[],
  weight numeric(5,2) default 1.5,
  data jsonb
);
comment on table pets is 'Animals
that live with people';
comment on column pets.owner is 'Who feeds it';
create view names as select name from owners;
create function add(a int, b int default 1) returns int language sql immutable as 'select a + b';
create function log() returns int language sql as 'select 1';
)";

json::value at(const json::value& document, const char* pointer) {
    boost::system::error_code failure;
    const json::value* found = document.find_pointer(pointer, failure);
    return found == nullptr ? json::value("nothing there") : *found;
}

}  // namespace

TEST(OpenApiScenarios, DescribesTablesAndViews) {
    const ScenarioServer server(clinic);
    const auto answer = server.send(Sender::Anon, "GET", "/rest/v1/");
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.header("content-type"), "application/openapi+json; charset=utf-8");
    const auto document = json::parse(answer.body);
    struct Case {
        const char* why;
        const char* pointer;
        const char* expected;
    };
    const Case cases[] = {
        {"version", "/swagger", R"("2.0")"},
        {"host", "/host", R"("test")"},
        {"path", "/basePath", R"("/rest/v1")"},
        {"required", "/definitions/pets/required", R"(["id","owner"])"},
        {"key", "/definitions/owners/properties/id",
         R"({"description":"Note:\nThis is a Primary Key.<pk/>","format":"bigint",
             "type":"integer"})"},
        {"length", "/definitions/owners/properties/name",
         R"({"format":"character varying","type":"string","maxLength":40})"},
        {"foreign key", "/definitions/pets/properties/owner",
         R"({"description":"Who feeds it\n\nNote:\nThis is a Foreign Key to `owners.id`.<fk table='owners' column='id'/>",
             "format":"bigint","type":"integer"})"},
        {"enum and default", "/definitions/pets/properties/mood",
         R"({"default":"happy","format":"public.mood","type":"string","enum":["sad","happy"]})"},
        {"array", "/definitions/pets/properties/tags",
         R"({"format":"text[]","type":"array","items":{"type":"string"}})"},
        {"number", "/definitions/pets/properties/weight",
         R"({"default":1.5,"format":"numeric","type":"number"})"},
        {"any JSON", "/definitions/pets/properties/data", R"({"format":"jsonb"})"},
        {"first line", "/paths/~1pets/get/summary", R"("Animals")"},
        {"other lines", "/paths/~1pets/get/description", R"("that live with people")"},
        {"answers", "/paths/~1pets/post/responses", R"({"201":{"description":"Created"}})"},
        {"a view is read only", "/paths/~1names/post", R"("nothing there")"},
        {"filter", "/parameters/rowFilter.pets.owner",
         R"({"name":"owner","description":"Who feeds it","required":false,"in":"query",
             "type":"string"})"},
        {"an argument in the query string", "/paths/~1rpc~1add/get/parameters/1",
         R"({"name":"b","in":"query","required":false,"type":"integer","format":"integer"})"},
        {"arguments in a body", "/paths/~1rpc~1add/post/parameters/0/schema",
         R"({"required":["a"],"properties":{"a":{"format":"integer","type":"integer"},
             "b":{"format":"integer","type":"integer"}},"type":"object"})"},
        {"a volatile function is not read", "/paths/~1rpc~1log/get", R"("nothing there")"},
        {"itself", "/paths/~1/get/tags", R"(["Introspection"])"},
    };
    for (const Case& c : cases) {
        EXPECT_EQ(at(document, c.pointer), json::parse(c.expected))
            << c.why << "\n"
            << json::serialize(at(document, c.pointer));
    }
}

TEST(OpenApiScenarios, IsNegotiatedAndCanBeTurnedOff) {
    const ScenarioServer server(clinic);
    const auto as_json =
        server.send(Sender::Anon, "GET", "/rest/v1/", "", {{"Accept", "application/json"}});
    EXPECT_EQ(as_json.header("content-type"), "application/json; charset=utf-8");
    run(server, {"no CSV of it", "GET", "", {{"Accept", "text/csv"}}, "", 406, "PGRST107"});
    run(server, {"HEAD", "HEAD", "", {}, "", 200, ""});
    EXPECT_EQ(server.send(Sender::Nobody, "GET", "/rest/v1/").status, 401);
    const ScenarioServer silent(clinic, "[api]\nopenapi = \"disabled\"\n");
    run(silent, {"off",
                 "GET",
                 "",
                 {},
                 "",
                 404,
                 R"({"code":"PGRST126","details":null,"hint":null,
                     "message":"Root endpoint metadata is disabled"})"});
}

}  // namespace dunlin::scenarios
