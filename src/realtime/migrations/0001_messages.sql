-- Stored broadcasts and the rights of private channels. Names are those that applications written for Supabase use in
-- policies and triggers. Never changed once released: a later version adds 0002_….

create table realtime.messages (
  -- The order of messages: those of one transaction have the same time.
  sequence bigint generated always as identity primary key,
  id uuid not null default gen_random_uuid(),
  topic text not null,
  extension text not null check (extension in ('broadcast', 'presence')),
  event text,
  payload jsonb,
  binary_payload bytea,
  private boolean not null default false,
  inserted_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  -- Its own time to live; without one it is removed when it is as old as the setting says.
  expires_at timestamptz,
  -- What a frame can carry (src/core/limits.h): a longer message would reach nobody.
  constraint topic_of_246_bytes_at_most check (octet_length(topic) <= 246),
  constraint event_of_255_bytes_at_most check (octet_length(event) <= 255),
  constraint payload_of_3000_kilobytes_at_most check (
    octet_length(payload::text) <= 3072000 and octet_length(binary_payload) <= 3072000)
);
create index messages_topic on realtime.messages (topic, sequence);
create index messages_inserted_at on realtime.messages (inserted_at);
create index messages_expires_at on realtime.messages (expires_at);

-- Who may use a private channel is said by policies alone. Without any, nobody may.
alter table realtime.messages enable row level security;
revoke all on realtime.messages from anon, authenticated;
grant select, insert on realtime.messages to anon, authenticated;

create function realtime.send(payload jsonb, event text, topic text, private boolean default true) returns void
language plpgsql security definer set search_path = '' as $$
declare
  message_id uuid := gen_random_uuid();
  message jsonb := coalesce(payload, '{}');
begin
  if coalesce(topic, '') = '' or coalesce(event, '') = '' then
    raise exception 'a broadcast needs a topic and an event' using errcode = '22023';
  end if;
  if jsonb_typeof(message) = 'object' and not message ? 'id' then
    message := jsonb_set(message, '{id}', to_jsonb(message_id));
  end if;
  insert into realtime.messages (id, topic, extension, event, payload, private)
    values (message_id, topic, 'broadcast', event, message, coalesce(private, true));
end
$$;

create function realtime.send_binary(payload bytea, event text, topic text, private boolean default true) returns void
language plpgsql security definer set search_path = '' as $$
begin
  if coalesce(topic, '') = '' or coalesce(event, '') = '' then
    raise exception 'a broadcast needs a topic and an event' using errcode = '22023';
  end if;
  if payload is null then
    raise exception 'a binary broadcast needs a payload' using errcode = '22023';
  end if;
  insert into realtime.messages (topic, extension, event, binary_payload, private)
    values (topic, 'broadcast', event, payload, coalesce(private, true));
end
$$;

-- NEW and OLD are given as whole rows and come as JSON.
create function realtime.broadcast_changes(topic_name text, event_name text, operation text, table_name text, table_schema text,
  new jsonb, old jsonb, level text default 'ROW') returns void
language plpgsql security definer set search_path = '' as $$
begin
  if level = 'STATEMENT' then
    raise exception 'realtime.broadcast_changes is for triggers of each row' using errcode = '0A000';
  end if;
  if operation is null or operation not in ('INSERT', 'UPDATE', 'DELETE') then
    raise exception 'realtime.broadcast_changes: unexpected operation "%"', operation using errcode = '22023';
  end if;
  perform realtime.send(
    jsonb_build_object('schema', table_schema, 'table', table_name, 'operation', operation,
      'record', case when operation = 'DELETE' then null else new end,
      'old_record', case when operation = 'INSERT' then null else old end),
    event_name, topic_name);
end
$$;
