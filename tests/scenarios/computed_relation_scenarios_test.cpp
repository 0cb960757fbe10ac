// Functions that give the rows of another table for a row, as relations of the data API.
#include <gtest/gtest.h>

#include "scenario_server.h"

namespace dunlin::scenarios {

namespace {

constexpr const char* library = R"(
create table people (
  id bigint primary key,
  first text not null,
  pay numeric not null,
  code text,
  nick text
);
create table films (
  id bigint primary key,
  title text not null,
  director bigint references people(id),
  public boolean not null default true
);
insert into people values (1, 'Ada', 9.5, 'x1', 'A'), (2, 'Ben', 10, 'x2', 'B'), (3, 'Cy', 2.25, null, 'C');
insert into films values (1, 'One', 1, true), (2, 'Two', 1, false), (3, 'Three', 2, true);
alter table films enable row level security;
create policy "public ones" on films for select using (public);

create function hello(people) returns text language sql stable as $$ select 'I am ' || $1.first $$;
create function double_pay(p people) returns numeric language sql stable as $$ select p.pay * 2 $$;
create function shout(films) returns text language sql stable as $$ select upper($1.title) $$;
create function films_of(p people) returns setof films language sql stable as
  $$ select * from films f where f.director = p.id order by f.title desc $$;
create function any_films_of(p people) returns setof films language sql stable security definer as
  $$ select * from films f where f.director = p.id $$;
create function boss(p people) returns setof people rows 1 language sql stable as
  $$ select * from people b where b.pay > p.pay order by b.pay limit 1 $$;
create function peers_by_nick(p people) returns setof people language sql stable as
  $$ select * from people b where b.nick <> p.nick and p.code is null $$;
create function by_code(p people) returns setof films language sql stable as
  $$ select * from films f where p.code = 'x1' $$;
create table things (
  id bigint primary key, price numeric, data bytea, doc json, tags text[], at timestamptz, x float8, ok boolean
);
insert into things values
  (1, 9.50, '\x00ff', '{"b": 1,  "a": [2]}', '{a,"b c"}', '2026-01-02 03:04:05+00', 0.1, true),
  (2, 10, null, null, null, null, 1e300, null);
create function others(t things) returns setof things language sql stable as
  $$ select * from things o where o.id <> t.id and o.price <> t.price $$;
create view names with (security_invoker = true) as select id, first from people;
create function greeting(names) returns text language sql stable as $$ select 'Hi ' || $1.first $$;
create function its_films(n names) returns setof films language sql stable as
  $$ select * from films f where f.director = n.id $$;
create function looped(p people) returns setof films language plpgsql stable as
  $$ begin return query select * from films f where f.director = p.id; end $$;
revoke all on people from anon;
grant select (id, first, pay, nick) on people to anon;
)";

}  // namespace

TEST(ComputedRelationScenarios, FunctionsThatGiveRowsAreRelations) {
    const ScenarioServer server(library);
    const Exchange exchanges[] = {
        {"rows for each, in the order of the function",
         "GET",
         "people?select=id,films_of(id,title)&order=id",
         {},
         "",
         200,
         R"([{"id":1,"films_of":[{"id":2,"title":"Two"},{"id":1,"title":"One"}]},
             {"id":2,"films_of":[{"id":3,"title":"Three"}]},{"id":3,"films_of":[]}])"},
        {"every column",
         "GET",
         "people?select=films_of(*)&id=eq.2",
         {},
         "",
         200,
         R"([{"films_of":[{"id":3,"title":"Three","director":2,"public":true}]}])"},
        {"to one, with a column that is NULL in the row around",
         "GET",
         "people?select=id,boss(first)&order=id",
         {},
         "",
         200,
         R"([{"id":1,"boss":{"first":"Ben"}},{"id":2,"boss":null},{"id":3,"boss":{"first":"Ada"}}])"},
        {"the row around is given with its NULLs",
         "GET",
         "people?select=id,p:peers_by_nick(id)&p.order=id&order=id",
         {},
         "",
         200,
         R"([{"id":1,"p":[]},{"id":2,"p":[]},{"id":3,"p":[{"id":1},{"id":2}]}])"},
        {"filter, order, limit and offset",
         "GET",
         "people?select=id,f:films_of(id)&f.title=neq.Three&f.order=id&f.limit=1&f.offset=1&order="
         "id",
         {},
         "",
         200,
         R"([{"id":1,"f":[{"id":2}]},{"id":2,"f":[]},{"id":3,"f":[]}])"},
        {"inner, empty",
         "GET",
         "people?select=id,films_of!inner()&films_of.public=is.false",
         {},
         "",
         200,
         R"([{"id":1}])"},
        {"who has none",
         "GET",
         "people?select=id,films_of()&films_of=is.null",
         {},
         "",
         200,
         R"([{"id":3}])"},
        {"spread",
         "GET",
         "people?select=id,...boss(b:first)&id=eq.3",
         {},
         "",
         200,
         R"([{"id":3,"b":"Ada"}])"},
        {"an order by what it belongs to",
         "GET",
         "people?select=id,boss()&order=boss(double_pay).desc.nullslast",
         {},
         "",
         200,
         R"([{"id":1},{"id":3},{"id":2}])"},
        {"no order by several",
         "GET",
         "people?select=id,films_of()&order=films_of(id)",
         {},
         "",
         400,
         "PGRST118"},
        {"inside of each other, beside keys and computed columns",
         "GET",
         "people?select=boss(hello,films_of(shout,director(id)))&id=eq.3",
         {},
         "",
         200,
         R"([{"boss":{"hello":"I am Ada","films_of":[{"shout":"TWO","director":{"id":1}},
             {"shout":"ONE","director":{"id":1}}]}}])"},
        {"counted",
         "GET",
         "people?select=id,films_of(count)&order=id",
         {},
         "",
         200,
         R"([{"id":1,"films_of":[{"count":2}]},{"id":2,"films_of":[{"count":1}]},
             {"id":3,"films_of":[{"count":0}]}])"},
        {"values of every kind",
         "GET",
         "things?select=others(*)&order=id",
         {},
         "",
         200,
         R"([{"others":[{"id":2,"price":10,"data":null,"doc":null,"tags":null,"at":null,"x":1e300,"ok":null}]},
             {"others":[{"id":1,"price":9.50,"data":"\\x00ff","doc":{"b":1,"a":[2]},"tags":["a","b c"],
                        "at":"2026-01-02T03:04:05+00:00","x":0.1,"ok":true}]}])"},
        {"numbers are compared as such",
         "GET",
         "things?select=id,o:others()&others.price=lt.9.6&o=not.is.null",
         {},
         "",
         200,
         R"([{"id":2}])"},
        {"of an inserted row",
         "POST",
         "people?select=boss(id)",
         {{"Prefer", "return=representation"}},
         R"({"id":4,"first":"Di","pay":9.75})",
         201,
         R"([{"boss":{"id":2}}])"},
        {"of one that is deleted",
         "DELETE",
         "people?select=boss(id)&id=eq.4",
         {{"Prefer", "return=representation"}},
         "",
         200,
         R"([{"boss":{"id":2}}])"},
        {"no function of the table", "GET", "films?select=boss(*)", {}, "", 400, "PGRST200"},
    };
    for (const Exchange& exchange : exchanges) run(server, exchange, Sender::Service);
}

