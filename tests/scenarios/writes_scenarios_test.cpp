#include <gtest/gtest.h>

#include "scenario_server.h"

namespace dunlin::scenarios {

namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;

constexpr const char* shop = R"(
create table goods (
  id bigint primary key,
  code text unique,
  name text not null default 'unnamed',
  price numeric,
  big bigint,
  data jsonb,
  raw json
);
create table notes (n int, text text);
create table places (country text, city text, people int, primary key (country, city));
insert into goods (id, code, name, price) values (1, 'a', 'Assam', 3.5), (2, 'b', 'Ceylon', 4),
  (3, 'c', 'Darjeeling', 5);
)";

Headers prefer(std::string value) {
    return {{"Prefer", std::move(value)}};
}

constexpr const char* returning = "return=representation";

}  // namespace

TEST(WriteScenarios, BodiesKeepWhatWasSent) {
    const ScenarioServer server(shop);
    const Exchange steps[] = {
        {"all digits of a number", "POST", "goods?select=price", prefer(returning),
         R"({"id":10,"price":12345678901234567890.123456789})", 201,
         "[{\"price\":12345678901234567890.123456789}]"},
        {"64 bits", "POST", "goods?select=id,big", prefer(returning),
         R"({"id":11,"big":9223372036854775807})", 201, R"([{"id":11,"big":9223372036854775807}])"},
        {"more than 64 bits",
         "POST",
         "goods",
         {},
         R"({"id":12,"big":9223372036854775808})",
         400,
         "22003"},
        {"a point is no integer", "POST", "goods", {}, R"({"id":1.0})", 400, "22P02"},
        {"json as it was written", "POST", "goods?select=raw,data", prefer(returning),
         R"({"id":13,"raw":{"b": 1.50, "a":[1 ,2]},"data":{"b": 1.50, "a":[1 ,2]}})", 201,
         R"([{"raw":{"b": 1.50, "a":[1 ,2]},"data":{"a": [1, 2], "b": 1.50}}])"},
        {"of repeated keys the last", "POST", "goods?select=name", prefer(returning),
         R"({"id":14,"name":"x","name":"y"})", 201, R"([{"name":"y"}])"},
        {"escapes", "POST", "goods?select=name", prefer(returning),
         R"({"id":15,"na\u006de":"\u00e9\n\ud83d\ude00"})", 201, R"([{"name":"é\n😀"}])"},
        {"a text of NUL", "POST", "goods", {}, R"({"id":16,"name":"\u0000"})", 400, "22P05"},
        {"nested too deeply",
         "POST",
         "goods",
         {},
         R"({"id":16,"data":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[0]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]})",
         400,
         "PGRST102"},
        {"nothing after it", "POST", "goods", {}, "{} {}", 400, "PGRST102"},
        {"null is no row", "POST", "goods", {}, "[null]", 400, "PGRST102"},
        {"nobody sends nothing", "POST", "goods", {}, "", 400, "PGRST102"},
        {"no rows", "POST", "goods", prefer(returning), "[]", 201, "[]"},
        {"defaults for an empty object", "POST", "notes", prefer(returning), "{}", 201,
         R"([{"n":null,"text":null}])"},
        {"another type", "POST", "goods", {{"Content-Type", "text/plain"}}, "x", 415, "PGRST102"},
    };
    for (const Exchange& step : steps) run(server, step);
}

TEST(WriteScenarios, CsvAndForms) {
    const ScenarioServer server(shop);
    const Headers csv = {{"Content-Type", "text/csv"}, {"Prefer", returning}};
    const Exchange steps[] = {
        {"quotes, commas and line ends", "POST", "notes", csv,
         "n,text\r\n1,\"a, \"\"b\"\"\nc\"\r\n2,plain\r\n", 201,
         R"([{"n":1,"text":"a, \"b\"\nc"},{"n":2,"text":"plain"}])"},
        {"NULL, and no last line end", "POST", "notes", csv, "text,n\nNULL,3", 201,
         R"([{"n":3,"text":null}])"},
        {"an empty field is a text", "POST", "notes?select=text", csv, "n,text\n4,", 201,
         R"([{"text":""}])"},
        {"only a header", "POST", "notes", csv, "n,text\n", 201, "[]"},
        {"too few fields", "POST", "notes", csv, "n,text\n5\n", 400, "PGRST102"},
        {"a quote that does not end", "POST", "notes", csv, "n,text\n5,\"x\n", 400, "PGRST102"},
        {"bad value", "POST", "notes", csv, "n\nx\n", 400, "22P02"},
        {"form",
         "POST",
         "notes",
         {{"Content-Type", "application/x-www-form-urlencoded"}, {"Prefer", returning}},
         "n=6&text=a+b%26c",
         201,
         R"([{"n":6,"text":"a b&c"}])"},
    };
    for (const Exchange& step : steps) run(server, step);
}

