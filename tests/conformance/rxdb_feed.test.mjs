import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { asPerson, asService, person } from './clients.mjs'
import { openFeedDevice } from './rxdb_feed_device.mjs'
import { useServer } from './suite.mjs'

const held = useServer()
const ok = ({ error }) => assert.equal(error, null)
const noteOf = (owner, body, more = {}) => ({
  id: randomUUID(),
  owner_id: owner.id,
  body,
  is_public: false,
  ...more,
})
const byId = (rows) => [...rows].sort((left, right) => (left.id < right.id ? -1 : 1))

test('a device keeps its rows by the feed: what comes, changes, leaves and goes', async (t) => {
  const [ana, ben] = [person(), person()]
  const service = asService(t, held.server)
  const before = [noteOf(ana, 'one'), noteOf(ana, 'two'), noteOf(ben, 'not hers')]
  ok(await service.from('notes').insert(before))
  const device = await openFeedDevice(t, held.server, asPerson(t, held.server, ana), ana.token)
  assert.deepEqual(byId(await device.all()), byId(before.slice(0, 2)))

  const [one, two] = before
  const open = noteOf(ben, 'open', { is_public: true })
  ok(await service.from('notes').insert(open))
  ok(await service.from('notes').update({ body: 'changed' }).eq('id', one.id))
  ok(await service.from('notes').delete().eq('id', two.id))
  await device.until((all) => all.length === 2 && all.some(({ body }) => body === 'changed'))
  ok(await service.from('notes').update({ is_public: false }).eq('id', open.id))
  await device.until((all) => all.length === 1)
  assert.deepEqual(await device.all(), [{ ...one, body: 'changed' }])
})

test('what a device writes reaches the others', async (t) => {
  const ana = person()
  const open = () => openFeedDevice(t, held.server, asPerson(t, held.server, ana), ana.token)
  const [left, right] = [await open(), await open()]
  const note = noteOf(ana, 'from the left')
  const document = await left.notes.insert(note)
  await right.until((all) => all.some(({ id }) => id === note.id))
  await document.getLatest().patch({ body: 'again' })
  await right.until((all) => all.some(({ body }) => body === 'again'))
  await right.notes.findOne(note.id).remove()
  await left.until((all) => all.length === 0)
  const { data } = await asService(t, held.server).from('notes').select().eq('id', note.id)
  assert.deepEqual(data, [])
})
