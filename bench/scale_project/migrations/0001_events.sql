-- What many follow. No row level security: everybody may do everything.
create table events (
  id uuid default gen_random_uuid() primary key,
  kind text,
  rank integer,
  payload text
);

-- Copied as a whole.
create table numbers (
  id integer primary key,
  payload text
);

-- Rows of a team, or of one person.
create table memberships (
  team_id integer not null,
  user_id uuid not null,
  primary key (team_id, user_id)
);
-- By which the policies look for them, once for each person that joins.
create index memberships_of_person on memberships (user_id);
alter table memberships enable row level security;
create policy memberships_own on memberships for select to authenticated using (user_id = auth.uid());

create table documents (
  id uuid default gen_random_uuid() primary key,
  team_id integer,
  owner_id uuid,
  payload text
);
alter table documents enable row level security;
create policy documents_read on documents for select to authenticated using (
  owner_id = auth.uid() or team_id in (select team_id from memberships where user_id = auth.uid())
);
