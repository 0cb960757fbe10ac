/// Reads `GET /sync/v1/changes` with nothing but fetch, as docs/protocol/sync.md has it.

import { anonKey } from './clients.mjs'

const timeoutMs = 10_000

export const addressOf = (server, parameters) =>
  `${server.url}/sync/v1/changes?${new URLSearchParams(parameters)}`

const headersOf = (token, more = {}) => ({
  apikey: anonKey,
  ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  ...more,
})

/** One answer: its status and its body. */
export async function readFeed(server, token, parameters = {}) {
  const answer = await fetch(addressOf(server, parameters), {
    headers: headersOf(token),
    signal: AbortSignal.timeout(60_000),
  })
  return { status: answer.status, ...(await answer.json()) }
}

/** `INSERT notes`, … of an answer or a commit. */
export const changesOf = ({ commits, changes }) =>
  (commits ?? [{ changes }]).flatMap((commit) => commit.changes)

export const lineOf = ({ type, record, old_record }, key = 'id') =>
  `${type} ${(type === 'DELETE' ? old_record : record)[key]}`

/** Follows the feed by polling, from a position on, until `last` has come. Gives the changes. */
export async function poll(server, token, parameters, last) {
  const changes = []
  let since = parameters.since
  while (!changes.some(last)) {
    const answer = await readFeed(server, token, { ...parameters, since, wait: '20' })
    if (answer.status !== 200) throw new Error(JSON.stringify(answer))
    changes.push(...changesOf(answer))
    since = answer.position
  }
  return changes
}

/** The fields of one event (WHATWG HTML, section 9.2.6); comments give none. */
function parseEvent(block) {
  const event = { event: 'message', data: [] }
  for (const line of block.split('\n')) {
    const colon = line.indexOf(':')
    if (colon <= 0) continue
    const name = line.slice(0, colon)
    const value = line.slice(colon + 1).replace(/^ /, '')
    if (name === 'data') event.data.push(value)
    else event[name] = value
  }
  return event.data.length === 0 ? undefined : { ...event, data: JSON.parse(event.data.join('\n')) }
}

/** An open stream of events. */
export class FeedStream {
  events = []
  ended = false
  #controller = new AbortController()
  #waiting = new Set()

  /** Resolves when the answer has begun; `t` is the test whose end closes it. */
  static async open(t, server, token, parameters = {}, lastEventId) {
    const stream = new FeedStream()
    t.after(() => stream.close())
    const more = lastEventId === undefined ? {} : { 'last-event-id': lastEventId }
    const answer = await fetch(addressOf(server, parameters), {
      headers: headersOf(token, { accept: 'text/event-stream', ...more }),
      signal: stream.#controller.signal,
    })
    stream.status = answer.status
    stream.type = answer.headers.get('content-type')
    stream.#read(answer.body)
    return stream
  }

  close() {
    this.#controller.abort()
  }

  get lastEventId() {
    return this.events.findLast(({ id }) => id !== undefined)?.id
  }

  /** All changes of the commits so far. */
  get changes() {
    return this.events.filter(({ event }) => event === 'commit').flatMap(({ data }) => data.changes)
  }

  /** Resolves when `holds()` is true; it is asked after each event and at the end. */
  until(holds) {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        const last = JSON.stringify(this.events.slice(-5))
        reject(new Error(`waited in vain; ended: ${this.ended}, last events ${last}`))
      }, timeoutMs)
      const ask = () => {
        if (!holds()) return
        clearTimeout(timer)
        this.#waiting.delete(ask)
        resolve()
      }
      this.#waiting.add(ask)
      ask()
    })
  }

  async untilEvent(name) {
    await this.until(() => this.events.some(({ event }) => event === name))
    return this.events.find(({ event }) => event === name)
  }

  async #read(body) {
    let text = ''
    try {
      for await (const piece of body.pipeThrough(new TextDecoderStream())) {
        const blocks = (text + piece).split('\n\n')
        text = blocks.pop()
        const events = blocks.map(parseEvent).filter((event) => event !== undefined)
        if (events.length === 0) continue
        this.events.push(...events)
        for (const ask of [...this.#waiting]) ask()
      }
    } catch {
      // Aborted by close(), or cut.
    }
    this.ended = true
    for (const ask of [...this.#waiting]) ask()
  }
}
