/// Followers that hand changes to callbacks, shared by all that ask for the same.

import type { Binding, Change } from './change.ts'
import { Follower } from './follower.ts'
import type { Link } from './link.ts'
import { Listeners } from './listeners.ts'
import { startInterval, startTimer, type Timer } from './timers.ts'

export interface FollowOptions {
  /** A table, `group:NAME`, or `*` for all of the schema. */
  readonly table: string
  /** Default: `public`. */
  readonly schema?: string
  /** As in `postgres_changes`: `status=eq.open`. */
  readonly filter?: string
  readonly select?: string[]
  /** Name of the channel, for the server's lists. Default: made from the table. */
  readonly topic?: string
  readonly onChange: (change: Change) => void
  /** Changes may have been missed: what depends on them has to be read again. */
  readonly onResync?: (reason: string) => void
  /** Why the changes do not come over a channel. */
  readonly onProblem?: (reason: string) => void
}

class SharedFollower {
  readonly changes = new Listeners<[Change]>()
  readonly resyncs = new Listeners<[string]>()
  readonly problems = new Listeners<[string]>()
  readonly follower: Follower
  linger: Timer | undefined
  #isJoined = false

  constructor(link: Link, topic: string, binding: Binding) {
    this.follower = new Follower(link, topic, binding, {
      onChange: (change) => this.changes.emit(change),
      onResync: async (reason) => {
        // Before the first join nobody could expect to hear anything.
        if (this.#isJoined) this.resyncs.emit(reason)
        this.#isJoined = true
        return true
      },
      onState: (_state, reason) => {
        if (reason !== undefined) this.problems.emit(reason)
      },
    })
  }
}

export class FollowerSet {
  readonly #link: Link
  readonly #shared = new Map<string, SharedFollower>()
  #topics = 0
  #fullSync: Timer | undefined

  constructor(link: Link) {
    this.#link = link
  }

  follow(options: FollowOptions): () => void {
    const binding: Binding = {
      event: '*',
      schema: options.schema ?? 'public',
      table: options.table,
      ...(options.filter === undefined ? {} : { filter: options.filter }),
      ...(options.select === undefined ? {} : { select: options.select }),
    }
    const id = JSON.stringify([options.topic, binding])
    const shared = this.#shared.get(id) ?? this.#start(id, options.topic, binding)
    clearTimeout(shared.linger)
    const ends = [shared.changes.add(options.onChange)]
    if (options.onResync !== undefined) ends.push(shared.resyncs.add(options.onResync))
    if (options.onProblem !== undefined) ends.push(shared.problems.add(options.onProblem))
    return () => {
      for (const end of ends) end()
      if (shared.changes.size > 0 || this.#shared.get(id) !== shared) return
      clearTimeout(shared.linger)
      shared.linger = startTimer(() => this.#end(id, shared), this.#link.options.lingerMs)
    }
  }

  restart(): void {
    for (const { follower } of this.#shared.values()) follower.restart()
  }

  async resync(reason: string): Promise<boolean> {
    for (const { resyncs } of this.#shared.values()) resyncs.emit(reason)
    return true
  }

  #start(id: string, topic: string | undefined, binding: Binding): SharedFollower {
    const shared = new SharedFollower(
      this.#link,
      topic ?? `follow:${binding.table}:${++this.#topics}`,
      binding,
    )
    this.#shared.set(id, shared)
    shared.follower.start()
    const { fullSyncMs } = this.#link.options
    if (fullSyncMs > 0)
      this.#fullSync ??= startInterval(() => void this.resync('every now and then'), fullSyncMs)
    return shared
  }

  #end(id: string, shared: SharedFollower): void {
    if (shared.changes.size > 0) return
    this.#shared.delete(id)
    shared.follower.stop()
    if (this.#shared.size > 0) return
    clearInterval(this.#fullSync)
    this.#fullSync = undefined
  }
}
