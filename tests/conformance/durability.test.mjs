import assert from 'node:assert/strict'
import { randomInt, randomUUID } from 'node:crypto'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { asService } from './clients.mjs'
import { startServer, temporaryFolder } from './server.mjs'

const rounds = process.env.DUNLIN_LONG ? 100 : 5
const writers = 16
const startMsMax = 2000

/** Inserts rows one after the other until the server is gone; keeps what was acknowledged. */
async function write(client, writer, tally) {
  for (;;) {
    const id = randomUUID()
    tally.sent.add(id)
    const { error, status } = await client.from('ledger').insert({ id, writer })
    if (error !== null) {
      assert.equal(status, 0, `only the kill may end a write: ${error.message}`)
      return
    }
    tally.acknowledged.add(id)
    tally.heard()
  }
}

/** Kills the server after `count` acknowledgements, in the midst of the others. */
async function killUnderLoad(t, server, tally, count) {
  const client = asService(t, server)
  const target = tally.acknowledged.size + count
  const reached = new Promise((resolve) => {
    tally.heard = () => tally.acknowledged.size >= target && resolve()
  })
  const all = Array.from({ length: writers }, (_, writer) => write(client, writer, tally))
  await reached
  await server.kill()
  await Promise.all(all)
}

async function storedIds(client) {
  const ids = []
  for (let from = 0; ; from += 10_000) {
    const { data, error } = await client
      .from('ledger')
      .select('id')
      .order('id')
      .range(from, from + 9_999)
    assert.equal(error, null)
    ids.push(...data.map(({ id }) => id))
    if (data.length < 10_000) return ids
  }
}

test(`what was acknowledged survives kill -9, ${rounds} times`, async (t) => {
  const data = temporaryFolder(t)
  const tally = { sent: new Set(), acknowledged: new Set(), heard() {} }
  let server = await startServer({ data })
  t.after(() => server.stop())
  for (let round = 0; round < rounds; round++) {
    await killUnderLoad(t, server, tally, randomInt(20, 400))
    server = await startServer({ data, port: server.port })
    assert.ok(server.startMs < startMsMax, `start took ${server.startMs} ms`)
    const stored = await storedIds(asService(t, server))
    const there = new Set(stored)
    assert.equal(there.size, stored.length, 'each is there once')
    assert.deepEqual(tally.acknowledged.difference(there), new Set(), 'none is lost')
    assert.deepEqual(there.difference(tally.sent), new Set(), 'none is invented')
  }
  const stored = await storedIds(asService(t, server))
  await server.stop()
  checkDatabase(path.join(data, 'dunlin.db'), stored.length)
  t.diagnostic(`${tally.acknowledged.size} acknowledged of ${tally.sent.size} sent`)
})

/** The file is sound, and the log has every change, without a hole. */
function checkDatabase(file, rows) {
  const database = new DatabaseSync(file)
  // The checks of realtime.messages, which has no row here, name functions of the server's own.
  for (const name of ['pg_byte_count', 'pg_cast']) {
    database.function(name, { deterministic: true, varargs: true }, () => {
      throw new Error(`${name} was called`)
    })
  }
  const [{ integrity_check: verdict }] = database.prepare('pragma integrity_check').all()
  assert.equal(verdict, 'ok')
  let next = 1
  for (const { first, count } of database
    .prepare('select first, count from _dunlin_changes order by first')
    .all()) {
    assert.equal(first, next)
    next = first + count
  }
  assert.equal(next - 1, rows, 'one change for each row')
  database.close()
}
