/// A member of a channel, as an application has it, for tests that wait for what it hears.

const timeoutMs = 8000

/**
 * Joins `topic` and waits for it, unless `options.waits` is false. Keeps every broadcast as it came,
 * and who is present after each sync.
 */
export async function member(client, topic, config = {}, { presence = false, waits = true } = {}) {
  await client.realtime.setAuth()
  const joined = new Member(client.channel(topic, { config }))
  joined.channel.on('broadcast', { event: '*' }, (message) => joined.hear(message))
  joined.channel.on('system', {}, (message) => joined.hearSystem(message))
  if (presence) joined.channel.on('presence', { event: 'sync' }, () => joined.sync())
  joined.channel.subscribe((status, error) => joined.addStatus(status, error))
  if (waits) await joined.until(() => joined.statuses.includes('SUBSCRIBED'), 'join')
  return joined
}

class Member {
  messages = []
  systems = []
  statuses = []
  present = {}
  #waiting = new Set()

  constructor(channel) {
    this.channel = channel
  }

  get events() {
    return this.messages.map(({ event }) => event)
  }

  hear(message) {
    this.messages.push(message)
    this.#wake()
  }

  hearSystem(message) {
    this.systems.push(message)
    this.#wake()
  }

  addStatus(status, error) {
    this.statuses.push(error ? `${status}: ${error.message}` : status)
    this.#wake()
  }

  sync() {
    this.present = this.channel.presenceState()
    this.#wake()
  }

  send(event, payload, more = {}) {
    return this.channel.send({ type: 'broadcast', event, payload, ...more })
  }

  /** Waits for the event that a test sends last; gives all events until then. */
  async untilEvent(event) {
    await this.until(() => this.events.includes(event), `event ${event}`)
    return this.events
  }

  untilPresent(keys) {
    const wanted = JSON.stringify([...keys].sort())
    return this.until(
      () => JSON.stringify(Object.keys(this.present).sort()) === wanted,
      `presence of ${keys}`,
    )
  }

  untilStatus(beginning) {
    return this.until(
      () => this.statuses.some((status) => status.startsWith(beginning)),
      `status ${beginning}`,
    )
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
        const seen = JSON.stringify([this.messages, this.present, this.statuses, this.systems])
        reject(new Error(`${what} did not come; ${seen}`))
      }, timeoutMs)
      this.#waiting.add(check)
      check()
    })
  }

  #wake() {
    for (const check of this.#waiting) check()
  }
}
