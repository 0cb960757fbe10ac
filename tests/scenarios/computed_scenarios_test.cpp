// Functions over a table's row as columns of the data API.
#include <gtest/gtest.h>

#include "scenario_server.h"

namespace dunlin::scenarios {

namespace {

constexpr const char* library = R"(
create table people (
  id bigint primary key,
  first text not null,
  last text not null,
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
insert into people values
  (1, 'Ada', 'Bell', 9.5, 'x1', 'A'), (2, 'Ben', 'Cole', 10, 'x2', 'B'), (3, 'Cy', 'Dent', 2.25, null, 'C');
insert into films values
  (1, 'One', 1, true), (2, 'Two', 1, false), (3, 'Three', 2, true);
alter table films enable row level security;
create policy "public ones" on films for select using (public);

create function full_name(people) returns text language sql stable as
  $$ select $1.first || ' ' || $1.last $$;
create function double_pay(p people) returns numeric language sql stable as $$ select p.pay * 2 $$;
create function is_rich(p people) returns boolean language plpgsql stable as
  $$ begin return p.pay > 5; end $$;
create function film_count(p people) returns bigint language sql stable as
  $$ select count(*) from films f where f.director = p.id $$;
create function all_film_count(p people) returns bigint language sql stable security definer as
  $$ select count(*) from films f where f.director = p.id $$;
create function facts(p people) returns jsonb language sql stable as
  $$ select jsonb_build_object('name', p.first, 'pay', p.pay) $$;
create function nick(people) returns text language sql stable as $$ select 'computed' $$;
create function shout(films) returns text language sql stable as $$ select upper($1.title) $$;
create function code_of(people) returns text language sql stable as $$ select $1.code $$;
create function for_staff(people) returns text language sql stable as $$ select 'staff' $$;
revoke execute on function for_staff(people) from public, anon;
grant execute on function for_staff(people) to authenticated;
create table notes (id bigint primary key, person bigint, body text, draft text);
insert into notes values (1, 1, 'hello', 'secret');
create function note(p people) returns text language sql stable as
  $$ select n.body from notes n where n.person = p.id limit 1 $$;
create function draft(p people) returns text language sql stable as
  $$ select n.draft from notes n where n.person = p.id limit 1 $$;
create function owner_draft(p people) returns text language sql stable security definer as
  $$ select n.draft from notes n where n.person = p.id limit 1 $$;
revoke all on notes from anon, authenticated;
grant select (id, person, body) on notes to authenticated;
revoke all on people from anon;
grant select (id, first, last, pay, nick), insert, update, delete on people to anon;
)";

}  // namespace

TEST(ComputedScenarios, FunctionsOverARowAreColumns) {
    const ScenarioServer server(library);
    const Exchange exchanges[] = {
        {"beside a column",
         "GET",
         "people?select=id,full_name&order=id",
         {},
         "",
         200,
         R"([{"id":1,"full_name":"Ada Bell"},{"id":2,"full_name":"Ben Cole"},
             {"id":3,"full_name":"Cy Dent"}])"},
        {"alias and cast",
         "GET",
         "people?select=n:full_name,p:double_pay::text&id=eq.3",
         {},
         "",
         200,
         R"([{"n":"Cy Dent","p":"4.50"}])"},
        {"not part of *",
         "GET",
         "films?select=*&id=eq.1",
         {},
         "",
         200,
         R"([{"id":1,"title":"One","director":1,"public":true}])"},
        {"beside *",
         "GET",
         "films?select=*,shout&id=eq.1",
         {},
         "",
         200,
         R"([{"id":1,"title":"One","director":1,"public":true,"shout":"ONE"}])"},
        {"a filter",
         "GET",
         "people?select=id&full_name=eq.Ben%20Cole",
         {},
         "",
         200,
         R"([{"id":2}])"},
        {"patterns and trees",
         "GET",
         "people?select=id&or=(full_name.like.A*,double_pay.lt.5)&order=id",
         {},
         "",
         200,
         R"([{"id":1},{"id":3}])"},
        {"a numeric is compared and ordered as a number",
         "GET",
         "people?select=id,double_pay&double_pay=gt.5&order=double_pay.desc",
         {},
         "",
         200,
         R"([{"id":2,"double_pay":20},{"id":1,"double_pay":19.0}])"},
        {"a boolean in PL/pgSQL",
         "GET",
         "people?select=id,is_rich&is_rich=is.false",
         {},
         "",
         200,
         R"([{"id":3,"is_rich":false}])"},
        {"a path into JSON",
         "GET",
         "people?select=facts->>name&facts->>name=eq.Ada",
         {},
         "",
         200,
         R"([{"name":"Ada"}])"},
        {"inside an embedded relation, with a filter and an order",
         "GET",
         "people?select=id,films(shout)&films.shout=neq.X&films.order=shout&order=full_name.desc",
         {},
         "",
         200,
         R"([{"id":3,"films":[]},{"id":2,"films":[{"shout":"THREE"}]},
             {"id":1,"films":[{"shout":"ONE"}]}])"},
        {"of a to-one relation, and in its order",
         "GET",
         "films?select=id,director(full_name)&order=director(double_pay).desc",
         {},
         "",
         200,
         R"([{"id":3,"director":{"full_name":"Ben Cole"}},
             {"id":1,"director":{"full_name":"Ada Bell"}}])"},
        {"spread",
         "GET",
         "films?select=id,...director(full_name)&id=eq.3",
         {},
         "",
         200,
         R"([{"id":3,"full_name":"Ben Cole"}])"},
        {"a column wins over a function",
         "GET",
         "people?select=nick&id=eq.1",
         {},
         "",
         200,
         R"([{"nick":"A"}])"},
        {"an unknown one", "GET", "people?select=nothing", {}, "", 400, "42703"},
        {"a function of another table's rows", "GET", "people?select=shout", {}, "", 400, "42703"},
        {"a value is no relation", "GET", "people?select=id,shout(*)", {}, "", 400, "PGRST200"},
    };
    for (const Exchange& exchange : exchanges) run(server, exchange);
}