TEST(WriteScenarios, Upserts) {
    const ScenarioServer server(shop);
    const std::string merge = "resolution=merge-duplicates,return=representation";
    const Exchange steps[] = {
        {"all there: 200",
         "POST",
         "goods?select=id,name",
         prefer(merge),
         R"({"id":1,"name":"A"})",
         200,
         R"([{"id":1,"name":"A"}])",
         {{"preference-applied", "resolution=merge-duplicates, return=representation"}}},
        {"one new: 201", "POST", "goods?select=id,name", prefer(merge),
         R"([{"id":1,"name":"B"},{"id":20,"name":"N"}])", 201,
         R"([{"id":1,"name":"B"},{"id":20,"name":"N"}])"},
        {"by another key", "POST", "goods?on_conflict=code&select=id,name", prefer(merge),
         R"({"id":99,"code":"b","name":"C"})", 200, R"([{"id":99,"name":"C"}])"},
        {"ignoring is 201", "POST", "goods?select=id",
         prefer("resolution=ignore-duplicates,return=representation"),
         R"([{"id":1,"name":"X"},{"id":21,"name":"Y"}])", 201, R"([{"id":21}])"},
        {"the same row twice", "POST", "goods", prefer(merge),
         R"([{"id":30,"name":"X"},{"id":30,"name":"Y"}])", 500, "21000"},
        {"so nothing is there", "GET", "goods?id=eq.30", {}, "", 200, "[]"},
        {"no key to conflict by",
         "POST",
         "notes?select=n",
         prefer(merge),
         R"({"n":1})",
         201,
         R"([{"n":1}])",
         {{"preference-applied", "return=representation"}}},
        {"named columns, defaults for what is missing",
         "POST",
         "goods?columns=%22id%22,%22name%22&select=id,name",
         prefer("missing=default,return=representation"),
         R"([{"id":40},{"id":41,"name":"Z","code":"not taken"}])",
         201,
         R"([{"id":40,"name":"unnamed"},{"id":41,"name":"Z"}])",
         {{"preference-applied", "missing=default, return=representation"}}},
        {"null for what is missing",
         "POST",
         "goods?columns=id,name",
         {},
         R"([{"id":42}])",
         400,
         "23502"},
    };
    for (const Exchange& step : steps) run(server, step);
}

TEST(WriteScenarios, Put) {
    const ScenarioServer server(shop);
    const Exchange steps[] = {
        {"new",
         "PUT",
         "places?country=eq.pe&city=eq.Lima",
         prefer(returning),
         R"({"country":"pe","city":"Lima","people":10})",
         201,
         R"([{"country":"pe","city":"Lima","people":10}])",
         {{"content-range", ""}}},
        {"there", "PUT", "places?country=eq.pe&city=eq.Lima", prefer(returning),
         R"([{"country":"pe","city":"Lima","people":11}])", 200,
         R"([{"country":"pe","city":"Lima","people":11}])"},
        {"without an answer",
         "PUT",
         "places?city=eq.Lima&country=eq.pe",
         {},
         R"({"country":"pe","city":"Lima","people":12})",
         204,
         ""},
        {"half of the key",
         "PUT",
         "places?city=eq.Lima",
         {},
         R"({"country":"pe","city":"Lima","people":12})",
         405,
         "PGRST105"},
        {"another operator",
         "PUT",
         "places?city=eq.Lima&country=gt.pe",
         {},
         R"({"country":"pe","city":"Lima"})",
         405,
         "PGRST105"},
        {"no key at all", "PUT", "notes?n=eq.1", {}, R"({"n":1})", 405, "PGRST105"},
        {"limit",
         "PUT",
         "places?country=eq.pe&city=eq.Lima&limit=1",
         {},
         R"({"country":"pe","city":"Lima"})",
         400,
         "PGRST114"},
        {"another row",
         "PUT",
         "places?country=eq.pe&city=eq.Lima",
         {},
         R"({"country":"pe","city":"Cusco"})",
         400,
         "PGRST115"},
        {"no key in the payload",
         "PUT",
         "places?country=eq.pe&city=eq.Lima",
         {},
         R"({"people":1})",
         400,
         "PGRST115"},
    };
    for (const Exchange& step : steps) run(server, step);
}

