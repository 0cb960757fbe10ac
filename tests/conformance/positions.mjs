/// A client of a few lines that says positions, as docs/protocol/realtime.md has it: the unmodified one cannot.

import { anonKey } from './clients.mjs'

const timeoutMs = 8000
const reconnectAfterMs = 20

/** Follows `binding` through whatever becomes of the socket. `t` is the test whose end closes it. */
export async function followByPosition(t, url, binding) {
  const follower = new Follower(`${url.replace('http', 'ws')}/realtime/v1/websocket`, binding)
  t.after(() => follower.close())
  follower.connect()
  await follower.until(() => follower.position !== undefined, 'the join')
  return follower
}

class Follower {
  /** What has come, as the server wrote it. */
  changes = []
  resyncs = []
  position
  joins = 0
  #url
  #binding
  #socket
  #isClosed = false
  #waiting = new Set()

  constructor(url, binding) {
    this.#url = `${url}?apikey=${anonKey}&vsn=2.0.0`
    this.#binding = { event: '*', schema: 'public', ...binding }
  }

  connect() {
    if (this.#isClosed) return
    const socket = new WebSocket(this.#url)
    this.#socket = socket
    socket.onopen = () => this.#join(socket)
    socket.onmessage = ({ data }) => this.#receive(JSON.parse(data))
    socket.onclose = () => setTimeout(() => this.connect(), reconnectAfterMs)
  }

  close() {
    this.#isClosed = true
    this.#socket.close()
  }

  #join(socket) {
    const resume = this.position === undefined ? undefined : { position: this.position }
    const config = { postgres_changes: [this.#binding], resume }
    socket.send(JSON.stringify(['1', '1', 'realtime:positions', 'phx_join', { config }]))
  }

  #receive([, , , event, payload]) {
    if (event === 'phx_reply') this.#joined(payload.response)
    if (event === 'postgres_changes') {
      this.changes.push(payload.data)
      this.position = payload.data.position
    }
    for (const check of this.#waiting) check()
  }

  #joined({ position, resync }) {
    this.joins++
    this.position ??= position
    if (resync !== undefined) this.resyncs.push(resync)
  }

  until(isTrue, what) {
    return new Promise((resolve, reject) => {
      const check = () => {
        if (!isTrue()) return
        clearTimeout(timer)
        this.#waiting.delete(check)
        resolve()
      }
      const timer = setTimeout(() => {
        this.#waiting.delete(check)
        reject(new Error(`${what} did not come; ${this.changes.length} changes; ${this.resyncs}`))
      }, timeoutMs)
      this.#waiting.add(check)
      check()
    })
  }
}
