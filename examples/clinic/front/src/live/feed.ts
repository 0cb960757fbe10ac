/// Keeps tables equal to the server: events over the socket, polling while there is none.

import type { RealtimeChannel, SupabaseClient } from '@supabase/supabase-js'
import type { Followed } from './table_source'

/**
 * live: every row is current and changes arrive by themselves. reconnecting: the socket is down; rows
 * are fetched every few seconds. offline: the server does not answer at all.
 */
export type Connection = 'live' | 'reconnecting' | 'offline'

const pollIntervalMs = 5000
/** Before the first poll: a socket that merely dropped is back by then. */
const pollDelayMs = 1000
const resubscribeDelayMs = 2000

export class Feed {
  private readonly client: SupabaseClient
  private readonly topic: string
  private readonly tables: readonly Followed[]
  private readonly onEvicted: () => void
  private stopped = false
  private connection: Connection = 'reconnecting'
  private channel: RealtimeChannel | null = null
  /** Which join of the channel holds, 0 for none. */
  private join = 0
  private joins = 0
  private timer: ReturnType<typeof setTimeout> | undefined
  private readonly listeners = new Set<() => void>()

  /** `onEvicted` is told when the server has ended the session behind the socket. */
  constructor(
    client: SupabaseClient,
    topic: string,
    tables: readonly Followed[],
    onEvicted: () => void,
  ) {
    this.client = client
    this.topic = topic
    this.tables = tables
    this.onEvicted = onEvicted
  }

  current(): Connection {
    return this.connection
  }

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  start(): void {
    addEventListener('offline', this.onOffline)
    addEventListener('online', this.onOnline)
    this.follow()
    this.refreshIn(pollDelayMs)
  }

  /** Nothing is followed any more; for good. */
  stop(): void {
    this.stopped = true
    removeEventListener('offline', this.onOffline)
    removeEventListener('online', this.onOnline)
    clearTimeout(this.timer)
    if (this.channel !== null) void this.client.removeChannel(this.channel)
    this.channel = null
  }

  private readonly onOffline = () => this.lost('offline')
  private readonly onOnline = () => void this.refresh()

  private follow(): void {
    if (this.stopped) return
    const channel = this.client.channel(this.topic, {
      config: { postgres_changes_options: { wait: true } },
    })
    for (const table of this.tables) {
      channel.on('postgres_changes', { event: '*', schema: 'public', table: table.name }, (event) =>
        table.receive(event),
      )
    }
    channel.on('system', {}, (notice: { extension?: string; message?: string }) => {
      if (notice.extension === 'session' && notice.message === 'session_revoked') this.onEvicted()
    })
    this.channel = channel
    channel.subscribe((status) => this.changed(channel, status))
  }

  private changed(channel: RealtimeChannel, status: string): void {
    if (channel !== this.channel) return
    if (status === 'SUBSCRIBED') {
      this.join = ++this.joins
      void this.refresh()
      return
    }
    this.join = 0
    this.lost('reconnecting')
    // The client comes back by itself from everything but an end ordered by the server.
    if (status === 'CLOSED') {
      this.channel = null
      setTimeout(() => this.follow(), resubscribeDelayMs)
    }
  }

  private lost(connection: Connection): void {
    if (this.connection === 'live' || connection === 'offline') this.show(connection)
    if (this.timer === undefined) this.refreshIn(pollDelayMs)
  }

  private refreshIn(delayMs: number): void {
    if (this.stopped) return
    clearTimeout(this.timer)
    this.timer = setTimeout(() => void this.refresh(), delayMs)
  }

  /**
   * Fetches everything. Live from here on if events have been arriving since before the fetch began;
   * otherwise it is done again in a while.
   */
  private async refresh(): Promise<void> {
    const join = this.join
    const loaded = await this.reload()
    if (loaded && join !== 0 && join === this.join) {
      clearTimeout(this.timer)
      this.timer = undefined
      this.show('live')
    } else if (this.connection !== 'live') {
      this.show(loaded ? 'reconnecting' : 'offline')
      this.refreshIn(this.join === 0 ? pollIntervalMs : resubscribeDelayMs)
    }
  }

  private async reload(): Promise<boolean> {
    const loaded = await Promise.all(this.tables.map((table) => table.reload()))
    return loaded.every((ok) => ok)
  }

  private show(connection: Connection): void {
    if (connection === this.connection) return
    this.connection = connection
    for (const listener of this.listeners) listener()
  }
}