TEST(WriteScenarios, BoundedAndUndone) {
    const ScenarioServer server(shop);
    const Headers object = {{"Accept", "application/vnd.pgrst.object+json"}};
    const Exchange steps[] = {
        {"more rows than allowed", "PATCH", "goods?id=gt.0",
         prefer("handling=strict, max-affected=2"), R"({"price":0})", 400, "PGRST124"},
        {"so nothing changed", "GET", "goods?price=eq.0", {}, "", 200, "[]"},
        {"as many as allowed",
         "PATCH",
         "goods?id=lt.3",
         prefer("handling=strict, max-affected=2"),
         R"({"price":1})",
         204,
         "",
         {{"preference-applied", "handling=strict, max-affected=2"}, {"content-range", "0-1/*"}}},
        {"no bound without strict", "PATCH", "goods?id=lt.3", prefer("max-affected=1"),
         R"({"price":2})", 204, ""},
        {"delete", "DELETE", "goods?id=gt.0", prefer("handling=strict,max-affected=2"), "", 400,
         "PGRST124"},
        {"one object of several rows", "DELETE", "goods?id=gt.0", object, "", 406, "PGRST116"},
        {"none of them is gone",
         "GET",
         "goods?select=id",
         {},
         "",
         200,
         R"([{"id":1},{"id":2},{"id":3}])"},
        {"one object of no row", "PATCH", "goods?id=eq.77", object, R"({"price":2})", 406,
         "PGRST116"},
        {"undone",
         "POST",
         "goods?select=id,name",
         prefer("tx=rollback,return=representation"),
         R"({"id":50,"name":"Ghost"})",
         201,
         R"([{"id":50,"name":"Ghost"}])",
         {{"preference-applied", "return=representation, tx=rollback"}}},
        {"it is not there", "GET", "goods?id=eq.50", {}, "", 200, "[]"},
        {"what is refused is refused", "POST", "goods", prefer("tx=rollback"),
         R"({"id":1,"name":"x"})", 409, "23505"},
        {"two in an order, after the first", "PATCH", "goods?order=id&limit=2&offset=1&select=id",
         prefer(returning), R"({"price":9})", 200, R"([{"id":2},{"id":3}])"},
        {"a limit needs an order", "DELETE", "goods?limit=1", {}, "", 400, "PGRST109"},
        {"the last", "DELETE", "goods?order=id.desc&limit=1&select=id", prefer(returning), "", 200,
         R"([{"id":3}])"},
    };
    for (const Exchange& step : steps) run(server, step);
}

TEST(WriteScenarios, TheSettingDecidesHowTransactionsEnd) {
    const ScenarioServer undoing(shop, "[api]\ntx_end = \"rollback-allow-override\"\n");
    const Exchange steps[] = {
        {"undone by default", "POST", "goods", {}, R"({"id":60,"name":"Ghost"})", 201, ""},
        {"kept on request",
         "POST",
         "goods",
         prefer("tx=commit"),
         R"({"id":61,"name":"Real"})",
         201,
         "",
         {{"preference-applied", "tx=commit"}}},
        {"one of the two", "GET", "goods?select=id&id=gt.50", {}, "", 200, R"([{"id":61}])"},
    };
    for (const Exchange& step : steps) run(undoing, step);
    const ScenarioServer keeping(shop, "[api]\ntx_end = \"commit\"\n");
    run(keeping, {"no choice",
                  "POST",
                  "goods?select=id",
                  prefer("tx=rollback"),
                  R"({"id":60,"name":"Real"})",
                  201,
                  "",
                  {{"preference-applied", ""}}});
    run(keeping, {"so it stays", "GET", "goods?select=id&id=gt.50", {}, "", 200, R"([{"id":60}])"});
}

}  // namespace dunlin::scenarios
