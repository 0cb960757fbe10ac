import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { anonKey, serviceKey } from './clients.mjs'
import { startServer, temporaryFolder } from './server.mjs'

/// S3: what a socket still hears after its session has ended, while rows are written all the time.

const revocations = process.env.DUNLIN_LONG ? 10_000 : 400
const socketsAtATime = 16
const rowsPerSecond = 1000
const writeEveryMs = 10
const lateMsMax = 100

function makeProject(t) {
  const folder = mkdtempSync(path.join(tmpdir(), 'dunlin-revocation-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  mkdirSync(path.join(folder, 'migrations'))
  writeFileSync(
    path.join(folder, 'migrations/0001_ticks.sql'),
    `create table ticks (id bigint generated always as identity primary key, word text not null);
     alter table ticks enable row level security;
     create policy signed_in on ticks for select to authenticated using (true);`,
  )
  return folder
}

async function call(server, method, target, token, body) {
  const response = await fetch(server.url + target, {
    method,
    headers: {
      apikey: anonKey,
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
    },
    body: body === undefined ? undefined : JSON.stringify(body),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${method} ${target}: ${response.status} ${text}`)
  return text === '' ? null : JSON.parse(text)
}

/** Somebody who is signed in and follows the table. */
class Follower {
  lastEventAt = 0
  events = 0
  told = false

  static async open(server) {
    const session = await call(server, 'POST', '/auth/v1/signup', anonKey, { data: {} })
    const follower = new Follower(server, session)
    await follower.joined
    return follower
  }

  constructor(server, session) {
    this.token = session.access_token
    const url = server.url.replace('http', 'ws')
    this.socket = new WebSocket(`${url}/realtime/v1/websocket?apikey=${anonKey}&vsn=2.0.0`)
    this.closed = new Promise((resolve) => {
      this.socket.onclose = ({ code, reason }) => resolve(`${code} ${reason}`)
    })
    this.joined = new Promise((resolve) => {
      this.socket.onmessage = ({ data }) => this.#receive(data, resolve)
    })
    const join = {
      config: { postgres_changes: [{ event: '*', schema: 'public', table: 'ticks' }] },
      access_token: this.token,
    }
    this.socket.onopen = () =>
      this.socket.send(JSON.stringify(['1', '1', 'realtime:ticks', 'phx_join', join]))
  }

  #receive(text, joined) {
    if (text.includes('"postgres_changes",{') && text.includes('"INSERT"')) {
      this.lastEventAt = performance.now()
      ++this.events
    } else if (text.includes('session_revoked')) {
      this.told = true
    } else if (text.includes('Subscribed to PostgreSQL')) {
      joined()
    }
  }
}

/** The ways in which a session ends. */
const ways = [
  (server, { token }) => call(server, 'POST', '/auth/v1/logout?scope=local', token),
  (server, { token }) => call(server, 'POST', '/auth/v1/logout?scope=global', token),
  async (server, { token }) => {
    const { sessions } = await call(server, 'GET', '/auth/v1/sessions', token)
    await call(server, 'DELETE', `/auth/v1/sessions/${sessions[0].id}`, token)
  },
]

/** Writes rows at the wanted rate until `stop()`; fails the test when a write fails. */
function startWriting(server) {
  let written = 0
  let due = 0
  let running = true
  const startedAt = performance.now()
  const rows = Array.from({ length: (rowsPerSecond * writeEveryMs) / 1000 }, () => ({ word: 'x' }))
  const finished = (async () => {
    while (running) {
      await call(server, 'POST', '/rest/v1/ticks', serviceKey, rows)
      written += rows.length
      due += writeEveryMs
      const wait = due - (performance.now() - startedAt)
      if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait))
    }
    return written / ((performance.now() - startedAt) / 1000)
  })()
  return {
    stop() {
      running = false
      return finished
    },
  }
}

test(`after ${revocations} revocations no event came later than ${lateMsMax} ms`, async (t) => {
  const server = await startServer({ project: makeProject(t), data: temporaryFolder(t) })
  t.after(() => server.stop())
  const followers = await Promise.all(
    Array.from({ length: socketsAtATime }, () => Follower.open(server)),
  )
  const writing = startWriting(server)
  const late = []
  for (let count = 0; count < revocations; ++count) {
    const follower = followers.shift()
    await ways[count % ways.length](server, follower)
    const endedAt = performance.now()
    assert.equal(await follower.closed, '1008 session_revoked')
    assert.ok(follower.told, 'the notice came before the end')
    late.push(follower.lastEventAt - endedAt)
    assert.equal(
      (
        await fetch(`${server.url}/rest/v1/ticks?limit=1`, {
          headers: { apikey: anonKey, authorization: `Bearer ${follower.token}` },
        })
      ).status,
      401,
      'the token is refused at once',
    )
    followers.push(await Follower.open(server))
  }
  const rate = await writing.stop()
  const events = followers.reduce((sum, { events }) => sum + events, 0)
  for (const { socket } of followers) socket.close()
  const latest = Math.max(...late)
  t.diagnostic(
    `${rate.toFixed(0)} rows a second; the latest event ${latest.toFixed(1)} ms after an answer`,
  )
  assert.ok(events > 0, 'those who stay hear everything')
  assert.ok(latest < lateMsMax, `an event came ${latest} ms after the revocation's answer`)
})
