/// The rows of a query, kept true. First the channel, then the rows, then every change that is not in them
/// yet: so nothing is missed and nothing applied twice.

import type { Change, Row } from './change.ts'
import type { FollowerState } from './connection.ts'
import { Follower } from './follower.ts'
import type { Link } from './link.ts'
import { Listeners } from './listeners.ts'
import { isAfter } from './position.ts'
import type { Plan } from './query.ts'
import { readRows } from './read_rows.ts'
import { RowWindow } from './row_window.ts'
import { startInterval, startTimer, type Timer } from './timers.ts'

/**
 * loading: no rows yet. live: the rows are true and stay so by themselves. polling: they are fetched every
 * now and then, since the socket is down or blocked. offline: the server does not answer; the rows are the
 * last known. error: the server refuses the query.
 */
export type LiveStatus = 'loading' | 'live' | 'polling' | 'offline' | 'error'

export interface LiveSnapshot<Record> {
  readonly rows: readonly Record[]
  readonly status: LiveStatus
  /** Why it is not live, as far as the server said. */
  readonly error: Error | undefined
  /** The rows are those of this place in the change log; undefined on servers without positions. */
  readonly position: string | undefined
  /** When the rows last changed or were found true: milliseconds since 1970; undefined before the first. */
  readonly updatedAt: number | undefined
}

/** What follows a change of the same commit comes at once, or within this time. */
const commitGapMs = 10
/** Reads after changes that only the server understands: no more often than this. */
const rereadDelayMs = 50
const retryDelayMs = 2000
/** Changes that wait for a read to end. */
const waitingMax = 10_000

