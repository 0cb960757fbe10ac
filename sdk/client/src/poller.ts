/// Keeps followers going whose socket is down or blocked. One request at a time waits for changes of all
/// of them: a browser has few connections to a server. When something comes, each fetches its own.

import { feedName } from './change.ts'
import { readFeed } from './feed.ts'
import type { Follower } from './follower.ts'
import type { Link } from './link.ts'
import { isAfter } from './position.ts'
import { Pause } from './timers.ts'

const retryDelaysMs = [500, 1000, 2000, 5000]

export class Poller {
  readonly #link: () => Link
  readonly #followers = new Set<Follower>()
  readonly #pause = new Pause()
  #waiting: AbortController | undefined
  #isRunning = false
  #failures = 0

  /** `link` is asked later: it has the poller in it. */
  constructor(link: () => Link) {
    this.#link = link
  }

  add(follower: Follower): void {
    this.#followers.add(follower)
    this.wake()
    void this.#run()
  }

  remove(follower: Follower): void {
    if (!this.#followers.delete(follower)) return
    if (this.#followers.size === 0) this.wake()
  }

  /** Ends the present wait. */
  wake(): void {
    this.#waiting?.abort()
    this.#pause.wake()
  }

  async #run(): Promise<void> {
    if (this.#isRunning) return
    this.#isRunning = true
    while (this.#followers.size > 0) {
      const results = await Promise.all([...this.#followers].map((follower) => follower.catchUp()))
      this.#failures = results.includes(false) ? this.#failures + 1 : 0
      if (this.#followers.size > 0) await this.#untilNext()
    }
    this.#isRunning = false
  }

  async #untilNext(): Promise<void> {
    if (this.#failures > 0) {
      const delayMs = retryDelaysMs[Math.min(this.#failures, retryDelaysMs.length) - 1] ?? 0
      return this.#pause.wait(delayMs)
    }
    const fed = [...this.#followers].filter((follower) => follower.hasFeed)
    const { pollMs } = this.#link().options
    if (fed.length === 0) return this.#pause.wait(pollMs)
    await this.#signal(fed)
  }

  /** Waits until something happens to a table of `fed`. */
  async #signal(fed: readonly Follower[]): Promise<void> {
    const link = this.#link()
    const isMixed = fed.length < this.#followers.size
    const { waitSeconds, pollMs } = link.options
    this.#waiting = new AbortController()
    // From the oldest: what one of them has not seen must end the wait.
    const oldest = fed.map(({ position }) => position).reduce((a, b) => earlier(a, b))
    const answer = await readFeed(link, {
      since: oldest,
      tables: [...new Set(fed.map(({ binding }) => feedName(binding)))],
      waitSeconds: isMixed ? Math.min(waitSeconds, Math.ceil(pollMs / 1000)) : waitSeconds,
      limit: 1,
      signal: this.#waiting.signal,
    })
    const wasEnded = this.#waiting.signal.aborted
    this.#waiting = undefined
    if (answer.kind !== 'changes' && !wasEnded) await this.#pause.wait(pollMs)
  }
}

function earlier(a: string | undefined, b: string | undefined): string | undefined {
  return a === undefined || b === undefined ? undefined : isAfter(a, b) ? b : a
}
