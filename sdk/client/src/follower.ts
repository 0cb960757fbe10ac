/// Follows one binding for good: over a channel of its own, by polling while the socket is away, and
/// without telling a change twice or leaving one out in between.

import type { RealtimeChannel, RealtimePostgresChangesPayload } from '@supabase/supabase-js'
import type { Binding, Change, Row } from './change.ts'
import type { FollowerState } from './connection.ts'
import { feedRequestOf, readFeed } from './feed.ts'
import type { Link } from './link.ts'
import { isAfter, later } from './position.ts'
import { startTimer, type Timer } from './timers.ts'
import type { CurrentChange } from './wire.ts'

export interface FollowerEvents {
  /** In the order of the commits. */
  onChange(change: Change): void
  /**
   * What was missed cannot be told: whoever holds rows reads them again. False when the server could not
   * be reached for that.
   */
  onResync(reason: string): Promise<boolean>
  onState(state: FollowerState, reason: string | undefined): void
}

interface SystemNotice {
  readonly extension?: string
  readonly status?: string
  readonly message?: string
}

const reopenDelayMs = 2000

export class Follower {
  readonly topic: string
  readonly binding: Binding
  /** Up to where everything was told; undefined before the start and on servers without positions. */
  position: string | undefined
  /** False when the server does not tell changes of this binding over HTTP either. */
  hasFeed = true
  readonly #link: Link
  readonly #events: FollowerEvents
  #channel: RealtimeChannel | undefined
  #state: FollowerState = 'connecting'
  #joins = 0
  #isRunning = false
  #grace: Timer | undefined
  #reopen: Timer | undefined
  /** Counts openings: an answer to an earlier one is not for us. */
  #opening = 0

  constructor(link: Link, topic: string, binding: Binding, events: FollowerEvents) {
    this.#link = link
    this.topic = topic
    this.binding = binding
    this.#events = events
  }

  get state(): FollowerState {
    return this.#state
  }

