// What is not lost, and not told twice, when sockets are cut at any byte and the server ends in between.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { anonKey, asAnybody } from './clients.mjs'
import { follow } from './follow.mjs'
import { followByPosition } from './positions.mjs'
import { startProxy } from './proxy.mjs'
import { startServer, temporaryFolder } from './server.mjs'

// Whoever comes back lands on either loop.
process.env.DUNLIN_LOOPS = '2'

const rounds = process.env.DUNLIN_LONG === '1' ? 200 : 12
const below = (end) => Math.floor(Math.random() * end)

test('cut at any byte, and over stop and kill, nothing is lost', async (t) => {
  const data = temporaryFolder(t)
  let server = await startServer({ data })
  t.after(() => server.stop())
  const proxy = await startProxy(t, server.port)
  const direct = asAnybody(t, server)
  const realtime = {
    params: { device: 'reception' },
    heartbeatIntervalMs: 50,
    reconnectAfterMs: () => 20,
  }
  const named = await follow(asAnybody(t, proxy, { realtime }), [{ table: 'products' }])
  const exact = await followByPosition(t, proxy.url, { table: 'products' })

  const sent = []
  const add = async (count) => {
    const rows = Array.from({ length: count }, (_, i) => ({ id: sent.length + i + 1, name: 'x' }))
    await direct.from('products').insert(rows).throwOnError()
    for (const { id } of rows) sent.push(`INSERT ${id}`)
  }
  const restart = async (how) => {
    proxy.become('held')
    await server[how]()
    server = await startServer({ data, port: server.port })
    await add(3)
    proxy.become('open')
  }
  for (let round = 1; round <= rounds; round++) {
    // Stop first: what a device has got is on disk every five seconds, and when the server stops.
    if (round % 8 === 4) await restart('stop')
    if (round % 8 === 0) await restart('kill')
    proxy.cutSocketsAfter(below(4000))
    for (let i = 0; i < 4; i++) await add(1 + below(3))
    // Node's WebSocket says nothing for 25 s after a handshake that was cut: nothing more before both are back.
    proxy.cutSocketsAfter(Number.POSITIVE_INFINITY)
    await add(1)
    await named.until(sent.at(-1))
    await exact.until(() => exact.changes.length >= sent.length, 'the last change')
  }

  assert.deepEqual([...new Set(named.lines)], sent, 'the unmodified client has all of it in order')
  assert.deepEqual(
    exact.changes.map(({ type, record }) => `${type} ${record.id}`),
    sent,
    'the one with a position has each once',
  )
  assert.deepEqual(exact.resyncs, [])
  assert.ok(exact.joins > 2, 'it was cut')
  const repeated = named.lines.length - sent.length
  t.diagnostic(
    `${sent.length} changes, ${exact.joins} joins by position, ${repeated} repeated to the device`,
  )
})

/** Rows by id, with the position they were read at. */
async function readRows(server) {
  const answer = await fetch(`${server.url}/rest/v1/products?select=id,stock`, {
    headers: { apikey: anonKey, Prefer: 'position' },
  })
  const rows = new Map((await answer.json()).map((row) => [row.id, row.stock]))
  return { rows, position: answer.headers.get('Dunlin-Position') }
}

const numberOf = (position) => BigInt(position.split('-')[1])

function apply(rows, { type, record, old_record }) {
  if (old_record !== undefined) rows.delete(old_record.id)
  if (type !== 'DELETE') rows.set(record.id, record.stock)
}

test('rows read with their position, and the changes after it, are the rows', async (t) => {
  const server = await startServer({ data: temporaryFolder(t) })
  t.after(() => server.stop())
  const client = asAnybody(t, server)
  let isWriting = true
  const write = async () => {
    for (let i = 0; isWriting; i++) {
      await client
        .from('products')
        .upsert({ id: below(20), name: 'x', stock: i })
        .throwOnError()
      if (i % 3 === 0) await client.from('products').delete().eq('id', below(20)).throwOnError()
    }
  }
  const writers = [write(), write(), write()]
  const copies = []
  for (let i = 0; i < 10; i++) {
    const follower = await followByPosition(t, server.url, { table: 'products' })
    copies.push({ follower, ...(await readRows(server)) })
  }
  isWriting = false
  await Promise.all(writers)
  await client.from('products').upsert({ id: 99, name: 'last' }).throwOnError()
  const { rows: truth } = await readRows(server)
  for (const { follower, rows, position } of copies) {
    await follower.until(() => follower.changes.at(-1)?.record?.id === 99, 'the last change')
    for (const change of follower.changes) {
      if (numberOf(change.position) > numberOf(position)) apply(rows, change)
    }
    assert.deepEqual(new Map([...rows].sort()), new Map([...truth].sort()))
  }
})
