-- Who may enter which private channel.
create table room_members (
  id bigint generated always as identity primary key,
  room text not null,
  user_id uuid not null
);
alter table room_members enable row level security;
create policy own on room_members for select to authenticated using (user_id = (select auth.uid()));

-- Members hear and send everything in their rooms; everybody who is signed in may listen to the news.
create policy members_read on realtime.messages for select to authenticated using (
  exists (
    select 1 from room_members
    where user_id = (select auth.uid()) and room = (select realtime.topic())
  )
);
create policy members_write on realtime.messages for insert to authenticated with check (
  extension in ('broadcast', 'presence')
  and exists (
    select 1 from room_members
    where user_id = (select auth.uid()) and room = (select realtime.topic())
  )
);
create policy news_read on realtime.messages for select to authenticated using (
  realtime.topic() like 'news:%' and extension = 'broadcast'
);

create table notices (id bigint generated always as identity primary key, room text not null, body text not null);
create function tell_room() returns trigger language plpgsql security definer as $$
begin
  perform realtime.send(jsonb_build_object('body', new.body), 'notice', new.room, true);
  return new;
end
$$;
create trigger tell after insert on notices for each row execute function tell_room();
