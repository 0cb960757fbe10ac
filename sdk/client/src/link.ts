/// What followers and live queries of one client share.

import type { RealtimeClient } from '@supabase/supabase-js'
import type { ConnectionStatus } from './connection.ts'
import type { Poller } from './poller.ts'
import type { Wire } from './wire.ts'

export interface SyncOptions {
  /** How long a lost socket may take to come back before rows are fetched by polling. Default 1000 ms. */
  readonly graceMs?: number
  /** Pause between reads where the server has no feed of changes to wait on. Default 5000 ms. */
  readonly pollMs?: number
  /** How long one request waits for changes while polling; below the server's limit of 55 s. Default 25 s. */
  readonly waitSeconds?: number
  /** How long a query goes on after its last listener left. Default 500 ms. */
  readonly lingerMs?: number
  /** Reads everything again at this interval, whatever the events said. Default 0: never. */
  readonly fullSyncMs?: number
}

export type ResolvedSyncOptions = Required<SyncOptions>

export const defaultSyncOptions: ResolvedSyncOptions = {
  graceMs: 1000,
  pollMs: 5000,
  waitSeconds: 25,
  lingerMs: 500,
  fullSyncMs: 0,
}

export interface Link {
  readonly realtime: RealtimeClient
  readonly wire: Wire
  readonly poller: Poller
  readonly connection: ConnectionStatus
  readonly options: ResolvedSyncOptions
  /** Channels on their way out: their topic is free again when the promise is fulfilled. */
  readonly leaving: Map<string, Promise<unknown>>
  /**
   * Sends a request below the server's URL with the key and token of the client. Rejects when no answer came in
   * `timeoutMs`, 30 s unless said otherwise.
   */
  request(path: string, init?: RequestInit, timeoutMs?: number): Promise<Response>
}
