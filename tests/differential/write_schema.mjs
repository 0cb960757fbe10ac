/// Every kind of constraint, and columns that fill themselves.

export const writeSchema = `
create type size as enum ('small', 'large');
create table owners (
  id integer primary key,
  email text not null unique,
  name varchar(8)
);
create table things (
  id integer primary key,
  owner_id integer references owners (id) on delete cascade,
  code text not null default 'none',
  amount numeric(6,2) check (amount >= 0),
  kind size not null default 'small',
  tags text[],
  details jsonb not null default '{}',
  seen timestamptz,
  is_open boolean default true,
  doubled numeric generated always as (amount * 2) stored,
  constraint one_code unique (owner_id, code),
  constraint open_ones_have_an_owner check (not is_open or owner_id is not null)
);
insert into owners select 1, 'a@x', 'A';
insert into owners values (2, 'b@x', 'B'), (3, 'c@x', null);
`

const owners = { id: { sql: 'integer' }, email: { sql: 'text' }, name: { sql: 'varchar(8)' } }
const things = {
  id: { sql: 'integer' },
  owner_id: { sql: 'integer' },
  code: { sql: 'text', default: "'none'::text" },
  amount: { sql: 'numeric(6,2)' },
  kind: { sql: 'size', default: "'small'::size" },
  tags: { sql: 'text[]' },
  details: { sql: 'jsonb', default: "'{}'::jsonb" },
  seen: { sql: 'timestamptz' },
  is_open: { sql: 'boolean', default: 'true' },
}
/// What PostgREST knows of the columns, by table.
export const writeTypes = { owners, things }
