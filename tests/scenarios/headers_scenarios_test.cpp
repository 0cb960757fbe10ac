#include <gtest/gtest.h>

#include "scenario_server.h"

namespace dunlin::scenarios {

namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;

constexpr const char* shelf = R"(
create table books (id bigint primary key, title text);
create table unkeyed (n int);
insert into books (id, title) values (1, 'One'), (2, 'Two'), (3, 'Three');
)";

Headers prefer(std::string value) {
    return {{"Prefer", std::move(value)}};
}

}  // namespace

TEST(HeaderScenarios, RangesAndCounts) {
    const ScenarioServer server(shelf);
    const Exchange steps[] = {
        {"a read without a count",
         "GET",
         "books?select=id&limit=1",
         {},
         "",
         200,
         R"([{"id":1}])",
         {{"content-range", "0-0/*"}, {"content-location", "/books?limit=1&select=id"}}},
        {"counted and partial",
         "GET",
         "books?select=id&limit=1",
         prefer("count=exact"),
         "",
         206,
         R"([{"id":1}])",
         {{"content-range", "0-0/3"}, {"preference-applied", "count=exact"}}},
        {"planned",
         "GET",
         "books?select=id&limit=1",
         prefer("count=planned"),
         "",
         206,
         R"([{"id":1}])",
         {{"content-range", "0-0/3"}}},
        {"estimated and whole",
         "GET",
         "books?select=id&id=lt.2",
         prefer("count=estimated"),
         "",
         200,
         R"([{"id":1}])",
         {{"content-range", "0-0/1"}}},
        {"a Range header",
         "GET",
         "books?select=id&order=id",
         {{"Range", "1-1"}},
         "",
         200,
         R"([{"id":2}])",
         {{"content-range", "1-1/*"}}},
        {"which runs backwards", "GET", "books", {{"Range", "5-1"}}, "", 416, "PGRST103"},
        {"past the end", "GET", "books?offset=9", prefer("count=exact"), "", 416, "PGRST103"},
        {"HEAD",
         "HEAD",
         "books",
         prefer("count=exact"),
         "",
         200,
         "",
         {{"content-range", "0-2/3"}, {"content-type", "application/json; charset=utf-8"}}},
        {"an insert",
         "POST",
         "books",
         prefer("count=exact"),
         R"([{"id":10},{"id":11}])",
         201,
         "",
         {{"content-range", "*/2"}, {"location", ""}}},
        {"an insert without a count",
         "POST",
         "books",
         {},
         R"({"id":12})",
         201,
         "",
         {{"content-range", "*/*"}}},
        {"where it went",
         "POST",
         "books",
         prefer("return=headers-only"),
         R"({"id":13})",
         201,
         "",
         {{"location", "/books?id=eq.13"}, {"preference-applied", "return=headers-only"}}},
        {"two went to two places",
         "POST",
         "books",
         prefer("return=headers-only"),
         R"([{"id":14},{"id":15}])",
         201,
         "",
         {{"location", ""}}},
        {"no key, no place",
         "POST",
         "unkeyed",
         prefer("return=headers-only"),
         R"({"n":1})",
         201,
         "",
         {{"location", ""}}},
        {"an update",
         "PATCH",
         "books?id=lt.3",
         prefer("count=exact"),
         R"({"title":"x"})",
         204,
         "",
         {{"content-range", "0-1/2"}}},
        {"an update of nothing",
         "PATCH",
         "books?id=eq.99",
         {},
         R"({"title":"x"})",
         204,
         "",
         {{"content-range", "*/*"}}},
        {"a delete",
         "DELETE",
         "books?id=gt.9",
         prefer("count=exact"),
         "",
         204,
         "",
         {{"content-range", "*/6"}}},
    };
    for (const Exchange& step : steps) run(server, step);
}

TEST(HeaderScenarios, Preferences) {
    const ScenarioServer server(shelf);
    const Exchange steps[] = {
        {"strict",
         "GET",
         "books",
         prefer("handling=strict, odd, count=exact"),
         "",
         400,
         R"({"code":"PGRST122","details":"Invalid preferences: odd","hint":null,
             "message":"Invalid preferences given with handling=strict"})",
         {{"proxy-status", "PostgREST; error=PGRST122"}}},
        {"lenient",
         "GET",
         "books?select=id&id=eq.1",
         prefer("handling=lenient, odd"),
         "",
         200,
         R"([{"id":1}])",
         {{"preference-applied", "handling=lenient"}}},
        {"several headers",
         "POST",
         "books?select=id",
         {{"Prefer", "return=representation"}, {"Prefer", "count=exact"}},
         R"({"id":20})",
         201,
         R"([{"id":20}])",
         {{"preference-applied", "return=representation, count=exact"}}},
        {"a zone that is not carried",
         "GET",
         "books?select=id&id=eq.1",
         prefer("timezone=America/Lima"),
         "",
         200,
         R"([{"id":1}])",
         {{"preference-applied", ""}}},
        {"which strict refuses", "GET", "books", prefer("handling=strict, timezone=America/Lima"),
         "", 400, "PGRST122"},
    };
    for (const Exchange& step : steps) run(server, step);
}

TEST(HeaderScenarios, RowsOfAnAnswerAreBounded) {
    const ScenarioServer server(shelf, "[api]\nmax_rows = 2\n");
    run(server, {"two", "GET", "books?select=id&order=id", {}, "", 200, R"([{"id":1},{"id":2}])"});
    run(server, {"counted",
                 "GET",
                 "books?select=id&order=id&limit=9",
                 prefer("count=exact"),
                 "",
                 206,
                 R"([{"id":1},{"id":2}])",
                 {{"content-range", "0-1/3"}}});
}

TEST(HeaderScenarios, StatementsOfARoleHaveTheirTime) {
    std::string migration = "create table n (i int); insert into n values (0)";
    for (int i = 1; i < 100; ++i) migration += ", (" + std::to_string(i) + ")";
    migration +=
        "; create view slow as select count(*) as c from n a, n b, n c, n d, n e "
        "where a.i + b.i + c.i + d.i + e.i = 7;";
    const ScenarioServer server(migration, "[limits]\nstatement_timeout = { anon = \"100ms\" }\n");
    run(server, {"57014",
                 "GET",
                 "slow",
                 {},
                 "",
                 500,
                 R"({"code":"57014","details":null,"hint":null,
                     "message":"canceling statement due to statement timeout"})"});
}

}  // namespace dunlin::scenarios
