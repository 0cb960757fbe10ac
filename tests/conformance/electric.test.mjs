import assert from 'node:assert/strict'
import { randomInt, randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { Shape, ShapeStream } from '@electric-sql/client'
import { asService } from './clients.mjs'
import { serveShapes } from './electric_adapter.mjs'
import { useServer } from './suite.mjs'

const held = useServer()
const types = {
  id: { type: 'uuid' },
  owner_id: { type: 'uuid' },
  body: { type: 'text' },
  is_public: { type: 'bool' },
}
const ok = ({ error }) => assert.equal(error, null)
const byId = (rows) => [...rows].sort((left, right) => (left.id < right.id ? -1 : 1))

/** A shape that Electric's client keeps, and how to wait until it holds what is expected. */
function keep(t, url) {
  const stop = new AbortController()
  t.after(() => stop.abort())
  const stream = new ShapeStream({ url, params: { table: 'notes' }, signal: stop.signal })
  const shape = new Shape(stream)
  const until = (holds) =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('waited in vain for the shape')), 15_000)
      const ask = () => {
        if (!holds([...shape.currentRows])) return
        clearTimeout(timer)
        resolve([...shape.currentRows])
      }
      shape.subscribe(ask)
      ask()
    })
  return { shape, until }
}

test("Electric's client keeps a table by our feed: rows, changes, and a fresh start", async (t) => {
  const service = asService(t, held.server)
  const noteOf = (body) => ({ id: randomUUID(), owner_id: randomUUID(), body, is_public: false })
  const first = Array.from({ length: 20 }, (_, i) => noteOf(`n${i}`))
  ok(await service.from('notes').insert(first))
  const shapes = await serveShapes(t, held.server, types)
  const { shape, until } = keep(t, shapes.url)
  assert.deepEqual(byId(await shape.rows), byId(first))

  const table = new Map(first.map((note) => [note.id, note]))
  for (let i = 0; i < 60; ++i) {
    const dice = randomInt(3)
    const ids = [...table.keys()]
    const id = ids[randomInt(ids.length)]
    if (dice === 0 && ids.length > 5) {
      ok(await service.from('notes').delete().eq('id', id))
      table.delete(id)
    } else if (dice === 1) {
      const change = { body: `changed ${i}`, is_public: i % 2 === 0 }
      ok(await service.from('notes').update(change).eq('id', id))
      table.set(id, { ...table.get(id), ...change })
    } else {
      const note = noteOf(`later ${i}`)
      ok(await service.from('notes').insert(note))
      table.set(note.id, note)
    }
  }
  const last = noteOf('last')
  ok(await service.from('notes').insert(last))
  table.set(last.id, last)
  const rows = await until((all) => all.some(({ id }) => id === last.id))
  assert.deepEqual(byId(rows), byId(table.values()))
  assert.equal(shapes.requests.filter((offset) => offset === '-1').length, 1, 'rows once')
})

test('a shape that cannot go on is read again by itself', async (t) => {
  const service = asService(t, held.server)
  const shapes = await serveShapes(t, held.server, types)
  const answer = shapes.answer.bind(shapes)
  let lost = false
  // As if the device came back from a history that the server does not know.
  shapes.answer = async (url) => {
    if (url.searchParams.get('offset') !== '-1' && !lost) {
      lost = true
      url.searchParams.set('offset', `${Number.MAX_SAFE_INTEGER}_0`)
    }
    return answer(url)
  }
  const { shape, until } = keep(t, shapes.url)
  await shape.rows
  const note = { id: randomUUID(), owner_id: randomUUID(), body: 'after', is_public: true }
  ok(await service.from('notes').insert(note))
  await until((all) => all.some(({ id }) => id === note.id))
  assert.equal(shapes.requests.filter((offset) => offset === '-1').length, 2)
})