export class LiveQuery<Record extends object = Row> {
  readonly #link: Link
  readonly #plan: Plan
  readonly #window: RowWindow<Record>
  readonly #followers: readonly Follower[]
  readonly #listeners = new Listeners()
  readonly #onRunning: (isRunning: boolean) => void
  #snapshot: LiveSnapshot<Record> = {
    rows: [],
    status: 'loading',
    error: undefined,
    position: undefined,
    updatedAt: undefined,
  }
  #isRunning = false
  #linger: Timer | undefined
  #fullSync: Timer | undefined
  #reread: Timer | undefined
  #gap: Timer | undefined
  #openCommit: string | undefined
  /** Counts starts: an answer to an earlier one is not for us. */
  #starts = 0
  #reading: Promise<boolean> | undefined
  #readAgain = false
  #waiting: Change[] = []
  #hasRows = false
  #isReached = true
  /** False from the moment on that something may have been missed, until the rows are read. */
  #isSynced = false
  /** What the REST API said to the query. */
  #refusal: Error | undefined
  /** Why the channel does not deliver. */
  #channelProblem: Error | undefined

  /** Made by `client.live()`. `onRunning` is told when the first listener comes and after the last is gone. */
  constructor(link: Link, plan: Plan, topic: string, onRunning: (isRunning: boolean) => void) {
    this.#link = link
    this.#plan = plan
    this.#onRunning = onRunning
    this.#window = new RowWindow(plan)
    this.#followers = plan.bindings.map(
      (binding, at) =>
        new Follower(link, at === 0 ? topic : `${topic}:${binding.table}`, binding, {
          onChange: (change) => this.#change(change),
          onResync: () => {
            this.#isSynced = false
            return this.#read()
          },
          onState: (_state, reason) => this.#moved(reason),
        }),
    )
  }

  /** The same object until something changes. */
  readonly getSnapshot = (): LiveSnapshot<Record> => this.#snapshot

  /** Calls `listener` after every change; the query runs while it has listeners. The result ends that. */
  readonly subscribe = (listener: () => void): (() => void) => {
    const remove = this.#listeners.add(listener)
    clearTimeout(this.#linger)
    this.#start()
    return () => {
      remove()
      if (this.#listeners.size > 0) return
      clearTimeout(this.#linger)
      this.#linger = startTimer(() => {
        if (this.#listeners.size === 0) this.#stop()
      }, this.#link.options.lingerMs)
    }
  }

  /** Reads the rows again now. False when that did not work out. */
  refresh(): Promise<boolean> {
    return this.#isRunning ? this.#read() : Promise.resolve(false)
  }

  /** Begins anew, as for another person: what is shown goes away. */
  restart(): void {
    if (!this.#isRunning) return
    this.#stop()
    this.#window.replace([])
    this.#window.show()
    this.#hasRows = false
    this.#snapshot = { ...this.#snapshot, rows: [], position: undefined, updatedAt: undefined }
    this.#start()
    this.#publish()
  }

  #start(): void {
    if (this.#isRunning) return
    this.#isRunning = true
    this.#starts++
    this.#isReached = true
    this.#isSynced = false
    this.#refusal = undefined
    this.#channelProblem = undefined
    this.#onRunning(true)
    for (const follower of this.#followers) follower.start()
    const { fullSyncMs } = this.#link.options
    if (fullSyncMs > 0) this.#fullSync = startInterval(() => void this.#read(), fullSyncMs)
  }

  #stop(): void {
    if (!this.#isRunning) return
    this.#isRunning = false
    for (const timer of [this.#linger, this.#reread, this.#gap]) clearTimeout(timer)
    clearInterval(this.#fullSync)
    this.#reread = undefined
    this.#gap = undefined
    this.#openCommit = undefined
    this.#reading = undefined
    this.#waiting = []
    for (const follower of this.#followers) follower.stop()
    this.#onRunning(false)
  }

  #moved(reason: string | undefined): void {
    const state = this.#state()
    if (state === 'live') this.#channelProblem = undefined
    else if (reason !== undefined) this.#channelProblem = new Error(reason)
    this.#isReached = state !== 'offline'
    // Back without having missed anything, though the rows could not be read before.
    if (state === 'live' && !this.#isSynced && this.#reading === undefined) void this.#read()
    this.#publish()
  }

  /** Of all channels, the one that is worst off. */
  #state(): FollowerState {
    const order: readonly FollowerState[] = ['offline', 'polling', 'connecting', 'live']
    const states = this.#followers.map(({ state }) => state)
    return order.find((state) => states.includes(state)) ?? 'connecting'
  }

  #change(change: Change): void {
    if (this.#reading !== undefined) {
      // So many at once are read again rather than remembered.
      if (this.#waiting.length < waitingMax) this.#waiting.push(change)
      else this.#readAgain = true
      return
    }
    if (this.#plan.mode === 'reread' || change.position === undefined) {
      this.#rereadSoon()
      return
    }
    // What belongs to a commit is shown together.
    if (this.#openCommit !== undefined && this.#openCommit !== change.commit) this.#finishCommit()
    const { stale } = this.#window.apply(change)
    this.#openCommit = change.commit
    if (stale) this.#rereadSoon()
    clearTimeout(this.#gap)
    if (change.commit === change.position) this.#finishCommit()
    else this.#gap = startTimer(() => this.#finishCommit(), commitGapMs)
  }

  #finishCommit(): void {
    clearTimeout(this.#gap)
    this.#gap = undefined
    this.#openCommit = undefined
    this.#window.show()
    this.#publish(true)
  }

  #rereadSoon(): void {
    this.#reread ??= startTimer(() => {
      this.#reread = undefined
      void this.#read()
    }, rereadDelayMs)
  }

  /** One read at a time; who asks during one gets another after it. */
  #read(): Promise<boolean> {
    if (this.#reading !== undefined) {
      this.#readAgain = true
      return this.#reading
    }
    const started = this.#starts
    const reading = this.#readUntilTrue(started).finally(() => {
      if (this.#reading === reading) this.#reading = undefined
      if (started === this.#starts) this.#releaseWaiting()
    })
    this.#reading = reading
    return reading
  }

  async #readUntilTrue(started: number): Promise<boolean> {
    for (;;) {
      this.#readAgain = false
      const isRead = await this.#readOnce(started)
      if (!isRead || !this.#readAgain || started !== this.#starts) return isRead
    }
  }

  async #readOnce(started: number): Promise<boolean> {
    const answer = await readRows(this.#link, this.#plan)
    if (started !== this.#starts || !this.#isRunning) return false
    if (answer.kind === 'unreachable') return this.#unreachable()
    this.#isReached = true
    try {
      if (answer.kind === 'refused') throw answer.error
      this.#window.replace(answer.rows)
    } catch (problem) {
      this.#refusal = problem instanceof Error ? problem : new Error(String(problem))
      this.#publish()
      // An answer is an answer: the server was reached.
      return true
    }
    this.#refusal = undefined
    this.#hasRows = true
    this.#isSynced = true
    this.#window.show()
    const { position } = answer
    if (position !== undefined) for (const follower of this.#followers) follower.adopt(position)
    // Without positions nobody can tell whether these changes are in the rows already.
    this.#waiting = this.#waiting.filter((change) => {
      if (change.position === undefined) this.#readAgain = true
      return change.position !== undefined && isAfter(change.position, position)
    })
    this.#publish(true)
    return true
  }

  #releaseWaiting(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const change of waiting) this.#change(change)
  }

  #unreachable(): boolean {
    this.#isReached = false
    this.#publish()
    // While the socket holds nobody else asks again.
    if (this.#state() === 'live')
      this.#reread ??= startTimer(() => {
        this.#reread = undefined
        void this.#read()
      }, retryDelayMs)
    return false
  }

  #status(): LiveStatus {
    if (this.#refusal !== undefined) return 'error'
    if (!this.#isReached) return 'offline'
    if (!this.#hasRows) return 'loading'
    const state = this.#state()
    if (state === 'live' && this.#isSynced) return 'live'
    // A socket that merely dropped is back in a moment.
    return this.#snapshot.status === 'live' && state !== 'polling' ? 'live' : 'polling'
  }

  #publish(isTrue = false): void {
    const status = this.#status()
    const error = this.#refusal ?? this.#channelProblem
    const { rows } = this.#window
    const before = this.#snapshot
    if (!isTrue && status === before.status && rows === before.rows && error === before.error)
      return
    const updatedAt = isTrue ? Date.now() : before.updatedAt
    this.#snapshot = { rows, status, error, position: this.#followers[0]?.position, updatedAt }
    this.#listeners.emit()
  }
}
