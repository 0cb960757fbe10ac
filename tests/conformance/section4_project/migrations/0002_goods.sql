-- Rows of the kinds that filters know, and one table that writes may spoil.

create schema lab;
create table lab.samples (id integer primary key, label text);
insert into lab.samples values (1, 'blood');

create table goods (
  id integer primary key,
  code text constraint goods_code_key unique,
  name text not null default 'unnamed',
  price numeric(8, 2) constraint goods_price_check check (price >= 0),
  stock integer default 1,
  director_id integer constraint goods_director_fkey references directors (id)
);
create table places (
  country text,
  city text,
  people integer default 0,
  primary key (country, city)
);
create table keyless (n integer);

create table things (
  id integer primary key,
  word text,
  ok boolean,
  size numeric,
  tags text[],
  span int4range,
  data jsonb,
  born date,
  seen timestamptz,
  "odd name" text,
  found tsvector generated always as (to_tsvector('english', coalesce(word, ''))) stored
);
insert into things (id, word, ok, size, tags, span, data, born, seen, "odd name") values
  (1, 'The fat cat sat', true, 1.5, '{a,b}', '[1,5)', '{"k": "x", "n": 5, "l": [1, 2]}', '2001-01-01', '2026-01-01T00:00:00Z', 'one'),
  (2, 'A cat, a dog', false, 10, '{b,c}', '[5,10)', '{"k": "y", "n": 10}', '2002-02-02', '2026-01-01T12:00:00+02:00', 'a,b'),
  (3, 'Dogs and 100% "cats"', null, -3, '{}', '[20,30)', '{"k": null}', null, null, 'x.(y)'),
  (4, null, true, null, null, null, null, '2001-01-01', null, null);

create table marks (id integer primary key, thing_id integer references things (id));
insert into marks values (1, 3), (2, 1), (3, 2);
