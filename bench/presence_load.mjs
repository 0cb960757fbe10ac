/// Members of many rooms come and go: how long until the others hear of it. Called by presence.py:
///   presence_load.mjs URL ANON_KEY SECONDS
/// Prints one JSON object.

const [url, anonKey, seconds] = process.argv.slice(2)
const rooms = 500
const membersPerRoom = 10
const changesPerSecond = 200
const turnMs = 20
const openAtOnce = 100

const percentile = (times, part) =>
  times.length === 0 ? null : times.sort((a, b) => a - b)[Math.floor((times.length - 1) * part)]
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

/** When each presence came or went, by its key; every message that a member then gets is a delay. */
const changedAt = new Map()
let delays = []
let diffs = 0

class Member {
  #ref = 0
  #answers = new Map()

  constructor(number) {
    this.number = number
    this.topic = `realtime:room ${number % rooms}`
    this.lives = 0
  }

  async open() {
    const socket = new WebSocket(
      `${url.replace('http', 'ws')}/realtime/v1/websocket?apikey=${anonKey}&vsn=2.0.0`,
    )
    this.socket = socket
    socket.onmessage = ({ data }) => this.#hear(JSON.parse(data))
    await new Promise((resolve, reject) => {
      socket.onopen = resolve
      socket.onerror = () => reject(new Error('a socket failed'))
    })
    await this.join()
  }

  #hear([, ref, , event, payload]) {
    if (event === 'phx_reply') {
      if (payload.status !== 'ok') throw new Error(JSON.stringify(payload))
      this.#answers.get(ref)?.()
      this.#answers.delete(ref)
    } else if (event === 'presence_diff') {
      ++diffs
      const now = performance.now()
      for (const key of Object.keys(payload.joins)) this.#count(`+${key}`, now)
      for (const key of Object.keys(payload.leaves)) this.#count(`-${key}`, now)
    }
  }

  #count(change, now) {
    const at = changedAt.get(change)
    if (at !== undefined) delays.push(now - at)
  }

  #push(event, payload) {
    const ref = String(++this.#ref)
    this.socket.send(JSON.stringify(['1', ref, this.topic, event, payload]))
    return new Promise((resolve) => this.#answers.set(ref, resolve))
  }

  async join() {
    this.key = `${this.number}.${++this.lives}`
    const config = { presence: { key: this.key, enabled: true } }
    await this.#push('phx_join', { config })
    changedAt.set(`+${this.key}`, performance.now())
    const payload = { name: `member ${this.number}`, online_at: '2026-01-01T00:00:00Z' }
    await this.#push('presence', { type: 'presence', event: 'track', payload })
  }

  leave() {
    changedAt.set(`-${this.key}`, performance.now())
    return this.#push('phx_leave', {})
  }
}

const members = Array.from({ length: rooms * membersPerRoom }, (_, i) => new Member(i))
for (let i = 0; i < members.length; i += openAtOnce) {
  await Promise.all(members.slice(i, i + openAtOnce).map((member) => member.open()))
}
await sleep(500)
delays = []
diffs = 0

const away = []
const startedAt = performance.now()
let changes = 0
while (performance.now() - startedAt < Number(seconds) * 1000) {
  const due = Math.floor(((performance.now() - startedAt) / 1000) * changesPerSecond)
  for (; changes < due; ++changes) {
    const index = Math.floor(Math.random() * members.length)
    const [leaver] = members.splice(index, 1)
    leaver.leave().then(() => away.push(leaver))
    const comer = away.shift()
    if (comer !== undefined) comer.join().then(() => members.push(comer))
  }
  await sleep(turnMs)
}
await sleep(500)
console.log(
  JSON.stringify({
    changes_per_s: changes / Number(seconds),
    heard: delays.length,
    diffs,
    p50_ms: percentile(delays, 0.5),
    p99_ms: percentile(delays, 0.99),
    most_ms: percentile(delays, 1),
  }),
)
process.exit(0)
