/// supabase-js with positions, live queries, change groups and polling. The client underneath is unmodified:
/// everything here goes through its options and its public methods.

import {
  type RealtimeChannel,
  RealtimeClient,
  SupabaseClient,
  type SupabaseClientOptions,
} from '@supabase/supabase-js'
import type { Change, Row } from './change.ts'
import { type ConnectionState, ConnectionStatus } from './connection.ts'
import { FollowerSet, type FollowOptions } from './follower_set.ts'
import { defaultSyncOptions, type Link, type SyncOptions } from './link.ts'
import { Listeners } from './listeners.ts'
import { LiveQuery } from './live_query.ts'
import { Poller } from './poller.ts'
import {
  type LiveQueryDescription,
  type LiveQueryOptions,
  planOf,
  type QueryBuilder,
} from './query.ts'
import { startTimer } from './timers.ts'
import { sturdyTransport } from './transport.ts'
import { type CurrentChange, Wire } from './wire.ts'

export interface DunlinOptions {
  /** How following, polling and reading again behave. */
  readonly sync?: SyncOptions
}

/** A change of a table of a group, as `client.group()` tells it. */
export interface GroupChange<Record = Row> extends Change<Record> {
  /** `billing_change_immediate` for the group `billing`. */
  readonly event: `${string}_change_immediate`
  readonly group: string
}

export interface GroupOptions {
  /** Called when changes may have been missed: read the tables of the group again. */
  readonly onResync?: (reason: string) => void
}

const groupEvent = /^(.+)_change_immediate$/
const reconnectDelaysMs = [250, 500, 1000, 2000]
const reconnectDelayMaxMs = 5000
/** A network that swallows everything is noticed after two heartbeats, a request into it after this time. */
const heartbeatIntervalMs = 10_000
const requestTimeoutMs = 30_000
/** How long a query that was made is there for others to share before anybody listens to it. */
const unusedQueryMs = 10_000
/** So that a thousand clients do not come back in the same instant. */
const jitter = 0.25

function defaultReconnectAfterMs(tries: number): number {
  const delayMs = reconnectDelaysMs[tries - 1] ?? reconnectDelayMaxMs
  return delayMs * (1 + jitter * (2 * Math.random() - 1))
}

type PublicOf<Database> = Database extends { public: infer Schema } ? Schema : never
type Relations<Database> =
  PublicOf<Database> extends { Tables: infer Tables; Views: infer Views }
    ? Tables & Views
    : { [table: string]: { Row: Row } }
type RowOf<Database, Name> = Name extends keyof Relations<Database>
  ? Relations<Database>[Name] extends { Row: infer Record extends object }
    ? Record
    : Row
  : Row

// biome-ignore lint/suspicious/noExplicitAny: as in supabase-js, no type argument means a database of unknown tables.
export class DunlinClient<Database = any> extends SupabaseClient<Database> {
  readonly #wire: Wire
  readonly #link: Link
  readonly #connection = new ConnectionStatus()
  readonly #followers: FollowerSet
  /** By what they ask, to be shared. */
  readonly #queries = new Map<string, LiveQuery<object>>()
  readonly #running = new Set<LiveQuery<object>>()
  readonly #resyncs = new Listeners<[{ topic: string; reason: string }]>()
  #topics = 0
  #subject: { readonly id: string | undefined } | undefined