TEST(ComputedScenarios, WrittenRowsHaveThemAndAreChosenByThem) {
    const ScenarioServer server(library);
    const std::vector<std::pair<std::string, std::string>> shown = {
        {"Prefer", "return=representation"}};
    const Exchange exchanges[] = {
        {"inserted", "POST", "people?select=full_name,double_pay", shown,
         R"({"id":4,"first":"Di","last":"Eck","pay":1})", 201,
         R"([{"full_name":"Di Eck","double_pay":2}])"},
        {"updated by a filter", "PATCH", "people?select=id,full_name&full_name=eq.Di%20Eck", shown,
         R"({"last":"Fay"})", 200, R"([{"id":4,"full_name":"Di Fay"}])"},
        {"an order of a limited update", "PATCH",
         "people?select=id&order=double_pay.desc,id&limit=1", shown, R"({"last":"Rich"})", 200,
         R"([{"id":2}])"},
        {"deleted", "DELETE", "people?select=full_name&full_name=like.Di*", shown, "", 200,
         R"([{"full_name":"Di Fay"}])"},
        {"it is no column to write",
         "POST",
         "people",
         {},
         R"({"id":5,"first":"a","last":"b","pay":1,"full_name":"c"})",
         400,
         "PGRST204"},
    };
    for (const Exchange& exchange : exchanges) run(server, exchange, Sender::Service);
}

TEST(ComputedScenarios, TheyAreReadWithTheRightsOfTheirReader) {
    const ScenarioServer server(library);
    struct Case {
        Sender sender;
        Exchange exchange;
    };
    const Case cases[] = {
        {Sender::Anon,
         {"policies hold for what an invoker's function reads",
          "GET",
          "people?select=film_count,all_film_count&id=eq.1",
          {},
          "",
          200,
          R"([{"film_count":1,"all_film_count":2}])"}},
        {Sender::Service,
         {"not for who has none",
          "GET",
          "people?select=film_count&id=eq.1",
          {},
          "",
          200,
          R"([{"film_count":2}])"}},
        {Sender::Anon,
         {"a function of a hidden column",
          "GET",
          "people?select=id,code_of",
          {},
          "",
          400,
          "42703"}},
        {Sender::Anon,
         {"also in a filter", "GET", "people?select=id&code_of=eq.x1", {}, "", 400, "42703"}},
        {Sender::Ann,
         {"who may see the column may call it",
          "GET",
          "people?select=code_of&id=eq.1",
          {},
          "",
          200,
          R"([{"code_of":"x1"}])"}},
        {Sender::Anon,
         {"EXECUTE was revoked", "GET", "people?select=for_staff", {}, "", 401, "42501"}},
        {Sender::Anon,
         {"also in a filter of an embedded relation",
          "GET",
          "films?select=id,director(id)&director.for_staff=eq.staff",
          {},
          "",
          401,
          "42501"}},
        {Sender::Ann,
         {"and granted",
          "GET",
          "people?select=for_staff&id=eq.1",
          {},
          "",
          200,
          R"([{"for_staff":"staff"}])"}},
        {Sender::Anon,
         {"a table that the role may not read", "GET", "people?select=note", {}, "", 401, "42501"}},
        {Sender::Ann,
         {"one that it may read",
          "GET",
          "people?select=note&id=eq.1",
          {},
          "",
          200,
          R"([{"note":"hello"}])"}},
        {Sender::Ann,
         {"a column of it that the role may not read",
          "GET",
          "people?select=draft",
          {},
          "",
          403,
          "42501"}},
        {Sender::Anon,
         {"the owner may",
          "GET",
          "people?select=owner_draft&id=eq.1",
          {},
          "",
          200,
          R"([{"owner_draft":"secret"}])"}},
        {Sender::Anon,
         {"a write is not chosen by what is hidden",
          "DELETE",
          "people?code_of=eq.x1",
          {},
          "",
          400,
          "42703"}},
    };
    for (const Case& c : cases) run(server, c.exchange, c.sender);
}

}  // namespace dunlin::scenarios