TEST(ComputedRelationScenarios, TheyAreGroupedCountedAndOfViews) {
    const ScenarioServer server(library, "[api]\naggregates = true\n");
    const Exchange exchanges[] = {
        {"of a computed column, exactly",
         "GET",
         "people?select=double_pay.sum(),double_pay.max()",
         {},
         "",
         200,
         R"([{"sum":43.50,"max":20}])"},
        {"grouped by one",
         "GET",
         "films?select=director(hello),count()&order=director(hello)",
         {},
         "",
         200,
         R"([{"director":{"hello":"I am Ada"},"count":2},
                      {"director":{"hello":"I am Ben"},"count":1}])"},
        {"grouped by the row that a function gives",
         "GET",
         "people?select=...boss(first),count()&order=boss(first)",
         {},
         "",
         200,
         R"([{"first":"Ada","count":1},{"first":"Ben","count":1},{"first":null,"count":1}])"},
        {"of a view",
         "GET",
         "names?select=greeting,its_films(title)&order=id.desc&limit=2",
         {},
         "",
         200,
         R"([{"greeting":"Hi Cy","its_films":[]},
                  {"greeting":"Hi Ben","its_films":[{"title":"Three"}]}])"},
        {"a function with statements gives no relation",
         "GET",
         "people?select=looped(*)",
         {},
         "",
         400,
         "0A000"},
    };
    for (const Exchange& exchange : exchanges) run(server, exchange, Sender::Service);
    const auto counted =
        server.send(Sender::Service, "GET", "/rest/v1/people?select=id,films_of!inner()&limit=1",
                    "", {{"Prefer", "count=exact"}});
    EXPECT_EQ(counted.header("content-range"), "0-0/2") << counted.body;
}

TEST(ComputedRelationScenarios, TheyAreReadWithTheRightsOfTheirReader) {
    const ScenarioServer server(library);
    struct Case {
        Sender sender;
        Exchange exchange;
    };
    const Case cases[] = {
        {Sender::Anon,
         {"policies hold for rows that an invoker's function gives",
          "GET",
          "people?select=films_of(id),any_films_of(id)&any_films_of.order=id&id=eq.1",
          {},
          "",
          200,
          R"([{"films_of":[{"id":1}],"any_films_of":[{"id":1},{"id":2}]}])"}},
        {Sender::Anon,
         {"rows by a hidden column",
          "GET",
          "people?select=id,by_code(id)",
          {},
          "",
          400,
          "PGRST200"}},
        {Sender::Ann,
         {"rows by a column that is not",
          "GET",
          "people?select=by_code(id)&id=eq.1&by_code.order=id",
          {},
          "",
          200,
          R"([{"by_code":[{"id":1},{"id":3}]}])"}},
        {Sender::Anon,
         {"rows with a column that the role may not read",
          "GET",
          "people?select=boss(first)",
          {},
          "",
          401,
          "42501"}},
    };
    for (const Case& c : cases) run(server, c.exchange, c.sender);
}

}  // namespace dunlin::scenarios
