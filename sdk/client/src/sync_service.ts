/// Subscriptions by what an appointment book needs: a person's appointments, all of them, and who is free
/// when. Each is a channel of its own, named after what it is for.

import type { Change, Row } from './change.ts'
import type { AnyClient } from './client.ts'
import { startInterval, type Timer } from './timers.ts'

export type AppointmentRole = 'patient' | 'dentist' | 'admin'

export interface AppointmentCallbacks<Appointment = Row> {
  onAppointmentCreated?(appointment: Appointment): void
  onAppointmentUpdated?(appointment: Appointment): void
  /** An appointment that no longer concerns the subscriber is deleted to him. */
  onAppointmentDeleted?(appointmentId: string): void
  onError?(error: Error): void
  /** Changes may have been missed: read the appointments again. */
  onResync?(): void
}

export interface AvailabilityCallbacks {
  onAvailabilityChanged?(dentistId: string, availability: unknown): void
  onError?(error: Error): void
  onResync?(): void
}

/** Where things are in the database. Everything has a default. */
export interface SyncMapping {
  readonly schema?: string
  /** Default: table `appointments`, key `id`, columns `patient_id` and `dentist_id`. */
  readonly appointments?: {
    readonly table?: string
    readonly key?: string
    readonly patient?: string
    readonly dentist?: string
  }
  /** Default: table `dentists`, key `id`, column `availability`. */
  readonly availability?: {
    readonly table?: string
    readonly dentist?: string
    readonly column?: string
  }
}

export interface SyncSubscription {
  /** Channel name and time of the subscription: `appointments:patient:123-1699876543210`. */
  readonly id: string
  readonly channelName: string
  readonly active: boolean
}

export interface SyncService {
  /** Appointments of a patient or a dentist; for the role admin, all. */
  subscribeToAppointments<Appointment = Row>(
    userId: string,
    role: AppointmentRole,
    callbacks: AppointmentCallbacks<Appointment>,
  ): SyncSubscription
  subscribeToAllAppointments<Appointment = Row>(
    callbacks: AppointmentCallbacks<Appointment>,
  ): SyncSubscription
  subscribeToAvailability(dentistId: string, callbacks: AvailabilityCallbacks): SyncSubscription
  subscribeToGlobalAvailability(callbacks: AvailabilityCallbacks): SyncSubscription
  getActiveSubscriptions(): SyncSubscription[]
  getActiveSubscriptionsCount(): number
  /** Nothing happens when it is not active any more. */
  unsubscribe(subscription: SyncSubscription): void
  unsubscribeAll(): void
  /** Everything that is followed is read again: `onResync` is called. False when the server was not reached. */
  manualSync(): Promise<boolean>
  /** Asks the server at this interval (default 30 s) whether it is there, beside the client's own heartbeat. */
  startHeartbeat(intervalMs?: number): void
  stopHeartbeat(): void
}

interface Held {
  readonly channelName: string
  readonly end: () => void
}

export function createSyncService(client: AnyClient, mapping: SyncMapping = {}): SyncService {
  const { schema = 'public' } = mapping
  const appointments = {
    ...{ table: 'appointments', key: 'id', patient: 'patient_id', dentist: 'dentist_id' },
    ...mapping.appointments,
  }
  const availability = {
    ...{ table: 'dentists', dentist: 'id', column: 'availability' },
    ...mapping.availability,
  }
  const held = new Map<string, Held>()
  let heartbeat: Timer | undefined

  function subscribe(
    channelName: string,
    table: string,
    filter: string | undefined,
    callbacks: { onError?(error: Error): void; onResync?(): void },
    onChange: (change: Change) => void,
  ): SyncSubscription {
    const id = freeId(channelName)
    const end = client.follow({
      table,
      schema,
      topic: channelName,
      ...(filter === undefined ? {} : { filter }),
      onChange,
      onResync: () => callbacks.onResync?.(),
      onProblem: (reason) => callbacks.onError?.(new Error(reason)),
    })
    held.set(id, { channelName, end })
    return { id, channelName, active: true }
  }

  /** Two subscriptions of one millisecond are two subscriptions. */
  function freeId(channelName: string): string {
    let at = Date.now()
    while (held.has(`${channelName}-${at}`)) at++
    return `${channelName}-${at}`
  }

  function follow(
    channelName: string,
    filter: string | undefined,
    callbacks: AppointmentCallbacks<never>,
  ): SyncSubscription {
    return subscribe(channelName, appointments.table, filter, callbacks, (change) => {
      const record = change.record as never
      if (change.type === 'INSERT') callbacks.onAppointmentCreated?.(record)
      else if (change.type === 'UPDATE') callbacks.onAppointmentUpdated?.(record)
      else callbacks.onAppointmentDeleted?.(String(change.old[appointments.key]))
    })
  }

  function followAvailability(
    channelName: string,
    filter: string | undefined,
    callbacks: AvailabilityCallbacks,
  ): SyncSubscription {
    return subscribe(channelName, availability.table, filter, callbacks, (change) => {
      const row = change.type === 'DELETE' ? change.old : change.record
      const dentistId = String(row[availability.dentist])
      callbacks.onAvailabilityChanged?.(dentistId, change.record[availability.column] ?? null)
    })
  }

  function unsubscribe({ id }: SyncSubscription): void {
    held.get(id)?.end()
    held.delete(id)
  }

  return {
    subscribeToAppointments(userId, role, callbacks) {
      if (role === 'admin') return follow('appointments:all', undefined, callbacks)
      const column = role === 'patient' ? appointments.patient : appointments.dentist
      return follow(`appointments:${role}:${userId}`, equals(column, userId), callbacks)
    },
    subscribeToAllAppointments: (callbacks) => follow('appointments:all', undefined, callbacks),
    subscribeToAvailability: (dentistId, callbacks) =>
      followAvailability(
        `availability:${dentistId}`,
        equals(availability.dentist, dentistId),
        callbacks,
      ),
    subscribeToGlobalAvailability: (callbacks) =>
      followAvailability('global:availability', undefined, callbacks),
    getActiveSubscriptions: () =>
      [...held].map(([id, { channelName }]) => ({ id, channelName, active: true })),
    getActiveSubscriptionsCount: () => held.size,
    unsubscribe,
    unsubscribeAll() {
      for (const { end } of held.values()) end()
      held.clear()
    },
    manualSync: () => client.syncNow(),
    startHeartbeat(intervalMs = 30_000) {
      clearInterval(heartbeat)
      heartbeat = startInterval(() => {
        // One at a time: a second one would be taken for the first having timed out.
        const { realtime } = client
        if (realtime.isConnected() && !realtime.pendingHeartbeatRef) void realtime.sendHeartbeat()
      }, intervalMs)
    },
    stopHeartbeat() {
      clearInterval(heartbeat)
      heartbeat = undefined
    },
  }
}

function equals(column: string, value: string): string {
  return `${column}=eq.${/[,()"\\]/.test(value) ? `"${value.replaceAll(/["\\]/g, '\\$&')}"` : value}`
}
