/// The hooks, for any library that has React's.

// biome-ignore-all lint/correctness/noComponentHookFactories: called once by each library's module, not by components.
// biome-ignore-all lint/correctness/useExhaustiveDependencies: a query is told apart by its id; see useLiveQuery.

import type { Change } from './change.ts'
import type { AnyClient } from './client.ts'
import type { ConnectionState } from './connection.ts'
import { LiveQuery, type LiveSnapshot } from './live_query.ts'
import {
  type LiveQueryDescription,
  type LiveQueryOptions,
  planOf,
  type QueryBuilder,
} from './query.ts'
import { startInterval } from './timers.ts'

/** What the hooks need of React or Preact. */
export interface HookLibrary {
  useEffect(effect: () => (() => void) | undefined, inputs: readonly unknown[]): void
  useLayoutEffect(effect: () => (() => void) | undefined, inputs: readonly unknown[]): void
  useMemo<Value>(make: () => Value, inputs: readonly unknown[]): Value
  useRef<Value>(initial: Value): { current: Value }
  useSyncExternalStore<Snapshot>(
    subscribe: (listener: () => void) => () => void,
    getSnapshot: () => Snapshot,
    getServerSnapshot?: () => Snapshot,
  ): Snapshot
}

export interface UseLiveQueryOptions extends LiveQueryOptions {
  /** Instead of the provider's. */
  readonly client?: AnyClient
}

/** A change, or SYNC: changes may have been missed, so read again. */
export type SyncEvent =
  | (Change & { readonly event: 'INSERT' | 'UPDATE' | 'DELETE' })
  | { readonly event: 'SYNC'; readonly reason: string }

export interface UseRealtimeSyncOptions {
  readonly client?: AnyClient
  readonly schema?: string
  readonly filter?: string
  /** False: nothing is followed. */
  readonly enabled?: boolean
  /** Calls the callback with SYNC at this interval, whatever the events say. Default: never. */
  readonly intervalMs?: number
}

export interface RealtimeSync {
  readonly status: ConnectionState
  /** Reads everything that is followed again. */
  readonly syncNow: () => Promise<boolean>
}

export type AnyQuery<Record extends object> =
  | LiveQuery<Record>
  | QueryBuilder<Record[]>
  | LiveQueryDescription

const nothing: LiveSnapshot<never> = {
  rows: [],
  status: 'loading',
  error: undefined,
  position: undefined,
  updatedAt: undefined,
}
const neverChanges = () => () => {}

export function makeHooks(library: HookLibrary, useProvidedClient: () => AnyClient | undefined) {
  const { useEffect, useLayoutEffect, useMemo, useRef, useSyncExternalStore } = library

  function useClientOf(given: AnyClient | undefined): AnyClient {
    const provided = useProvidedClient()
    const client = given ?? provided
    if (client === undefined)
      throw new Error('no client: put <DunlinProvider client={…}> around, or give { client }')
    return client
  }

  /** The rows of a query, kept true while the component is there. Nothing happens for null. */
  function useLiveQuery<Record extends object>(
    query: AnyQuery<Record> | null | undefined,
    options: UseLiveQueryOptions = {},
  ): LiveSnapshot<Record> {
    const provided = useProvidedClient()
    const client = options.client ?? provided
    // Queries are told apart by what they ask: a new object in every rendering is the same query.
    const id = query instanceof LiveQuery || !query ? query : planOf(query, options).id
    const live = useMemo(() => {
      if (query instanceof LiveQuery || !query) return query ?? undefined
      if (client === undefined)
        throw new Error('no client: put <DunlinProvider client={…}> around, or give { client }')
      return client.live<Record>(query as QueryBuilder<Record[]>, options)
    }, [client, id])
    return useSyncExternalStore<LiveSnapshot<Record>>(
      live?.subscribe ?? neverChanges,
      live?.getSnapshot ?? (() => nothing),
      () => nothing,
    )
  }

  /** Calls `callback` for every change of a table or of `group:NAME`, and with SYNC when some may be missing. */
  function useRealtimeSync(
    table: string,
    callback: (event: SyncEvent) => void,
    options: UseRealtimeSyncOptions = {},
  ): RealtimeSync {
    const client = useClientOf(options.client)
    const { schema, filter, enabled = true, intervalMs = 0 } = options
    // From the moment on that the rendering is shown the latest callback is called, and a new one in every rendering does not subscribe again.
    const latest = useRef(callback)
    useLayoutEffect(() => {
      latest.current = callback
      return undefined
    }, [callback])
    useEffect(() => {
      if (!enabled) return undefined
      const sync = (reason: string) => latest.current({ event: 'SYNC', reason })
      const end = client.follow({
        table,
        ...(schema === undefined ? {} : { schema }),
        ...(filter === undefined ? {} : { filter }),
        onChange: (change) => latest.current({ ...change, event: change.type }),
        onResync: sync,
      })
      const timer = intervalMs > 0 ? startInterval(() => sync('interval'), intervalMs) : undefined
      return () => {
        end()
        clearInterval(timer)
      }
    }, [client, table, schema, filter, enabled, intervalMs])
    return {
      status: useConnection(client),
      syncNow: useMemo(() => () => client.syncNow(), [client]),
    }
  }

  /** How the client stands with the server. */
  function useConnectionStatus(given?: AnyClient): ConnectionState {
    return useConnection(useClientOf(given))
  }

  function useConnection(client: AnyClient): ConnectionState {
    return useSyncExternalStore(
      client.status.subscribe,
      client.status.getSnapshot,
      client.status.getSnapshot,
    )
  }

  return {
    useLiveQuery,
    useRealtimeSync,
    useConnectionStatus,
    useClient: () => useClientOf(undefined),
  }
}
