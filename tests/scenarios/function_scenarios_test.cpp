#include "routine_steps.h"

namespace dunlin::scenarios {

namespace {

constexpr const char* functions = R"(
create table people (id bigint primary key, name text not null, age int);
insert into people values (1, 'Ann', 30), (2, 'Bob', 40), (3, 'Cid', null);

create function add_them(a int, b int default 10) returns int language sql immutable as 'select a + b';
create function everybody() returns setof people language sql stable as 'select * from people';
create function older_than(years int) returns table (name text, age int) language sql stable
  as $$ select p.name, p.age from people p where p.age > years $$;
create function names() returns setof text language sql stable as 'select name from people order by id';
create function first_person() returns people language sql stable as 'select * from people order by id limit 1';
create function rename(person bigint, new_name text) returns void language plpgsql as $$
begin
  update people set name = new_name where id = person;
  if not found then
    raise exception 'nobody has the number %', person using errcode = 'P0002', hint = 'look again';
  end if;
end $$;
create function total() returns bigint language plpgsql stable as $$
declare n bigint;
begin
  select count(*) into n from people;
  return n;
end $$;
create function no_return() returns int language plpgsql as $$ begin perform 1; end $$;
create function strictly(wanted bigint) returns text language plpgsql stable as $$
declare found_name text;
begin
  select name into strict found_name from people where id >= wanted;
  return found_name;
end $$;
create function echo(jsonb) returns jsonb language sql immutable as 'select $1';
create function twice(a int) returns int language sql immutable as 'select a * 2';
create function twice(b text) returns text language sql immutable as $$ select b || b $$;
create function in_array(items int[], place int) returns int language sql immutable
  as 'select cardinality(items) + place';
)";

}  // namespace

TEST(FunctionScenarios, CallsGiveWhatTheFunctionGives) {
    const ScenarioServer server(functions);
    const RoutineStep steps[] = {
        {"a value", Sender::Anon, "POST", "rpc/add_them", R"({"a":1,"b":2})", "", 200, "3"},
        {"a default", Sender::Anon, "POST", "rpc/add_them", R"({"a":1})", "", 200, "11"},
        {"by GET", Sender::Anon, "GET", "rpc/add_them?a=1&b=5", "", "", 200, "6"},
        {"an array by GET", Sender::Anon, "GET", "rpc/in_array?items={1,2}&place=1", "", "", 200,
         "3"},
        {"rows of a table", Sender::Anon, "GET", "rpc/everybody", "", "", 200,
         R"([{"id":1,"name":"Ann","age":30},{"id":2,"name":"Bob","age":40},
             {"id":3,"name":"Cid","age":null}])"},
        {"filtered, chosen and ordered", Sender::Anon, "POST",
         "rpc/everybody?age=gt.20&select=name&order=age.desc&limit=1", "{}", "", 200,
         R"([{"name":"Bob"}])"},
        {"named columns", Sender::Anon, "POST", "rpc/older_than", R"({"years":35})", "", 200,
         R"([{"name":"Bob","age":40}])"},
        {"values", Sender::Anon, "POST", "rpc/names", "", "", 200, R"(["Ann","Bob","Cid"])"},
        {"one row", Sender::Anon, "GET", "rpc/first_person", "", "", 200,
         R"({"id":1,"name":"Ann","age":30})"},
        {"nothing", Sender::Anon, "POST", "rpc/rename", R"({"person":3,"new_name":"Eve"})", "", 204,
         ""},
        {"but it was done", Sender::Anon, "GET", "people?id=eq.3&select=name", "", "", 200,
         R"([{"name":"Eve"}])"},
        {"plpgsql with a variable", Sender::Anon, "POST", "rpc/total", "", "", 200, "3"},
        {"any JSON as the one argument", Sender::Anon, "POST", "rpc/echo", "[1,2]", "", 200,
         "[1,2]"},
        {"chosen by the argument's name", Sender::Anon, "POST", "rpc/twice", R"({"b":"x"})", "",
         200, R"("xx")"},
    };
    for (const RoutineStep& step : steps) run(server, step);
}

TEST(FunctionScenarios, RefusalsAreThoseOfPostgrestAndPostgres) {
    const ScenarioServer server(functions);
    const RoutineStep steps[] = {
        {"no such function", Sender::Anon, "POST", "rpc/add_then", R"({"a":1})", "", 404,
         "Perhaps you meant to call the function public.add_them"},
        {"other parameters", Sender::Anon, "POST", "rpc/add_them", R"({"a":1,"c":1})", "", 404,
         "Searched for the function public.add_them with parameters a, c or with a single unnamed "
         "json/jsonb parameter, but no matches were found in the schema cache."},
        {"none of them", Sender::Anon, "GET", "rpc/older_than", "", "", 404,
         "Could not find the function public.older_than without parameters in the schema cache"},
        {"a wrong value", Sender::Anon, "GET", "rpc/add_them?a=x", "", "", 400, "22P02"},
        {"a GET writes nothing", Sender::Anon, "GET", "rpc/rename?person=1&new_name=x", "", "", 405,
         "cannot execute UPDATE in a read-only transaction"},
        {"other methods", Sender::Anon, "PATCH", "rpc/total", "{}", "", 405,
         "Cannot use the PATCH method on RPC"},
        {"what is raised", Sender::Anon, "POST", "rpc/rename", R"({"person":9,"new_name":"x"})", "",
         500, "nobody has the number 9"},
        {"no RETURN", Sender::Anon, "POST", "rpc/no_return", "", "", 400, "2F005"},
        {"INTO STRICT, none", Sender::Anon, "GET", "rpc/strictly?wanted=9", "", "", 500,
         "query returned no rows"},
        {"INTO STRICT, several", Sender::Anon, "GET", "rpc/strictly?wanted=1", "", "", 500,
         "query returned more than one row"},
        {"a filter on values", Sender::Anon, "GET", "rpc/names?x=eq.1", "", "", 400, "0A000"},
    };
    for (const RoutineStep& step : steps) run(server, step);
}

}  // namespace dunlin::scenarios
