#include <gtest/gtest.h>

#include "scenario_server.h"

namespace dunlin::scenarios {

namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;

constexpr const char* zoo = R"(
create table animals (
  id bigint primary key, name text, tame boolean, legs int, tags text[], data jsonb,
  seen timestamptz
);
insert into animals values
  (1, 'Cat', true, 4, '{a,b}', '{"k": null, "l": [null, {"m": null}]}', '2026-01-02T03:04:05.5Z'),
  (2, 'Snow "owl", big', false, null, null, null, null);
)";

Headers accept(std::string value) {
    return {{"Accept", std::move(value)}};
}

}  // namespace

TEST(MediaScenarios, Csv) {
    const ScenarioServer server(zoo);
    const Exchange steps[] = {
        {"as PostgreSQL prints records",
         "GET",
         "animals?order=id",
         accept("text/csv"),
         "",
         200,
         "id,name,tame,legs,tags,data,seen\n"
         "1,Cat,t,4,\"{a,b}\",\"{\"\"k\"\": null, \"\"l\"\": [null, {\"\"m\"\": null}]}\","
         "\"2026-01-02 03:04:05.5+00\"\n"
         "2,\"Snow \"\"owl\"\", big\",f,,,,",
         {{"content-type", "text/csv; charset=utf-8"}}},
        {"no rows", "GET", "animals?id=eq.9", accept("text/csv"), "", 200, "\n"},
        {"of a write",
         "POST",
         "animals?select=id,n:name",
         {{"Accept", "text/csv"}, {"Prefer", "return=representation"}},
         R"({"id":3,"name":""})",
         201,
         "id,n\n3,\"\""},
    };
    for (const Exchange& step : steps) run(server, step);
}

TEST(MediaScenarios, ObjectsAndNulls) {
    const ScenarioServer server(zoo);
    const Exchange steps[] = {
        {"an array without nulls",
         "GET",
         "animals?select=id,legs,data&order=id",
         accept("application/vnd.pgrst.array+json;nulls=stripped"),
         "",
         200,
         R"([{"id":1,"legs":4,"data":{"l":[null,{}]}},{"id":2}])",
         {{"content-type", "application/vnd.pgrst.array+json;nulls=stripped; charset=utf-8"}}},
        {"an object without nulls", "GET", "animals?select=id,legs&id=eq.2",
         accept("application/vnd.pgrst.object+json;nulls=stripped"), "", 200, R"({"id":2})"},
        {"an object",
         "GET",
         "animals?select=id,legs&id=eq.2",
         accept("application/vnd.pgrst.object+json"),
         "",
         200,
         R"({"id":2,"legs":null})",
         {{"content-type", "application/vnd.pgrst.object+json; charset=utf-8"}}},
        {"two are no object", "GET", "animals", accept("application/vnd.pgrst.object+json"), "",
         406,
         R"({"code":"PGRST116","details":"The result contains 2 rows","hint":null,
             "message":"Cannot coerce the result to a single JSON object"})"},
        {"the best of several", "GET", "animals?select=id&id=eq.2",
         accept("text/html, text/csv;q=0.2, application/json;q=0.8"), "", 200, R"([{"id":2}])"},
    };
    for (const Exchange& step : steps) run(server, step);
}

TEST(MediaScenarios, RefusesWhatItCannotGive) {
    const ScenarioServer server(zoo);
    const Exchange steps[] = {
        {"geometry", "GET", "animals", accept("application/geo+json"), "", 406,
         R"({"code":"PGRST107","hint":null,
             "details":"GeoJSON needs geometry columns, which this server does not have.",
             "message":"None of these media types are available: application/geo+json"})"},
        {"bytes", "GET", "animals", accept("application/octet-stream"), "", 406, "PGRST107"},
        {"a plan is off by default", "GET", "animals", accept("application/vnd.pgrst.plan"), "",
         406, "PGRST107"},
        {"a write as well", "POST", "animals", accept("text/html"), R"({"id":9})", 406, "PGRST107"},
    };
    for (const Exchange& step : steps) run(server, step);
}

TEST(MediaScenarios, PlansWhenTheyAreAllowed) {
    const ScenarioServer server(zoo, "[api]\nplan = true\n");
    const auto text = server.send(Sender::Anon, "GET", "/rest/v1/animals?id=eq.1", "",
                                  accept("application/vnd.pgrst.plan"));
    EXPECT_EQ(text.status, 200);
    EXPECT_EQ(text.header("content-type"),
              "application/vnd.pgrst.plan+text; for=\"application/json\"; charset=utf-8");
    EXPECT_NE(text.body.find("SEARCH t USING INDEX"), std::string::npos) << text.body;
    const auto json =
        server.send(Sender::Anon, "DELETE", "/rest/v1/animals?name=eq.Cat", "",
                    accept("application/vnd.pgrst.plan+json; for=\"text/csv\"; options=analyze"));
    EXPECT_EQ(json.status, 200);
    EXPECT_TRUE(json.body.starts_with("[{\"Plan\":")) << json.body;
    run(server, {"a plan deletes nothing",
                 "GET",
                 "animals?select=id&name=eq.Cat",
                 {},
                 "",
                 200,
                 R"([{"id":1}])"});
}

}  // namespace dunlin::scenarios
