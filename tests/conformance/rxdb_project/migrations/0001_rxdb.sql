-- As RxDB's documentation asks for: a text key, a flag instead of deletes, a time that the server sets.
create table rooms (
  room_id text not null,
  person uuid not null,
  primary key (room_id, person)
);

create table humans (
  "passportId" text primary key,
  room_id text not null default 'lobby',
  "firstName" text not null,
  "lastName" text not null,
  age integer,
  happy boolean,
  _deleted boolean not null default false,
  _modified timestamptz not null default now()
);
alter table humans enable row level security;
create policy humans_of_rooms on humans for all to authenticated
  using (room_id in (select r.room_id from rooms r where r.person = auth.uid()));

create function set_modified() returns trigger language plpgsql as $$
begin
  new._modified := now();
  return new;
end
$$;
create trigger humans_modified before update on humans
  for each row execute function set_modified();
