/// 250 people sign in at once while events flow: what the events and the people wait. Called by sign_in.py:
///   sign_in_load.mjs URL ANON_KEY SERVICE_KEY SECONDS
/// Prints one JSON object.

import { isMainThread, parentPort, Worker } from 'node:worker_threads'

const [url, anonKey, serviceKey, seconds] = process.argv.slice(2)
const accounts = 250
const followers = 20
const rowsPerSecond = 1000
const rowsPerWrite = 10

async function call(target, key, body, method = 'POST') {
  const response = await fetch(url + target, {
    method,
    headers: { apikey: key, authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
  })
  const text = await response.text()
  return { status: response.status, wait: response.headers.get('retry-after'), text }
}

const percentile = (times, part) =>
  times.length === 0 ? null : times.sort((a, b) => a - b)[Math.floor((times.length - 1) * part)]

/** Times from the request of a write to its rows' arrival, of the phase that is being measured. */
let delays = []

function follow() {
  return new Promise((resolve) => {
    const socket = new WebSocket(
      `${url.replace('http', 'ws')}/realtime/v1/websocket?apikey=${anonKey}&vsn=2.0.0`,
    )
    const config = { postgres_changes: [{ event: 'INSERT', schema: 'public', table: 'events' }] }
    socket.onopen = () =>
      socket.send(JSON.stringify(['1', '1', 'realtime:e', 'phx_join', { config }]))
    socket.onmessage = ({ data }) => {
      if (data.includes('Subscribed to PostgreSQL')) resolve(socket)
      const sentAt = /"payload":"at ([\d.]+)"/.exec(data)?.[1]
      if (sentAt !== undefined) delays.push(performance.now() - Number(sentAt))
    }
  })
}

async function writeFor(ms) {
  const startedAt = performance.now()
  let written = 0
  const pending = []
  while (performance.now() - startedAt < ms) {
    const due = (written / rowsPerSecond) * 1000
    const wait = due - (performance.now() - startedAt)
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait))
    const row = { payload: `at ${performance.now()}` }
    pending.push(call('/rest/v1/events', serviceKey, Array(rowsPerWrite).fill(row)))
    written += rowsPerWrite
  }
  const answers = await Promise.all(pending)
  const refused = answers.filter(({ status }) => status !== 201)
  if (refused.length > 0) throw new Error(`a write was refused: ${refused[0].text}`)
  return (written * 1000) / (performance.now() - startedAt)
}

async function signInAll() {
  const startedAt = performance.now()
  const outcomes = await Promise.all(
    Array.from({ length: accounts }, async (_, index) => {
      const body = { email: `p${index}@example.org`, password: 'bench-password' }
      const answer = await call('/auth/v1/token?grant_type=password', anonKey, body)
      return { ...answer, ms: performance.now() - startedAt }
    }),
  )
  const count = (status) => outcomes.filter((outcome) => outcome.status === status).length
  const shed = outcomes.filter(({ status }) => status === 429 || status === 503)
  return {
    accepted: count(200),
    shed: shed.length,
    shed_without_retry_after: shed.filter(({ wait }) => wait === null).length,
    other: accounts - count(200) - shed.length,
    p50_ms: percentile(outcomes.filter(({ status }) => status === 200).map(({ ms }) => ms), 0.5),
    last_ms: Math.max(...outcomes.map(({ ms }) => ms)),
  }
}

async function main() {
  for (let index = 0; index < accounts; ++index) {
    const body = { email: `p${index}@example.org`, password: 'bench-password' }
    const made = await call('/auth/v1/signup', anonKey, body)
    if (made.status !== 200 && !made.text.includes('user_already_exists')) throw new Error(made.text)
  }
  // On a thread of its own: who is measured must not wait for who signs in.
  const people = new Worker(new URL(import.meta.url), { argv: process.argv.slice(2) })
  const signedIn = new Promise((resolve) => people.once('message', resolve))
  const sockets = await Promise.all(Array.from({ length: followers }, follow))
  await writeFor(1000)
  delays = []
  const quietRate = await writeFor(Number(seconds) * 1000)
  const quiet = { rate: quietRate, p50_ms: percentile(delays, 0.5), p99_ms: percentile(delays, 0.99) }
  delays = []
  people.postMessage('go')
  const busyRate = await writeFor(Number(seconds) * 1000)
  const busy = { rate: busyRate, p50_ms: percentile(delays, 0.5), p99_ms: percentile(delays, 0.99) }
  const outcome = await signedIn
  for (const socket of sockets) socket.close()
  console.log(JSON.stringify({ quiet, busy, people: outcome }))
  process.exit(0)
}

if (isMainThread) await main()
else parentPort.once('message', async () => parentPort.postMessage(await signInAll()))
