/// The rows of the waiting room and of the patients in it.

import type { TableShape } from '../live/live_table'
import { asRecord, readChoice, readNumber, readOptionalText, readText } from '../live/record'

export const queueStatuses = ['waiting', 'called', 'in_room', 'done'] as const
export type QueueStatus = (typeof queueStatuses)[number]

export interface QueueEntry {
  readonly id: string
  readonly patient_id: string
  readonly position: number
  readonly status: QueueStatus
  readonly reason: string
  readonly arrived_at: string
}

export interface Patient {
  readonly id: string
  readonly full_name: string
  readonly born_on: string | null
  readonly phone: string | null
}

export const queueShape: TableShape<QueueEntry> = {
  name: 'patient_queue',
  columns: ['id', 'patient_id', 'position', 'status', 'reason', 'arrived_at'],
  decode(value) {
    const record = asRecord(value)
    return {
      id: readText(record, 'id'),
      patient_id: readText(record, 'patient_id'),
      position: readNumber(record, 'position'),
      status: readChoice(record, 'status', queueStatuses),
      reason: readText(record, 'reason'),
      arrived_at: new Date(readText(record, 'arrived_at')).toISOString(),
    }
  },
  compare: (left, right) => left.position - right.position || (left.id < right.id ? -1 : 1),
}

export const patientShape: TableShape<Patient> = {
  name: 'patients',
  columns: ['id', 'full_name', 'born_on', 'phone'],
  decode(value) {
    const record = asRecord(value)
    return {
      id: readText(record, 'id'),
      full_name: readText(record, 'full_name'),
      born_on: readOptionalText(record, 'born_on'),
      phone: readOptionalText(record, 'phone'),
    }
  },
  compare: (left, right) => left.full_name.localeCompare(right.full_name),
}

export const statusWords: Record<QueueStatus, { label: string; next: string }> = {
  waiting: { label: 'Waiting', next: 'Call' },
  called: { label: 'Called', next: 'Bring in' },
  in_room: { label: 'In room', next: 'Done' },
  done: { label: 'Done', next: 'Put back' },
}

export function statusAfter(status: QueueStatus): QueueStatus {
  return { waiting: 'called', called: 'in_room', in_room: 'done', done: 'waiting' }[
    status
  ] as QueueStatus
}
