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

namespace {

constexpr const char* calling = R"(
create table notes (id bigint primary key, n int, who text);
alter table notes enable row level security;
create function save(a bigint, b int default 5) returns bigint language plpgsql as $$
begin
  perform later(a, b);
  if not found then raise exception 'FOUND is true after PERFORM of a call'; end if;
  return a;
end $$;
create function later(a bigint, b int) returns void language plpgsql as $$
begin insert into notes (id, n) values (a, b); end $$;
create function save_as_owner(a bigint) returns text language plpgsql security definer as $$
declare kept text;
begin kept := save(a); return 'kept ' || kept; end $$;
create function save_two(a bigint, b bigint) returns bigint language sql security definer as $$
  select save(a); select save(b, 6) $$;
create function checked(a int) returns int language plpgsql as $$
begin if a < 0 then raise exception 'no % here', a; end if; return a; end $$;
create function strict_save(a bigint) returns bigint strict language plpgsql as $$
begin insert into notes (id) values (a); return a; end $$;
create function through(a int) returns text language plpgsql security definer as $$
declare x int := checked(a); y bigint; z bigint;
begin
  select strict_save(null) into y;
  if not found then return 'FOUND is false'; end if;
  z := strict_save(x);
  return coalesce(y::text, 'null') || ' ' || z;
end $$;
create function pair(a int) returns table (x int, y text) language plpgsql as $$
begin if a = 0 then return; end if; return query select a, 'y' || a; end $$;
create function from_pair(a int) returns text language plpgsql as $$
declare r record;
begin
  select * from pair(a) into r;
  if not found then return 'none'; end if;
  return r.x || r.y;
end $$;
create function made(a bigint) returns notes language plpgsql security definer as $$
declare r notes;
begin
  insert into notes (id, n) values (a, 1) returning * into r;
  return r;
end $$;
create function made_again(a bigint) returns notes language plpgsql as $$
declare r notes;
begin r := made(a); r.who := 'again ' || found; return r; end $$;
create function made_for(a bigint) returns notes language plpgsql as $$ begin return made(a); end $$;
create function fib(n int) returns int language plpgsql as $$
declare a int; b int;
begin
  if n < 2 then return n; end if;
  a := fib(n - 1);
  b := fib(n - 2);
  return a + b;
end $$;
create function endless(n int) returns int language plpgsql as $$ begin return endless(n + 1); end $$;
create function secret() returns int language plpgsql security definer as $$ begin perform 1; return 7; end $$;
revoke execute on function secret() from public, anon, authenticated;
create function ask_secret() returns int language plpgsql as $$ begin return secret(); end $$;
create function tell_secret() returns int language plpgsql security definer as $$ begin return secret(); end $$;
)";

}  // namespace

TEST(FunctionScenarios, FunctionsCallOthersThatWriteAndRaise) {
    const ScenarioServer server(calling);
    const RoutineStep steps[] = {
        {"with the caller's rights", Sender::Anon, "POST", "rpc/save", R"({"a":1})", "", 401,
         "42501"},
        {"with the owner's", Sender::Anon, "POST", "rpc/save_as_owner", R"({"a":1})", "", 200,
         R"("kept 1")"},
        {"from language sql", Sender::Anon, "POST", "rpc/save_two", R"({"a":2,"b":3})", "", 200,
         "3"},
        {"defaults and arguments", Sender::Service, "GET", "notes?select=id,n&order=id", "", "",
         200, R"([{"id":1,"n":5},{"id":2,"n":5},{"id":3,"n":6}])"},
        {"NULL for STRICT", Sender::Anon, "POST", "rpc/through", R"({"a":4})", "", 200,
         R"("null 4")"},
        {"what it raises", Sender::Anon, "POST", "rpc/through", R"({"a":-1})", "", 400,
         "no -1 here"},
        {"its rows into a record", Sender::Anon, "POST", "rpc/from_pair", R"({"a":8})", "", 200,
         R"("8y8")"},
        {"no rows", Sender::Anon, "POST", "rpc/from_pair", R"({"a":0})", "", 200, R"("none")"},
        {"a row assigned", Sender::Anon, "POST", "rpc/made_again", R"({"a":10})", "", 200,
         R"({"id":10,"n":1,"who":"again false"})"},
        {"a row returned", Sender::Anon, "POST", "rpc/made_for", R"({"a":11})", "", 200,
         R"({"id":11,"n":1,"who":null})"},
        {"itself", Sender::Anon, "POST", "rpc/fib", R"({"n":10})", "", 200, "55"},
        {"without end", Sender::Anon, "POST", "rpc/endless", R"({"n":1})", "", 500, "54001"},
        {"a GET writes nothing", Sender::Service, "GET", "rpc/save?a=9", "", "", 405, "25006"},
        {"it was not granted", Sender::Anon, "POST", "rpc/ask_secret", "", "", 401,
         "permission denied for function secret"},
        {"it was to the owner", Sender::Anon, "POST", "rpc/tell_secret", "", "", 200, "7"},
    };
    for (const RoutineStep& step : steps) run(server, step);
}

}  // namespace dunlin::scenarios
