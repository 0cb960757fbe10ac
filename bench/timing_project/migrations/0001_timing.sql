-- Rows and columns that somebody may not see.

create table albums (id integer primary key, owner_id uuid not null, title text not null);
create table notes (
  id integer primary key,
  owner_id uuid not null,
  album_id integer references albums (id),
  body text not null,
  secret text
);
alter table albums enable row level security;
alter table notes enable row level security;
create policy albums_of_owner on albums for all to authenticated using (owner_id = auth.uid());
create policy notes_of_owner on notes for all to authenticated using (owner_id = auth.uid());
revoke select on notes from authenticated;
grant select (id, owner_id, album_id, body) on notes to authenticated;
