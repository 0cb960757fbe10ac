/// The rows of appointments and of the people who treat.

import type { TableShape } from '../live/live_table'
import { asRecord, readChoice, readText } from '../live/record'

export const appointmentStatuses = [
  'booked',
  'confirmed',
  'completed',
  'cancelled',
  'missed',
] as const
export type AppointmentStatus = (typeof appointmentStatuses)[number]

export interface Appointment {
  readonly id: string
  readonly patient_id: string
  readonly dentist_id: string
  readonly starts_at: string
  readonly status: AppointmentStatus
}

export interface Colleague {
  readonly id: string
  readonly full_name: string
}

export const appointmentShape: TableShape<Appointment> = {
  name: 'appointments',
  columns: ['id', 'patient_id', 'dentist_id', 'starts_at', 'status'],
  decode(value) {
    const record = asRecord(value)
    return {
      id: readText(record, 'id'),
      patient_id: readText(record, 'patient_id'),
      dentist_id: readText(record, 'dentist_id'),
      starts_at: new Date(readText(record, 'starts_at')).toISOString(),
      status: readChoice(record, 'status', appointmentStatuses),
    }
  },
  compare: (left, right) =>
    left.starts_at.localeCompare(right.starts_at) || (left.id < right.id ? -1 : 1),
}

export const colleagueShape: TableShape<Colleague> = {
  name: 'users',
  columns: ['id', 'full_name'],
  decode(value) {
    const record = asRecord(value)
    return { id: readText(record, 'id'), full_name: readText(record, 'full_name') }
  },
  compare: (left, right) => left.full_name.localeCompare(right.full_name),
}
