-- Relations of every kind: to-one, to-many, one-to-one, many-to-many, two to the same table, to itself.

create table directors (id integer primary key, name text not null, country text);
create table films (
  id integer primary key,
  title text not null,
  year integer,
  director_id integer references directors (id)
);
create table technical_specs (
  film_id integer primary key references films (id),
  runtime text,
  camera text
);
create table actors (id integer primary key, name text not null);
create table roles (
  film_id integer references films (id),
  actor_id integer references actors (id),
  part text,
  primary key (film_id, actor_id)
);
create table addresses (id integer primary key, city text not null);
create table orders (
  id integer primary key,
  billing_id integer constraint billing references addresses (id),
  shipping_id integer constraint shipping references addresses (id)
);
create table employees (
  id integer primary key,
  name text not null,
  manager_id integer references employees (id)
);
create view old_films as select id, title, year, director_id from films where year < 1960;

insert into directors values (1, 'Varda', 'FR'), (2, 'Kurosawa', 'JP'), (3, 'Nobody', null);
insert into films values
  (1, 'Cléo from 5 to 7', 1962, 1), (2, 'Rashomon', 1950, 2), (3, 'Ikiru', 1952, 2), (4, 'Lost', null, null);
insert into technical_specs values (1, '90 mins', 'Cameflex'), (2, '88 mins', null);
insert into actors values (1, 'Mifune'), (2, 'Shimura'), (3, 'Marchand');
insert into roles values (2, 1, 'Tajomaru'), (2, 2, 'Woodcutter'), (3, 2, 'Watanabe'), (1, 3, 'Cléo');
insert into addresses values (1, 'Tokyo'), (2, 'Paris');
insert into orders values (1, 1, 2), (2, 2, 2), (3, null, 1);
insert into employees values (1, 'Ada', null), (2, 'Bob', 1), (3, 'Cy', 1), (4, 'Di', 2);
