-- Functions of every shape that a call knows.

create function add_them(a integer, b integer default 10) returns integer
  language sql immutable as 'select a + b';
create function greet(who text) returns text language sql immutable as $$ select 'hello ' || who $$;
create function count_of(items text[]) returns integer language sql immutable
  as 'select cardinality(items)';
create function all_films() returns setof films language sql stable as 'select * from films order by id';
create function film_of(wanted integer) returns films language sql stable
  as 'select * from films where id = wanted';
create function titles() returns setof text language sql stable as 'select title from films order by id';
create function by_year(since integer) returns table (year integer, title text) language sql stable
  as 'select f.year, f.title from films f where f.year >= since order by f.year';
create function both_ways(a integer, out doubled integer, out halved numeric) language sql immutable
  as 'select a * 2, a / 2.0';
create function nothing() returns void language plpgsql as $$ begin perform 1; end $$;
create function no_value() returns text language sql immutable as 'select null::text';
create function echo(jsonb) returns jsonb language sql immutable as 'select $1';
create function shout(text) returns text language sql immutable as 'select upper($1)';
create function as_json(value jsonb) returns jsonb language sql immutable as 'select value';
create function told(flag boolean, moment timestamptz) returns text language sql immutable
  as $$ select flag::text || ' ' || moment::text $$;
create function same(arg integer) returns integer language sql immutable as 'select arg';
create function same(arg text) returns text language sql immutable as 'select arg';
create function chosen(a integer) returns text language sql immutable as $$ select 'a' $$;
create function chosen(b text) returns text language sql immutable as $$ select 'b' $$;
create function put_place(country text, city text) returns setof places language plpgsql as $$
begin
  return query insert into places (country, city) values (put_place.country, put_place.city) returning *;
end $$;
create function drop_places() returns setof places language sql as 'delete from places returning *';
create function fail_with(state text) returns void language plpgsql as $$
begin
  if state = 'hint' then
    raise exception 'broken' using detail = 'in detail', hint = 'a hint', errcode = '22023';
  elsif state = 'plain' then
    raise exception 'plainly %', state;
  elsif state = 'teapot' then
    raise sqlstate 'PT418' using message = 'short and stout';
  elsif state = 'unique' then
    raise unique_violation using message = 'taken';
  end if;
end $$;

-- Rows that only a function of their owner shows.
create table hidden (id integer primary key, word text);
alter table hidden enable row level security;
insert into hidden values (1, 'secret');
create function seen_by_owner() returns setof hidden language sql stable security definer
  as 'select * from hidden';
create function seen_by_caller() returns setof hidden language sql stable as 'select * from hidden';
create function not_for_anon() returns integer language sql immutable as 'select 1';
revoke execute on function not_for_anon() from public, anon;
grant execute on function not_for_anon() to authenticated;
create function lab.measure() returns integer language sql immutable as 'select 42';