  start(): void {
    if (this.#isRunning) return
    this.#isRunning = true
    this.hasFeed = true
    this.#joins = 0
    this.position = undefined
    this.#show('connecting')
    void this.#open()
    this.#startGrace()
  }

  stop(): void {
    if (!this.#isRunning) return
    this.#isRunning = false
    clearTimeout(this.#grace)
    clearTimeout(this.#reopen)
    this.#grace = undefined
    this.#link.poller.remove(this)
    this.#close()
    this.#link.connection.remove(this)
  }

  /** Begins anew, as somebody else or after a change of rights. */
  restart(): void {
    if (!this.#isRunning) return
    this.stop()
    this.start()
  }

  /** Rows up to `position` were read: changes up to there are not told any more. */
  adopt(position: string): void {
    this.position = later(this.position, position)
    if (this.#channel !== undefined) this.#link.wire.advance(this.#channel, this.position)
  }

  /** One round of polling. False when the server did not answer. */
  async catchUp(): Promise<boolean> {
    if (!this.hasFeed) return this.#shown(await this.#resync('polling'))
    for (;;) {
      const { position } = this
      const answer = await readFeed(this.#link, feedRequestOf(this.binding, position))
      if (!this.#isRunning) return true
      if (answer.kind === 'unreachable') return this.#shown(false)
      if (answer.kind === 'unauthorized') return this.#shown(await this.#resync('not authorized'))
      if (answer.kind === 'refused') {
        this.hasFeed = false
        return this.#shown(await this.#resync(answer.reason))
      }
      // The position from before the rows are read: what changes meanwhile is told twice rather than never.
      if (answer.kind === 'resync' || position === undefined) {
        this.position = undefined
        if (answer.position !== undefined) this.adopt(answer.position)
        return this.#shown(
          await this.#resync(answer.kind === 'resync' ? answer.reason : 'polling begins'),
        )
      }
      for (const change of answer.changes) this.#tell(change)
      this.adopt(answer.position)
      if (!answer.more) return this.#shown(true)
    }
  }

  #resync(reason: string): Promise<boolean> {
    return this.#events.onResync(reason)
  }

  /** Shows the outcome of polling, unless the socket is back. */
  #shown(isReached: boolean): boolean {
    if (this.#isRunning && this.#state !== 'live') this.#show(isReached ? 'polling' : 'offline')
    return isReached
  }

  async #open(): Promise<void> {
    const opening = ++this.#opening
    const { realtime, leaving } = this.#link
    // The first join should speak for whoever is signed in by now.
    await Promise.all([realtime.setAuth().catch(() => undefined), leaving.get(this.topic)])
    if (opening !== this.#opening || !this.#isRunning) return
    const channel = realtime.channel(this.#freeTopic(), {
      config: { postgres_changes_options: { wait: true } },
    })
    channel.on('postgres_changes', this.binding, (payload: RealtimePostgresChangesPayload<Row>) => {
      if (channel === this.#channel) this.#receive(payload)
    })
    channel.on('system', {}, (notice: SystemNotice) => {
      if (channel === this.#channel) this.#notice(channel, notice)
    })
    this.#channel = channel
    channel.subscribe((status, problem) => {
      if (channel === this.#channel) this.#changed(channel, status, problem)
    })
  }

  /** The client has one channel of a name: one that the application has opened itself is left alone. */
  #freeTopic(): string {
    const taken = new Set(this.#link.realtime.getChannels().map(({ topic }) => topic))
    let topic = this.topic
    for (let at = 2; taken.has(`realtime:${topic}`); at++) topic = `${this.topic}:${at}`
    return topic
  }

  #close(): void {
    this.#opening++
    const channel = this.#channel
    this.#channel = undefined
    if (channel === undefined) return
    const { realtime, leaving } = this.#link
    const left = realtime.removeChannel(channel).finally(() => {
      if (leaving.get(this.topic) === left) leaving.delete(this.topic)
    })
    leaving.set(this.topic, left)
  }

  #changed(channel: RealtimeChannel, status: string, problem: Error | undefined): void {
    if (status === 'SUBSCRIBED') {
      // Servers without positions are ready only when they say so; see #notice.
      if (this.#link.wire.replyOf(channel)?.position !== undefined) this.#ready(channel)
      return
    }
    this.#away(problem?.message)
    // From everything but an end ordered by the server the client comes back by itself.
    if (status === 'CLOSED') {
      this.#channel = undefined
      this.#reopen = startTimer(() => void this.#open(), reopenDelayMs)
    }
  }

  #notice(channel: RealtimeChannel, notice: SystemNotice): void {
    // Also in the midst of following: rights that changed for more rows than the server tells one by one.
    if (notice.extension === 'resume' && notice.status === 'error')
      void this.#resync(notice.message ?? 'resync')
    if (notice.extension !== 'postgres_changes') return
    if (notice.status !== 'ok') this.#refused(notice.message ?? 'refused')
    else if (this.#link.wire.replyOf(channel)?.position === undefined) this.#ready(channel)
  }

  #ready(channel: RealtimeChannel): void {
    clearTimeout(this.#grace)
    this.#grace = undefined
    this.hasFeed = true
    this.#link.poller.remove(this)
    const { position } = this
    const isFirst = this.#joins++ === 0 && position === undefined
    const reply = this.#link.wire.replyOf(channel)
    if (reply?.resumed === true) {
      // By polling we may be ahead of what is replayed.
      if (position !== undefined) this.#link.wire.advance(channel, position)
    } else {
      this.position = reply?.position
      void this.#resync(isFirst ? 'joined' : (reply?.resync ?? 'joined again'))
    }
    this.#show('live')
  }

  /** The server does not tell these changes: what it shows is read every now and then. */
  #refused(reason: string): void {
    this.hasFeed = false
    clearTimeout(this.#grace)
    this.#show('polling', reason)
    this.#link.poller.add(this)
  }

  #away(reason: string | undefined): void {
    if (!this.#isRunning || this.#state !== 'live') return
    this.#show('connecting', reason)
    this.#startGrace()
  }

  #startGrace(): void {
    clearTimeout(this.#grace)
    this.#grace = startTimer(() => {
      this.#grace = undefined
      this.#link.poller.add(this)
    }, this.#link.options.graceMs)
  }

  #receive(payload: RealtimePostgresChangesPayload<Row>): void {
    this.#tell(changeOf(payload, this.#link.wire.current))
  }

  #tell(change: Change): void {
    // A row that was shown or hidden by a change of rights has no position of its own.
    const place = change.position ?? change.commit
    if (place !== undefined && !isAfter(place, this.position)) return
    if (change.position !== undefined) this.position = change.position
    this.#events.onChange(change)
  }

  #show(state: FollowerState, reason?: string): void {
    if (!this.#isRunning) return
    this.#state = state
    this.#link.connection.set(this, state)
    this.#events.onState(state, reason)
  }
}

function changeOf(
  payload: RealtimePostgresChangesPayload<Row>,
  current: CurrentChange | undefined,
): Change {
  const columns = current?.columns ?? []
  return {
    schema: payload.schema,
    table: payload.table,
    type: payload.eventType,
    record: payload.new as Row,
    old: payload.old as Row,
    position: current?.position,
    commit: current?.commit,
    committedAt: payload.commit_timestamp,
    types: Object.fromEntries(columns.map(({ name, type }) => [name, type])),
    isPartial: Array.isArray(payload.errors) && payload.errors.length > 0,
  }
}
