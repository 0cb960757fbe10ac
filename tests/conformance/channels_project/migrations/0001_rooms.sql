-- Who may enter which private channel.
create table room_members (
  id bigint generated always as identity primary key,
  room text not null,
  user_id uuid not null
);
