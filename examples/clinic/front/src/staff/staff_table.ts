/// The rows and the columns of the staff table.

import type { TableShape } from '../live/live_table'
import { asRecord, readChoice, readFlag, readNumber, readText } from '../live/record'

export const staffRoles = ['dentist', 'hygienist', 'assistant', 'reception', 'manager'] as const
export type StaffRole = (typeof staffRoles)[number]

export interface StaffMember {
  readonly id: string
  readonly full_name: string
  readonly role: StaffRole
  readonly phone: string
  readonly email: string
  readonly room: string
  readonly weekly_hours: number
  readonly on_duty: boolean
  readonly note: string
  readonly created_at: string
}

export const staffShape: TableShape<StaffMember> = {
  name: 'staff',
  columns: [
    'id',
    'full_name',
    'role',
    'phone',
    'email',
    'room',
    'weekly_hours',
    'on_duty',
    'note',
    'created_at',
  ],
  decode(value) {
    const record = asRecord(value)
    return {
      id: readText(record, 'id'),
      full_name: readText(record, 'full_name'),
      role: readChoice(record, 'role', staffRoles),
      phone: readText(record, 'phone'),
      email: readText(record, 'email'),
      room: readText(record, 'room'),
      weekly_hours: readNumber(record, 'weekly_hours'),
      on_duty: readFlag(record, 'on_duty'),
      note: readText(record, 'note'),
      created_at: new Date(readText(record, 'created_at')).toISOString(),
    }
  },
  compare: (left, right) =>
    compareText(left.created_at, right.created_at) || compareText(left.id, right.id),
}

function compareText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0
}

export type StaffColumn = Exclude<keyof StaffMember, 'id' | 'created_at'>

export interface ColumnView {
  readonly id: StaffColumn
  readonly label: string
  readonly kind: 'text' | 'tel' | 'email' | 'number' | 'choice' | 'flag'
  readonly lengthMax?: number
}

export const staffColumns: readonly ColumnView[] = [
  { id: 'full_name', label: 'Name', kind: 'text', lengthMax: 120 },
  { id: 'role', label: 'Role', kind: 'choice' },
  { id: 'phone', label: 'Phone', kind: 'tel', lengthMax: 40 },
  { id: 'email', label: 'E-mail', kind: 'email', lengthMax: 120 },
  { id: 'room', label: 'Room', kind: 'text', lengthMax: 20 },
  { id: 'weekly_hours', label: 'Hours', kind: 'number' },
  { id: 'on_duty', label: 'On duty', kind: 'flag' },
  { id: 'note', label: 'Note', kind: 'text', lengthMax: 500 },
]

export function columnView(id: StaffColumn): ColumnView {
  const view = staffColumns.find((column) => column.id === id)
  if (view === undefined) throw new Error(`no column ${id}`)
  return view
}

/** The value that a typed text stands for; undefined when it stands for none. */
export function parseCell(column: StaffColumn, text: string): StaffMember[StaffColumn] | undefined {
  if (column === 'role') return staffRoles.find((role) => role === text)
  if (column === 'on_duty') return text === 'true'
  if (column !== 'weekly_hours') return text.trim()
  const hours = Number(text.trim().replace(',', '.'))
  const fits = text.trim() !== '' && hours >= 0 && hours <= 60
  return fits ? Math.round(hours * 10) / 10 : undefined
}

export function cellText(value: StaffMember[StaffColumn]): string {
  if (typeof value === 'boolean') return value ? 'Yes' : 'No'
  return String(value)
}
