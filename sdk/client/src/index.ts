/// @dunlin/client: supabase-js with rows that stay true. The guide is docs/guide/live-queries.md.

export type { Change, ChangeType, Row } from './change.ts'
export {
  createClient,
  DunlinClient,
  type DunlinOptions,
  type GroupChange,
  type GroupOptions,
} from './client.ts'
export type { ConnectionState } from './connection.ts'
export type { FollowOptions } from './follower_set.ts'
export type { SyncOptions } from './link.ts'
export type { LiveQuery, LiveSnapshot, LiveStatus } from './live_query.ts'
export type { LiveQueryDescription, LiveQueryOptions, QueryBuilder } from './query.ts'
export { LiveQueryError } from './read_rows.ts'
export {
  type AppointmentCallbacks,
  type AppointmentRole,
  type AvailabilityCallbacks,
  createSyncService,
  type SyncMapping,
  type SyncService,
  type SyncSubscription,
} from './sync_service.ts'
export type { CurrentChange } from './wire.ts'
