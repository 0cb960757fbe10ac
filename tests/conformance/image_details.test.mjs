/// A caption in two tables: lost at first, kept in step by triggers of a later migration, and taken back by another.

import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { asAnybody } from './clients.mjs'
import { follow } from './follow.mjs'
import { startServer, temporaryFolder } from './server.mjs'

const tables = `
create table public.images (id integer primary key, url text not null, alt_text text, description text);
create table public.album_images (
  id integer primary key, image_id integer not null references public.images (id), caption text
);
insert into images values (1, 'a.jpg', 'a dog', 'in the park'), (2, 'b.jpg', null, null);
insert into album_images values (10, 1, 'x'), (11, 1, 'y'), (12, 2, 'z');`

const follows = (from, to, key, where) => `
create or replace function sync_${from}_to_${to}() returns trigger language plpgsql as $$
begin
  if new.alt_text is distinct from old.alt_text or new.description is distinct from old.description then
    update public.${to} set alt_text = new.alt_text, description = new.description
    where ${where} = new.${key}
      and (alt_text is distinct from new.alt_text or description is distinct from new.description);
  end if;
  return new;
end $$;`

const inStep = `
alter table "public"."album_images"
  add column if not exists "alt_text" text,
  add column if not exists "description" text;
update album_images set
  alt_text = (select i.alt_text from images i where i.id = image_id),
  description = (select i.description from images i where i.id = image_id);
${follows('image_details', 'album_images', 'id', 'image_id')}
${follows('album_image_details', 'images', 'image_id', 'id')}
create trigger trigger_sync_image_details after update on "public"."images"
  for each row execute function sync_image_details_to_album_images();
create trigger trigger_sync_album_image_details after update on "public"."album_images"
  for each row execute function sync_album_image_details_to_images();
create index if not exists "idx_album_images_alt_text" on album_images (alt_text);
create index if not exists "idx_album_images_description" on album_images (description);`

const takenBack = `
drop trigger if exists trigger_sync_image_details on "public"."images";
drop trigger if exists trigger_sync_album_image_details on "public"."album_images";
drop function if exists sync_image_details_to_album_images();
drop function if exists sync_album_image_details_to_images();
alter table "public"."album_images" drop column if exists "alt_text";
alter table "public"."album_images" drop column if exists "description";
drop index if exists "idx_album_images_alt_text";
drop index if exists "idx_album_images_description";`

/** A project that grows: each `start` adds the next migration and starts the server anew. */
function growing(t) {
  const project = temporaryFolder(t)
  const data = temporaryFolder(t)
  mkdirSync(path.join(project, 'migrations'))
  let count = 0
  let server
  t.after(() => server?.stop())
  return async (migration) => {
    await server?.stop()
    if (migration !== undefined)
      writeFileSync(path.join(project, 'migrations', `000${++count}_step.sql`), migration)
    server = await startServer({ project, data })
    return asAnybody(t, server)
  }
}

const details = async (client, id) => {
  const { data, error } = await client
    .from('album_images')
    .select('alt_text,description')
    .eq('id', id)
    .single()
  assert.equal(error, null)
  return data
}
const edit = async (client, table, id, change) => {
  const { error } = await client.from(table).update(change).eq('id', id)
  assert.equal(error, null)
}

test('what is edited in the viewer is there in the grid, until the migration is taken back', async (t) => {
  const start = growing(t)
  const before = await start(tables)
  const lost = await before.from('album_images').select('alt_text')
  assert.equal(lost.error.code, '42703')

  const client = await start(inStep)
  assert.deepEqual(await details(client, 11), { alt_text: 'a dog', description: 'in the park' })

  const grid = await follow(client, [{ table: 'album_images' }])
  await edit(client, 'images', 1, { alt_text: 'a cat', description: 'on a wall' })
  await grid.until('UPDATE 10')
  await grid.until('UPDATE 11')
  assert.deepEqual(grid.changes[0].new, {
    id: 10,
    image_id: 1,
    caption: 'x',
    alt_text: 'a cat',
    description: 'on a wall',
  })
  assert.deepEqual(await details(client, 10), { alt_text: 'a cat', description: 'on a wall' })
  await edit(client, 'album_images', 12, { alt_text: 'a cow' })
  const image = await client.from('images').select('alt_text').eq('id', 2).single()
  assert.deepEqual(image.data, { alt_text: 'a cow' })

  const refreshed = await start()
  assert.deepEqual(await details(refreshed, 11), { alt_text: 'a cat', description: 'on a wall' })

  const after = await start(takenBack)
  const gone = await after.from('album_images').select('alt_text')
  assert.equal(gone.error.code, '42703')
  const rows = await after.from('album_images').select().order('id')
  assert.deepEqual(rows.data, [
    { id: 10, image_id: 1, caption: 'x' },
    { id: 11, image_id: 1, caption: 'y' },
    { id: 12, image_id: 2, caption: 'z' },
  ])
  await edit(after, 'images', 1, { alt_text: 'a hen' })
  const kept = await after.from('images').select('alt_text,description').eq('id', 1).single()
  assert.deepEqual(kept.data, { alt_text: 'a hen', description: 'on a wall' })

  const again = await start(inStep)
  assert.deepEqual(await details(again, 10), { alt_text: 'a hen', description: 'on a wall' })
  await edit(again, 'images', 1, { alt_text: 'a fox' })
  assert.equal((await details(again, 11)).alt_text, 'a fox')
})
