import assert from 'node:assert/strict'
import { test } from 'node:test'
import { asAnybody, asPerson, asService, person } from './clients.mjs'
import { useServer } from './suite.mjs'

const held = useServer()

function cast(t) {
  const [ana, ben] = [person(), person()]
  return {
    ana: Object.assign(asPerson(t, held.server, ana), { id: ana.id }),
    ben: Object.assign(asPerson(t, held.server, ben), { id: ben.id }),
    anybody: asAnybody(t, held.server),
    service: asService(t, held.server),
  }
}

const bodies = async (client, ...ids) => {
  const { data, error } = await client.from('notes').select('body').in('id', ids).order('body')
  assert.equal(error, null)
  return data.map(({ body }) => body)
}

test('people see and change their own rows only', async (t) => {
  const { ana, ben, anybody, service } = cast(t)
  const { data: mine } = await ana.from('notes').insert({ body: 'of Ana' }).select().single()
  assert.equal(mine.owner_id, ana.id, 'the default is the signed-in person')
  const { data: open } = await ben
    .from('notes')
    .insert({ body: 'open', is_public: true })
    .select()
    .single()

  assert.deepEqual(await bodies(ana, mine.id, open.id), ['of Ana', 'open'])
  assert.deepEqual(await bodies(ben, mine.id, open.id), ['open'])
  assert.deepEqual(await bodies(anybody, mine.id, open.id), ['open'])
  assert.deepEqual(await bodies(service, mine.id, open.id), ['of Ana', 'open'])

  for (const client of [ben, anybody]) {
    const updated = await client.from('notes').update({ body: 'stolen' }).eq('id', mine.id).select()
    assert.deepEqual([updated.data, updated.error], [[], null])
    const removed = await client.from('notes').delete().eq('id', mine.id).select()
    assert.deepEqual([removed.data, removed.error], [[], null])
  }
  const seen = await ana.from('notes').update({ body: 'read only' }).eq('id', open.id).select()
  assert.deepEqual(seen.data, [], 'what one may read one may not therefore change')
  assert.deepEqual(await bodies(service, mine.id, open.id), ['of Ana', 'open'])
})

test('a row cannot be given away or written for another', async (t) => {
  const { ana, ben, service } = cast(t)
  const { data: mine } = await ana.from('notes').insert({ body: 'mine' }).select().single()
  const given = await ana.from('notes').update({ owner_id: ben.id }).eq('id', mine.id)
  assert.deepEqual([given.status, given.error?.code], [403, '42501'])
  const upserted = await ben.from('notes').upsert({ id: mine.id, body: 'stolen', owner_id: ben.id })
  assert.deepEqual([upserted.status, upserted.error?.code], [403, '42501'])
  assert.deepEqual(await bodies(service, mine.id), ['mine'])
})

test('counts do not count what one may not see', async (t) => {
  const { ana, ben } = cast(t)
  await ana.from('notes').insert([{ body: '1' }, { body: '2' }])
  const count = async (client) =>
    (await client.from('notes').select('*', { count: 'exact', head: true }).eq('is_public', false))
      .count
  assert.deepEqual([await count(ana), await count(ben)], [2, 0])
})

test('membership decides, and acts at once', async (t) => {
  const { ana, service } = cast(t)
  await service.from('documents').insert([
    { id: 1, team_id: 7, title: 'seven' },
    { id: 2, team_id: 8, title: 'eight' },
  ])
  const titles = async () =>
    (await ana.from('documents').select('title').order('id')).data.map(({ title }) => title)
  assert.deepEqual(await titles(), [])
  await service.from('memberships').insert({ team_id: 7, user_id: ana.id })
  assert.deepEqual(await titles(), ['seven'])

  const written = await ana.from('documents').insert({ id: 3, team_id: 7, title: 'new' })
  assert.equal(written.error, null)
  const refused = await ana.from('documents').insert({ id: 4, team_id: 8, title: 'no' })
  assert.equal(refused.error.code, '42501')
  await service.from('memberships').delete().eq('user_id', ana.id)
  assert.deepEqual(await titles(), [])
})

test('without a policy nobody but the service role gets anything', async (t) => {
  const { ana, anybody, service } = cast(t)
  assert.equal((await service.from('secrets').insert({ id: 1, word: 'mellon' })).error, null)
  for (const client of [ana, anybody]) {
    assert.deepEqual((await client.from('secrets').select()).data, [])
    assert.equal((await client.from('secrets').insert({ id: 2, word: 'x' })).error.code, '42501')
  }
  assert.equal((await service.from('secrets').select()).data.length, 1)
})

test('one cannot probe for a row one may not see', async (t) => {
  const { ana, ben } = cast(t)
  await ana.from('notes').insert({ body: 'hidden word' })
  const { data } = await ben.from('notes').select('id').ilike('body', '%hidden%')
  assert.deepEqual(data, [])
})
