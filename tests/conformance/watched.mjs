/// Clients of @dunlin/client, and what a test waits for on their stores.

import { createClient } from '@dunlin/client'
import { anonKey } from './clients.mjs'

const timeoutMs = 20_000

/** A client of `url`; `token` is that of a person. `t` is the test whose end closes it. */
export function connect(t, url, { token, key = anonKey, ...options } = {}) {
  const client = createClient(url, key, {
    auth: { persistSession: false, autoRefreshToken: false },
    ...(token === undefined ? {} : { accessToken: async () => token }),
    ...options,
    realtime: { reconnectAfterMs: () => 300, ...options.realtime },
    sync: { graceMs: 100, pollMs: 200, lingerMs: 20, waitSeconds: 2, ...options.sync },
  })
  t.after(() => client.realtime.disconnect())
  return client
}

/** Listens to a store and keeps every snapshot. */
export function watch(t, store) {
  const watched = new Watched(store)
  t.after(() => watched.end())
  return watched
}

class Watched {
  snapshots = []
  #store
  #waiting = new Set()

  constructor(store) {
    this.#store = store
    this.end = store.subscribe(() => {
      this.snapshots.push(store.getSnapshot())
      for (const check of this.#waiting) check()
    })
  }

  get now() {
    return this.#store.getSnapshot()
  }

  /** Waits until `isTrue(snapshot)`; `what` is for the message when it never is. */
  until(isTrue, what = 'what was waited for') {
    return new Promise((resolve, reject) => {
      const settle = (end, value) => {
        clearTimeout(timer)
        this.#waiting.delete(check)
        end(value)
      }
      const check = () => isTrue(this.now) && settle(resolve, this.now)
      const timer = setTimeout(
        () => settle(reject, new Error(`${what} did not come; it is ${print(this.now)}`)),
        timeoutMs,
      )
      this.#waiting.add(check)
      check()
    })
  }

  untilStatus(status) {
    return this.until((now) => (now.status ?? now) === status, status)
  }

  /** Waits until the rows' values of `column` are `values`, in that order. */
  untilColumn(column, values) {
    const wanted = JSON.stringify(values)
    return this.until(
      ({ rows }) => JSON.stringify(rows.map((row) => row[column])) === wanted,
      `${column} ${wanted}`,
    )
  }
}

function print(value) {
  const { error, ...rest } = Object(value) === value ? value : { value }
  return `${JSON.stringify(rest)} ${error?.message ?? ''}`
}
