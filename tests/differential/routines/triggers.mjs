/// Triggers: migrations that applications have, what is then written, and what is looked at.
///
/// { why, sql, steps: [[person, method, target, body]] }; a step without a method reads.

const ann = { role: 'authenticated', sub: '11111111-1111-4111-8111-111111111111', email: 'ann@x' }
const service = { role: 'service_role' }
const anon = { role: 'anon' }

const stamped = `
create table tasks (id integer primary key, title text not null, done boolean not null default false,
  updated_at timestamptz not null default '2000-01-01', version integer not null default 1);
insert into tasks (id, title) values (1, 'one'), (2, 'two');
`

export const triggerCases = [
  {
    why: 'updated_at, set before every update',
    sql: `${stamped}
create or replace function set_updated_at() returns trigger language plpgsql as $$
begin
  new.updated_at = now();
  new.version := old.version + 1;
  return new;
end;
$$;
create trigger tasks_updated before update on tasks for each row execute function set_updated_at();`,
    steps: [
      [anon, 'PATCH', 'tasks?id=eq.1', { title: 'uno' }],
      [anon, 'PATCH', 'tasks?id=gt.0', { done: true, version: 70 }],
      [anon, '', 'tasks?select=id,title,done,version&updated_at=gt.2020-01-01&order=id'],
    ],
  },
  {
    why: 'only when the row differs, only of some columns',
    sql: `${stamped}
create function bump() returns trigger language plpgsql as $$
begin
  new.version := new.version + 10;
  return new;
end $$;
create trigger a_of before update of title on tasks for each row execute function bump();
create trigger b_when before update on tasks for each row
  when (old.done is distinct from new.done) execute function bump();`,
    steps: [
      [anon, 'PATCH', 'tasks?id=eq.1', { title: 'one' }],
      [anon, 'PATCH', 'tasks?id=eq.2', { done: false }],
      [anon, 'PATCH', 'tasks?id=eq.2', { done: true, title: 'x' }],
      [anon, '', 'tasks?select=id,version&order=id'],
    ],
  },
  {
    why: 'details of an image kept the same in two tables, in both directions',
    sql: `
create table images (id integer primary key, alt_text text, description text);
create table album_images (id integer primary key, image_id integer not null references images (id) on delete cascade,
  alt_text text, description text);
insert into images values (1, 'cat', null), (2, null, null);
insert into album_images values (10, 1, 'cat', null), (11, 1, 'cat', null), (12, 2, null, null);
create function sync_image_details_to_album_images() returns trigger language plpgsql as $$
begin
  update album_images set alt_text = new.alt_text, description = new.description
  where image_id = new.id
    and (alt_text is distinct from new.alt_text or description is distinct from new.description);
  return new;
end;
$$;
create function sync_album_image_details_to_images() returns trigger language plpgsql as $$
begin
  if old.alt_text is distinct from new.alt_text or old.description is distinct from new.description then
    update images set alt_text = new.alt_text, description = new.description
    where id = new.image_id
      and (alt_text is distinct from new.alt_text or description is distinct from new.description);
  end if;
  return new;
end;
$$;
create trigger trigger_sync_image_details after update on images
  for each row execute function sync_image_details_to_album_images();
create trigger trigger_sync_album_image_details after update of alt_text, description on album_images
  for each row execute function sync_album_image_details_to_images();`,
    steps: [
      [anon, 'PATCH', 'images?id=eq.1', { alt_text: 'tom cat' }],
      [anon, '', 'album_images?order=id'],
      [anon, 'PATCH', 'album_images?id=eq.11', { description: 'asleep' }],
      [anon, '', 'album_images?order=id'],
      [anon, '', 'images?order=id'],
      [anon, 'PATCH', 'album_images?id=gt.9', { description: null }],
      [anon, '', 'images?order=id'],
      [anon, '', 'album_images?order=id'],
    ],
  },
  {
    why: 'an audit log of every kind of write',
    sql: `
create table notes (id integer primary key, body text, tags text[]);
create table audit (id bigint generated always as identity primary key, op text not null, note integer,
  who uuid, old_body text, new_body text);
alter table audit enable row level security;
create function log_note() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  if tg_op = 'INSERT' then
    insert into public.audit (op, note, who, new_body) values (tg_op, new.id, auth.uid(), new.body);
    return new;
  elsif tg_op = 'UPDATE' then
    insert into public.audit (op, note, who, old_body, new_body)
      values (tg_op, new.id, auth.uid(), old.body, new.body);
    return new;
  else
    insert into public.audit (op, note, who, old_body) values (tg_op, old.id, auth.uid(), old.body);
    return old;
  end if;
end;
$$;
create trigger notes_audit after insert or update or delete on notes
  for each row execute function log_note();`,
    steps: [
      [
        ann,
        'POST',
        'notes',
        [
          { id: 1, body: 'a' },
          { id: 2, body: 'b' },
        ],
      ],
      [anon, 'PATCH', 'notes?id=eq.1', { body: 'c' }],
      [ann, 'DELETE', 'notes?id=gte.1'],
      [anon, '', 'audit?order=id'],
      [service, '', 'audit?select=op,note,who,old_body,new_body&order=note,id'],
    ],
  },
  {
    why: 'a counter in another table, written with the owner’s rights',
    sql: `
create table posts (id integer primary key, title text, likes integer not null default 0);
create table likes (post_id integer references posts (id) on delete cascade, person uuid default auth.uid(),
  primary key (post_id, person));
insert into posts values (1, 'one', 0), (2, 'two', 0);
alter table posts enable row level security;
create policy readable on posts for select using (true);
create function count_likes() returns trigger language plpgsql security definer as $$
begin
  if tg_op = 'INSERT' then
    update posts set likes = likes + 1 where id = new.post_id;
  elsif tg_op = 'DELETE' then
    update posts set likes = likes - 1 where id = old.post_id;
  end if;
  return null;
end $$;
create trigger likes_counted after insert or delete on likes for each row execute function count_likes();`,
    steps: [
      [ann, 'POST', 'likes', { post_id: 1 }],
      [ann, 'POST', 'likes', { post_id: 1 }],
      [ann, 'POST', 'likes', { post_id: 2 }],
      [ann, 'PATCH', 'posts?id=eq.1', { likes: 1000 }],
      [anon, 'DELETE', 'likes?post_id=eq.2'],
      [anon, '', 'posts?order=id'],
    ],
  },
  {
    why: 'validation with raise, its code, detail and hint',
    sql: `
create table bookings (id integer primary key, seats integer, starts date, ends date);
create function check_booking() returns trigger language plpgsql as $$
declare
  taken integer;
begin
  if new.ends < new.starts then
    raise exception 'a booking ends after it starts' using errcode = '22023', detail = 'ends ' || new.ends, hint = 'swap them';
  end if;
  if new.seats is null or new.seats <= 0 then
    raise exception 'invalid number of seats: %', coalesce(new.seats, 0);
  end if;
  select coalesce(sum(seats), 0) into taken from bookings where id <> new.id;
  if taken + new.seats > 10 then
    raise exception 'only % of % seats are free', 10 - taken, 10 using errcode = 'P0001';
  end if;
  return new;
end $$;
create trigger bookings_checked before insert or update on bookings for each row execute function check_booking();`,
    steps: [
      [anon, 'POST', 'bookings', { id: 1, seats: 4, starts: '2026-01-01', ends: '2026-01-02' }],
      [anon, 'POST', 'bookings', { id: 2, seats: 4, starts: '2026-01-03', ends: '2026-01-02' }],
      [anon, 'POST', 'bookings', { id: 3, seats: 0, starts: '2026-01-01', ends: '2026-01-02' }],
      [anon, 'POST', 'bookings', { id: 4, seats: 7, starts: '2026-01-01', ends: '2026-01-02' }],
      [
        anon,
        'POST',
        'bookings',
        [
          { id: 5, seats: 6 },
          { id: 6, seats: 1 },
        ],
      ],
      [anon, 'PATCH', 'bookings?id=eq.1', { seats: null }],
      [anon, '', 'bookings?order=id'],
    ],
  },
  {
    why: 'a slug made of the title, a row left out, a delete forbidden',
    sql: `
create table pages (id integer primary key, title text not null, slug text unique, locked boolean default false);
create function make_slug() returns trigger language plpgsql as $$
begin
  if new.title = 'skip' then
    return null;
  end if;
  if new.slug is null or new.slug = '' then
    new.slug := lower(replace(trim(new.title), ' ', '-'));
  end if;
  return new;
end $$;
create function keep_locked() returns trigger language plpgsql as $$
begin
  if old.locked then
    raise exception using message = 'page ' || old.id || ' is locked', errcode = '42501';
  end if;
  return old;
end $$;
create trigger slugs before insert or update on pages for each row execute function make_slug();
create trigger locks before delete on pages for each row execute function keep_locked();`,
    steps: [
      [
        anon,
        'POST',
        'pages',
        [
          { id: 1, title: ' Hello Big World ' },
          { id: 2, title: 'skip' },
          { id: 3, title: 'X' },
        ],
      ],
      [anon, 'POST', 'pages', { id: 4, title: 'x' }],
      [anon, 'PATCH', 'pages?id=eq.3', { title: 'Why', slug: '', locked: true }],
      [anon, 'DELETE', 'pages?id=eq.1'],
      [anon, 'DELETE', 'pages?id=eq.3'],
      [anon, '', 'pages?order=id'],
    ],
  },
  {
    why: 'a profile for every new member, in the same statement',
    sql: `
create table members (id uuid primary key default gen_random_uuid(), email text not null unique, meta jsonb);
create table profiles (id uuid primary key references members (id) on delete cascade, name text, initial text);
create function handle_new_member() returns trigger language plpgsql security definer set search_path = public as $$
begin
  insert into profiles (id, name, initial)
  values (new.id, coalesce(new.meta ->> 'name', split_part(new.email, '@', 1)), upper(left(new.email, 1)));
  return new;
end $$;
create trigger on_member_created after insert on members for each row execute procedure handle_new_member();`,
    steps: [
      [anon, 'POST', 'members', [{ id: ann.sub, email: 'ann@x', meta: { name: 'Ann' } }]],
      [anon, 'POST', 'members', { id: '33333333-3333-4333-8333-333333333333', email: 'bob@x' }],
      [anon, '', 'profiles?order=name'],
      [anon, 'DELETE', `members?id=eq.${ann.sub}`],
      [anon, '', 'profiles?order=name'],
    ],
  },
  {
    why: 'several triggers fire by name, and the error of one undoes all',
    sql: `
create table steps (id integer primary key, path text not null default '');
create table trace (id integer generated by default as identity primary key, word text);
create function add_b() returns trigger language plpgsql as $$ begin new.path := new.path || 'b'; return new; end $$;
create function add_a() returns trigger language plpgsql as $$ begin new.path := new.path || 'a'; return new; end $$;
create function after_it() returns trigger language plpgsql as $$
begin
  insert into trace (word) values (new.path);
  if new.id = 13 then raise exception 'unlucky'; end if;
  return null;
end $$;
create trigger t2 before insert on steps for each row execute function add_b();
create trigger t1 before insert on steps for each row execute function add_a();
create trigger t3 after insert on steps for each row execute function after_it();`,
    steps: [
      [
        anon,
        'POST',
        'steps',
        [
          { id: 1, path: '' },
          { id: 2, path: 'x' },
        ],
      ],
      [anon, 'POST', 'steps', [{ id: 12 }, { id: 13 }]],
      [anon, '', 'steps?order=id'],
      [anon, '', 'trace?select=word&order=word'],
    ],
  },
]
