import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { ConnectionStatus } from './connection.ts'
import { defaultSyncOptions } from './link.ts'
import { LiveQuery } from './live_query.ts'
import { planOf } from './query.ts'

/**
 * A live query whose socket and server are the test: it answers reads when it likes and says what the channel
 * says, so that every order of the two can be tried.
 */
function makeQuery(t, description = {}) {
  const line = new Line()
  const plan = planOf({ table: 'notes', order: 'id', ...description }, {})
  const query = new LiveQuery(line.link, plan, 'live:notes', () => {})
  const shown = []
  t.after(
    query.subscribe(() =>
      shown.push(
        query
          .getSnapshot()
          .rows.map(({ id }) => id)
          .join(),
      ),
    ),
  )
  return Object.assign(line, { query, shown })
}

// The client's timers do not keep a process alive; its socket does, and there is none here.
const alive = setInterval(() => {}, 1000)
after(() => clearInterval(alive))

/** Lets what is due happen. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 5))

class Line {
  reads = []
  #callbacks = {}
  #status
  #reply
  constructor() {
    const channel = {
      on: (type, _, callback) => {
        this.#callbacks[type] = callback
        return channel
      },
      subscribe: (callback) => {
        this.#status = callback
      },
    }
    this.link = {
      realtime: {
        setAuth: async () => {},
        getChannels: () => [],
        channel: () => channel,
        removeChannel: async () => 'ok',
      },
      wire: { current: undefined, replyOf: () => this.#reply, advance() {} },
      poller: { add: (follower) => this.polled.add(follower), remove: () => {} },
      connection: new ConnectionStatus(),
      options: { ...defaultSyncOptions, graceMs: 5, lingerMs: 0 },
      leaving: new Map(),
      request: (path) => new Promise((resolve) => this.reads.push({ path, resolve })),
    }
    this.polled = new Set()
  }

  async join(position, reply = {}) {
    await settle()
    this.#reply = { position, resumed: false, resync: undefined, ...reply }
    this.#status('SUBSCRIBED')
  }

  lose() {
    this.#status('CHANNEL_ERROR', new Error('socket closed: 1006'))
  }

  async answer(ids, position, status = 200) {
    await settle()
    const { resolve } = this.reads.shift()
    const headers = position === undefined ? {} : { 'Dunlin-Position': position }
    const body = status === 200 ? ids.map((id) => ({ id })) : { message: 'refused', code: '42501' }
    resolve(new Response(JSON.stringify(body), { status, headers }))
    await settle()
  }

  say(type, id, position, commit = position) {
    const columns = [{ name: 'id', type: 'int8' }]
    this.link.wire.current = { position, commit, columns }
    const [record, old] =
      type === 'DELETE' ? [{}, { id }] : [{ id }, type === 'UPDATE' ? { id } : {}]
    const payload = {
      schema: 'public',
      table: 'notes',
      eventType: type,
      new: record,
      old,
      errors: null,
    }
    this.#callbacks.postgres_changes({ ...payload, commit_timestamp: '' })
    this.link.wire.current = undefined
  }

  notice(message) {
    this.#callbacks.system(message)
  }
}

test('the channel is joined before the rows are read', async (t) => {
  const line = makeQuery(t)
  await settle()
  assert.equal(line.reads.length, 0)
  await line.join('1-5')
  assert.equal(line.reads.length, 1)
  assert.equal(line.query.getSnapshot().status, 'loading')
  await line.answer([1, 2], '1-7')
  const { status, rows, position } = line.query.getSnapshot()
  assert.deepEqual([status, rows.map(({ id }) => id), position], ['live', [1, 2], '1-7'])
})

test('of what was told during the read, what the rows have already is dropped', async (t) => {
  const line = makeQuery(t)
  await line.join('1-5')
  line.say('INSERT', 2, '1-6')
  line.say('DELETE', 3, '1-7')
  line.say('INSERT', 4, '1-8')
  await line.answer([2], '1-7')
  assert.equal(line.shown.at(-1), '2,4')
  line.say('DELETE', 2, '1-9')
  assert.equal(line.shown.at(-1), '4')
  assert.equal(line.reads.length, 0)
})

test('a commit is shown in one piece, when its last change is there', async (t) => {
  const line = makeQuery(t)
  await line.join('1-5')
  await line.answer([1], '1-5')
  const before = line.shown.length
  line.say('DELETE', 1, '1-6', '1-8')
  line.say('INSERT', 2, '1-7', '1-8')
  assert.equal(line.shown.length, before)
  line.say('INSERT', 3, '1-8', '1-8')
  assert.deepEqual(line.shown.slice(before), ['2,3'])
})

test('a commit whose end is not for this query is shown when the next begins, or nothing more comes', async (t) => {
  const line = makeQuery(t)
  await line.join('1-5')
  await line.answer([], '1-5')
  const before = line.shown.length
  line.say('INSERT', 1, '1-6', '1-9')
  line.say('INSERT', 2, '1-12', '1-14')
  assert.deepEqual(line.shown.slice(before), ['1'])
  await new Promise((resolve) => line.query.subscribe(resolve))
  assert.deepEqual(line.shown.slice(before), ['1', '1,2'])
})

test('after a resumed join nothing is read', async (t) => {
  const line = makeQuery(t)
  await line.join('1-5')
  await line.answer([1], '1-5')
  line.lose()
  assert.equal(line.query.getSnapshot().status, 'live', 'it is back in a moment')
  await line.join('1-5', { resumed: true })
  line.say('INSERT', 2, '1-6')
  assert.deepEqual([line.shown.at(-1), line.reads.length], ['1,2', 0])
})

test('what cannot be resumed is read again, and so is what the server takes back later', async (t) => {
  const line = makeQuery(t)
  await line.join('1-5')
  await line.answer([1], '1-5')
  line.lose()
  await line.join('1-50', { resync: 'trimmed' })
  await line.answer([3], '1-51')
  assert.equal(line.shown.at(-1), '3')
  line.notice({ extension: 'resume', status: 'error', message: 'resync: your rights' })
  await line.answer([], '1-60')
  assert.equal(line.shown.at(-1), '')
  assert.equal(line.query.getSnapshot().status, 'live')
})

test('positions of a restored server begin anew', async (t) => {
  const line = makeQuery(t)
  await line.join('1-500')
  await line.answer([1], '1-500')
  line.lose()
  await line.join('2-3', { resync: 'another epoch' })
  await line.answer([1], '2-3')
  line.say('INSERT', 2, '2-4')
  assert.equal(line.shown.at(-1), '1,2')
})

test('after the grace a lost socket is replaced by polling', async (t) => {
  const line = makeQuery(t)
  await line.join('1-5')
  await line.answer([1], '1-5')
  line.lose()
  await new Promise((resolve) => setTimeout(resolve, 5))
  assert.equal(line.polled.size, 1)
})

test('a server without positions is read again after every change, once for many', async (t) => {
  const line = makeQuery(t)
  await line.join(undefined)
  assert.equal(line.reads.length, 0, 'it is not ready yet')
  line.notice({ extension: 'postgres_changes', status: 'ok', message: 'Subscribed to PostgreSQL' })
  await line.answer([1])
  assert.equal(line.query.getSnapshot().status, 'live')
  for (const id of [2, 3, 4]) line.say('INSERT', id, undefined)
  await new Promise((resolve) => setTimeout(resolve, 80))
  assert.equal(line.reads.length, 1)
  line.say('INSERT', 5, undefined)
  await line.answer([1, 2, 3, 4])
  assert.equal(line.reads.length, 1, 'what came during the read may not be in it')
  await line.answer([1, 2, 3, 4, 5])
  assert.equal(line.shown.at(-1), '1,2,3,4,5')
})

test('a refusal is an error, and over when the server changes its mind', async (t) => {
  const line = makeQuery(t)
  await line.join('1-5')
  await line.answer([], undefined, 403)
  const { status, error } = line.query.getSnapshot()
  assert.deepEqual([status, error.code, error.status], ['error', '42501', 403])
  const refreshed = line.query.refresh()
  await line.answer([1], '1-9')
  assert.equal(await refreshed, true)
  assert.deepEqual([line.query.getSnapshot().status, line.shown.at(-1)], ['live', '1'])
})

test('a server in trouble is offline, not an error, and is asked again', async (t) => {
  const line = makeQuery(t)
  await line.join('1-5')
  await line.answer([], undefined, 503)
  assert.equal(line.query.getSnapshot().status, 'offline')
})

test('an answer to a query that has ended is for nobody', async (t) => {
  const line = makeQuery(t)
  await line.join('1-5')
  line.query.restart()
  await line.answer([1], '1-5')
  assert.deepEqual(line.query.getSnapshot().rows, [])
  assert.equal(line.query.getSnapshot().status, 'loading')
})
