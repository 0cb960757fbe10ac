/// Follows changes as an application does, and lets a test wait for them.

const timeoutMs = 8000

/**
 * Subscribes `client` to `bindings` and waits until it is. The result keeps every event as
 * `TYPE key`, in the order they came.
 */
export async function follow(client, bindings, { topic = 'test', keyOf = (row) => row.id } = {}) {
  // As applications do: a join that is on its way is not given a token that comes later.
  await client.realtime.setAuth()
  const followed = new Followed()
  const channel = client.channel(topic)
  for (const binding of bindings) {
    channel.on('postgres_changes', { schema: 'public', event: '*', ...binding }, (change) => {
      const row = change.eventType === 'DELETE' ? change.old : change.new
      followed.add(change, `${change.eventType} ${keyOf(row)}`)
    })
  }
  channel.on('system', {}, (message) => followed.addSystem(message))
  channel.subscribe((status, error) => followed.addStatus(status, error))
  followed.channel = channel
  await followed.untilJoined(1)
  return followed
}

class Followed {
  changes = []
  lines = []
  systems = []
  statuses = []
  #waiting = new Set()

  add(change, line) {
    this.changes.push(change)
    this.lines.push(line)
    this.#wake()
  }

  addSystem(message) {
    this.systems.push(message)
    this.#wake()
  }

  addStatus(status, error) {
    this.statuses.push(error ? `${status}: ${error.message}` : status)
    this.#wake()
  }

  /** Waits for the event `line`, which a test sends last: whatever came before it is there by then. */
  async until(line) {
    await this.#untilTrue(() => this.lines.includes(line), `event ${line}`)
    return this.lines
  }

  async untilJoined(times) {
    const joins = () => this.statuses.filter((status) => status === 'SUBSCRIBED').length
    await this.#untilTrue(() => joins() >= times, `join ${times}`)
  }

  async untilStatus(beginning) {
    const found = () => this.statuses.find((status) => status.startsWith(beginning))
    await this.#untilTrue(() => found() !== undefined, `status ${beginning}`)
    return found()
  }

  async untilSystem() {
    await this.#untilTrue(() => this.systems.length > 0, 'a system message')
    return this.systems[0]
  }

  /** Waits for the notice that the session has ended. */
  async untilRevoked() {
    const notice = () => this.systems.find(({ extension }) => extension === 'session')
    await this.#untilTrue(() => notice() !== undefined, 'the end of the session')
    return notice()
  }

  #wake() {
    for (const check of this.#waiting) check()
  }

  #untilTrue(isTrue, what) {
    return new Promise((resolve, reject) => {
      const check = () => {
        if (!isTrue()) return
        clearTimeout(timer)
        this.#waiting.delete(check)
        resolve()
      }
      const timer = setTimeout(() => {
        this.#waiting.delete(check)
        reject(new Error(`${what} did not come; events: ${this.lines}; statuses: ${this.statuses}`))
      }, timeoutMs)
      this.#waiting.add(check)
      check()
    })
  }
}
