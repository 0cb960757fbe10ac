#include <gtest/gtest.h>

#include "scenario_server.h"

namespace dunlin::scenarios {

namespace {

constexpr const char* shelf = R"(
create schema shop;
create table books (id bigint primary key, title text);
create table unkeyed (n int);
create table shop.books (id bigint primary key, label text);
insert into books (id, title) values (1, 'One'), (2, 'Two'), (3, 'Three');
insert into shop.books (id, label) values (1, 'Shelf');
)";

}  // namespace

TEST(PathScenarios, Profiles) {
    const ScenarioServer one(shelf);
    const Exchange alone[] = {
        {"not named, not echoed",
         "GET",
         "books?select=id&id=eq.1",
         {},
         "",
         200,
         R"([{"id":1}])",
         {{"content-profile", ""}}},
        {"named and echoed",
         "GET",
         "books?select=id&id=eq.1",
         {{"Accept-Profile", "public"}},
         "",
         200,
         R"([{"id":1}])",
         {{"content-profile", "public"}}},
        {"not exposed",
         "GET",
         "books",
         {{"Accept-Profile", "shop"}},
         "",
         406,
         R"({"code":"PGRST106","details":null,"message":"Invalid schema: shop",
             "hint":"Only the following schemas are exposed: public"})"},
    };
    for (const Exchange& step : alone) run(one, step);

    const ScenarioServer two(shelf, "[api]\nschemas = [\"public\", \"shop\"]\n");
    const Exchange both[] = {
        {"the first by default",
         "GET",
         "books?select=title&id=eq.1",
         {},
         "",
         200,
         R"([{"title":"One"}])",
         {{"content-profile", "public"}}},
        {"the other",
         "GET",
         "books?select=label",
         {{"Accept-Profile", "shop"}},
         "",
         200,
         R"([{"label":"Shelf"}])",
         {{"content-profile", "shop"}}},
        {"written to",
         "POST",
         "books?select=label",
         {{"Content-Profile", "shop"}, {"Prefer", "return=representation"}},
         R"({"id":2,"label":"New"})",
         201,
         R"([{"label":"New"}])",
         {{"content-profile", "shop"}}},
        {"a write does not look at Accept-Profile",
         "POST",
         "books",
         {{"Accept-Profile", "shop"}},
         R"({"id":3,"label":"New"})",
         400,
         "PGRST204"},
        {"neither",
         "PATCH",
         "books",
         {{"Content-Profile", "auth"}},
         R"({"id":3})",
         406,
         "PGRST106"},
        {"no such table there",
         "GET",
         "unkeyed",
         {{"Accept-Profile", "shop"}},
         "",
         404,
         "PGRST205"},
    };
    for (const Exchange& step : both) run(two, step);
}

TEST(PathScenarios, PathsAndMethods) {
    const ScenarioServer server(shelf);
    const Exchange steps[] = {
        {"too long a path",
         "GET",
         "books/1",
         {},
         "",
         404,
         R"({"code":"PGRST125","details":null,"hint":null,
             "message":"Invalid path specified in request URL"})"},
        {"a method that the root lacks",
         "POST",
         "",
         {},
         "{}",
         405,
         R"({"code":"PGRST117","details":null,"hint":null,
             "message":"Unsupported HTTP method: POST"})"},
        {"a function is called by GET or POST",
         "DELETE",
         "rpc/f",
         {},
         "",
         405,
         R"({"code":"PGRST101","details":null,"hint":null,
             "message":"Cannot use the DELETE method on RPC"})"},
        {"delete of everything", "DELETE", "", {}, "", 405, "PGRST117"},
    };
    for (const Exchange& step : steps) run(server, step);
    const Exchange strangers[] = {
        {"without a key",
         "GET",
         "books",
         {},
         "",
         401,
         R"({"code":null,"details":null,"message":"No API key found in request",
             "hint":"Send the project's key in the `apikey` request header."})",
         {{"www-authenticate", "Bearer"}}},
        {"with a key that is none",
         "GET",
         "books",
         {{"apikey", "x"}},
         "",
         401,
         "PGRST301",
         {{"www-authenticate",
           "Bearer error=\"invalid_token\", error_description="
           "\"Expected 3 parts in JWT; got 1\""},
          {"proxy-status", "PostgREST; error=PGRST301"}}},
    };
    for (const Exchange& step : strangers) run(server, step, Sender::Nobody);
}

}  // namespace dunlin::scenarios
