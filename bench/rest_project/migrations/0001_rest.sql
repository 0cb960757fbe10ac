-- What the benchmarks of the data API read and write.
create table items (
  id integer primary key,
  name text not null,
  note text,
  amount bigint not null,
  price double precision not null,
  is_open boolean not null
);

create table albums (id integer primary key, title text not null);
create table photos (
  id integer primary key,
  album_id integer not null references albums (id),
  file text not null
);
create index photos_of_album on photos (album_id);
create table comments (
  id integer primary key,
  photo_id integer not null references photos (id),
  body text not null
);
create index comments_of_photo on comments (photo_id);

-- Each row belongs to its owner.
create table notes (
  id uuid primary key default gen_random_uuid(),
  owner_id uuid not null default auth.uid(),
  body text not null
);
alter table notes enable row level security;
create policy notes_of_owner on notes for all to authenticated
  using (owner_id = auth.uid()) with check (owner_id = auth.uid());