  constructor(
    url: string,
    key: string,
    options: SupabaseClientOptions<'public'> & DunlinOptions = {},
  ) {
    const { sync, ...rest } = options
    const transport = sturdyTransport()
    const realtime = {
      reconnectAfterMs: defaultReconnectAfterMs,
      heartbeatIntervalMs,
      ...(transport === undefined ? {} : { transport }),
      ...rest.realtime,
    }
    // Never connected: it knows the codec of the chosen framing.
    const plain = new RealtimeClient(url, { ...realtime, params: { apikey: key } })
    const wire: Wire = new Wire(plain.encode, plain.decode, {
      onSubject: (subject) => this.#identify(subject),
      onResync: (topic, reason) =>
        this.#resyncs.emit({ topic: topic.slice(topic.indexOf(':') + 1), reason }),
    })
    super(url, key, {
      ...rest,
      realtime: { ...realtime, encode: wire.encode, decode: wire.decode },
    } as ConstructorParameters<typeof SupabaseClient<Database>>[2])
    wire.attach(this.realtime)
    this.#wire = wire
    this.#link = this.#makeLink(url, sync ?? {})
    this.#followers = new FollowerSet(this.#link)
    if (rest.accessToken === undefined)
      this.auth.onAuthStateChange((_event, session) => this.#identify(session?.user.id))
  }

  #makeLink(url: string, sync: SyncOptions): Link {
    const base = url.endsWith('/') ? url : `${url}/`
    const poller: Poller = new Poller(() => this.#link)
    return {
      realtime: this.realtime,
      wire: this.#wire,
      poller,
      connection: this.#connection,
      options: { ...defaultSyncOptions, ...sync },
      leaving: new Map(),
      request: (path, init, timeoutMs = requestTimeoutMs) => {
        const timeout = AbortSignal.timeout(timeoutMs)
        const signal = init?.signal ? AbortSignal.any([init.signal, timeout]) : timeout
        const headers = { ...this.headers, ...(init?.headers as { [name: string]: string }) }
        return (this.fetch ?? fetch)(new URL(path, base), { ...init, headers, signal })
      },
    }
  }

  /**
   * The rows of a query, kept true while somebody listens. Equal queries share one. Throws a TypeError for a
   * query that has no list of rows.
   */
  live<Record extends object>(
    query: QueryBuilder<Record[]>,
    options?: LiveQueryOptions,
  ): LiveQuery<Record>
  live<Name extends string & keyof Relations<Database>>(
    query: LiveQueryDescription<Name>,
  ): LiveQuery<RowOf<Database, Name>>
  live<Record extends object>(
    query: QueryBuilder<Record[]> | LiveQueryDescription,
    options: LiveQueryOptions = {},
  ): LiveQuery<Record> {
    const plan = planOf(query, options)
    const known = this.#queries.get(plan.id)
    if (known !== undefined) return known as unknown as LiveQuery<Record>
    const topic = `live:${plan.table}:${++this.#topics}`
    const live = new LiveQuery<Record>(this.#link, plan, topic, (isRunning) =>
      this.#ran(plan.id, live as unknown as LiveQuery<object>, isRunning),
    )
    this.#queries.set(plan.id, live as unknown as LiveQuery<object>)
    startTimer(() => this.#forget(plan.id, live as unknown as LiveQuery<object>), unusedQueryMs)
    return live
  }

  #ran(id: string, query: LiveQuery<object>, isRunning: boolean): void {
    if (isRunning) {
      this.#running.add(query)
      // Somebody kept it while nobody listened; by now another may have its place.
      if (!this.#queries.has(id)) this.#queries.set(id, query)
    } else {
      this.#running.delete(query)
      this.#forget(id, query)
    }
  }

  /** A query that nobody listens to is not shared any more. */
  #forget(id: string, query: LiveQuery<object>): void {
    if (!this.#running.has(query) && this.#queries.get(id) === query) this.#queries.delete(id)
  }

  /**
   * Calls `callback` for every change of a table, in order, whatever happens to the socket. Equal ones share
   * a channel. The result ends it.
   */
  follow(options: FollowOptions): () => void {
    return this.#followers.follow(options)
  }

  /** Every change of the tables of a group of `dunlin.toml`. The result ends it. */
  group(
    name: string,
    callback: (change: GroupChange) => void,
    options: GroupOptions = {},
  ): () => void {
    return this.follow({
      table: `group:${name}`,
      onChange: (change) => callback({ ...change, group: name, event: `${name}_change_immediate` }),
      ...options,
    })
  }

  /** `NAME_change_immediate` is every change of the group NAME; see `group`. The result ends it. */
  on(event: `${string}_change_immediate`, callback: (change: GroupChange) => void): () => void {
    const name = groupEvent.exec(event)?.[1]
    if (name === undefined)
      throw new TypeError(`no such event: "${event}" (there is NAME_change_immediate)`)
    return this.group(name, callback)
  }

  /** How the client stands with the server: a store with `subscribe` and `getSnapshot`. */
  get status(): Pick<ConnectionStatus, 'subscribe' | 'getSnapshot'> {
    return this.#connection
  }

  /** Calls `callback` now and after every change of the status. The result ends it. */
  onStatus(callback: (state: ConnectionState) => void): () => void {
    const remove = this.#connection.subscribe(callback)
    callback(this.#connection.getSnapshot())
    return remove
  }

  /**
   * Calls `callback` when a channel is back and what it missed cannot be told. Live queries and followers see
   * to that by themselves; channels of one's own need it. The result ends it.
   */
  onResync(callback: (event: { topic: string; reason: string }) => void): () => void {
    return this.#resyncs.add(callback)
  }

  /** Up to where everything was delivered to a channel; undefined on servers without positions. */
  positionOf(channel: RealtimeChannel): string | undefined {
    return this.#wire.positionOf(channel)
  }

  /** Position and commit of the event whose callback is running; undefined outside of one. */
  get currentChange(): CurrentChange | undefined {
    return this.#wire.current
  }

  /** Reads everything that is followed again, now. False when the server could not be reached for all of it. */
  async syncNow(): Promise<boolean> {
    this.#link.poller.wake()
    const reads = [...this.#running].map((query) => query.refresh())
    const results = await Promise.all([...reads, this.#followers.resync('asked to')])
    return !results.includes(false)
  }

  /** Another person: what the former one was shown goes away. The first to be known is no change. */
  #identify(id: string | undefined): void {
    const before = this.#subject
    this.#subject = { id }
    if (before === undefined || before.id === id) return
    // Not in the midst of a message on its way out. Restarting takes queries out of the set and puts them back.
    queueMicrotask(() => {
      for (const query of [...this.#running]) query.restart()
      this.#followers.restart()
    })
  }
}

// biome-ignore lint/suspicious/noExplicitAny: a client of whatever database.
export type AnyClient = DunlinClient<any>

/** As `createClient` of supabase-js; `options.sync` is Dunlin's own. */
// biome-ignore lint/suspicious/noExplicitAny: as in supabase-js, no type argument means a database of unknown tables.
export function createClient<Database = any>(
  url: string,
  key: string,
  options: SupabaseClientOptions<'public'> & DunlinOptions = {},
): DunlinClient<Database> {
  return new DunlinClient<Database>(url, key, options)
}
