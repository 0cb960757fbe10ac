/// The behaviour of the staff grid: which cell is active, which is edited, what keys and clicks do.

import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { CellEdits } from '../live/cell_edits'
import type { LiveTable } from '../live/live_table'
import type { Notices } from '../ui/notices'
import { type Place, placeAfter } from './grid_keys'
import {
  cellText,
  columnView,
  parseCell,
  type StaffColumn,
  type StaffMember,
  staffColumns,
} from './staff_table'

export type GridColumn = StaffColumn | 'remove'

const gridColumns: readonly GridColumn[] = [...staffColumns.map((column) => column.id), 'remove']

export interface Cell {
  readonly id: string
  readonly column: GridColumn
}

export interface Editing {
  readonly id: string
  readonly column: StaffColumn
  readonly draft: string
  /** The value that the edit is based on. */
  readonly base: StaffMember[StaffColumn]
  readonly byPointer: boolean
}

export interface GridParts {
  readonly table: LiveTable<StaffMember>
  readonly edits: CellEdits<StaffMember>
  readonly notices: Notices
}

export function useGrid({ table, edits, notices }: GridParts) {
  const element = useRef<HTMLTableElement>(null)
  const [chosen, setChosen] = useState<Cell | null>(null)
  const [editing, setShownEditing] = useState<Editing | null>(null)
  // A commit may come twice, by key and by the blur that follows: the second must see the first.
  const current = useRef<Editing | null>(null)
  const wantsFocus = useRef(false)
  const rows = table.rows()
  const active = activeCell(chosen, rows)

  useLayoutEffect(() => {
    if (!wantsFocus.current || active === null) return
    wantsFocus.current = false
    element.current
      ?.querySelector<HTMLElement>(`[data-id="${active.id}"][data-column="${active.column}"]`)
      ?.focus()
  })

  const setEditing = (next: Editing | null) => {
    current.current = next
    setShownEditing(next)
  }

  const activate = (cell: Cell) => {
    wantsFocus.current = true
    setChosen(cell)
  }

  const start = (id: string, column: StaffColumn, byPointer: boolean, draft?: string) => {
    const person = table.row(id)
    if (person === undefined) return
    setChosen({ id, column })
    if (column === 'on_duty') {
      edits.save(id, column, !person.on_duty, person.on_duty)
      return
    }
    const base = person[column]
    setEditing({ id, column, draft: draft ?? cellText(base), base, byPointer })
  }

  const commit = () => {
    const edit = current.current
    if (edit === null) return
    setEditing(null)
    const value = parseCell(edit.column, edit.draft)
    if (value === undefined) {
      notices.trouble(`“${edit.draft}” does not fit in ${columnView(edit.column).label}`)
      return
    }
    const shown = table.row(edit.id)?.[edit.column]
    if (value !== edit.base && value !== shown) edits.save(edit.id, edit.column, value, edit.base)
  }

  const move = (key: string): boolean => {
    if (active === null) return false
    const from = placeOf(active, rows)
    const last = { row: rows.length - 1, column: gridColumns.length - 1 }
    const to = placeAfter(key, from, last)
    const cell = to && cellAt(to, rows)
    if (to === null || cell === null) return false
    activate(cell)
    return to.row !== from.row || to.column !== from.column
  }

  const keyWhileEditing = (event: KeyboardEvent) => {
    const next = { Enter: 'ArrowDown', Tab: event.shiftKey ? 'ArrowLeft' : 'ArrowRight' }[event.key]
    if (event.isComposing) return
    if (event.key === 'Escape') {
      setEditing(null)
      wantsFocus.current = true
    } else if (next !== undefined) {
      commit()
      move(next)
      wantsFocus.current = true
    } else return
    event.preventDefault()
  }

  const keyWhileMoving = (event: KeyboardEvent) => {
    if (active === null || event.altKey || event.metaKey) return
    if (placeAfter(withControl(event), { row: 0, column: 0 }, { row: 0, column: 0 }) !== null) {
      event.preventDefault()
      move(withControl(event))
      return
    }
    const { id, column } = active
    if (column === 'remove' || event.ctrlKey) return
    const isText = event.key.length === 1 && event.key !== ' '
    const takesText = column !== 'role' && column !== 'on_duty'
    const clears = event.key === 'Delete' || event.key === 'Backspace'
    if (event.key === 'Enter' || event.key === 'F2' || event.key === ' ') start(id, column, false)
    else if (clears && takesText) start(id, column, false, '')
    else if (isText && takesText) start(id, column, false, event.key)
    else return
    event.preventDefault()
  }

  return {
    element,
    active,
    editing,
    activate,
    start,
    commit,
    setDraft: (draft: string) => {
      if (current.current !== null) setEditing({ ...current.current, draft })
    },
    onKeyDown: (event: KeyboardEvent) =>
      current.current !== null ? keyWhileEditing(event) : keyWhileMoving(event),
    onClick: (event: MouseEvent) => {
      const cell = cellOf(event.target)
      if (cell === null || cell.column === 'remove') return
      const edit = current.current
      if (edit?.id === cell.id && edit.column === cell.column) return
      commit()
      start(cell.id, cell.column, true)
    },
    onFocus: (event: FocusEvent) => {
      const cell = cellOf(event.target)
      if (cell !== null) setChosen(cell)
    },
  }
}

function withControl(event: KeyboardEvent): string {
  return event.ctrlKey ? `Ctrl+${event.key}` : event.key
}

/** The chosen cell while its row is there; else the one that took its place, so focus is never lost. */
function activeCell(chosen: Cell | null, rows: readonly StaffMember[]): Cell | null {
  if (chosen !== null && rows.some((row) => row.id === chosen.id)) return chosen
  const first = rows[0]
  return first === undefined ? null : { id: first.id, column: 'full_name' }
}

function placeOf(cell: Cell, rows: readonly StaffMember[]): Place {
  return {
    row: rows.findIndex((row) => row.id === cell.id),
    column: gridColumns.indexOf(cell.column),
  }
}

function cellAt(place: Place, rows: readonly StaffMember[]): Cell | null {
  const row = rows[place.row]
  const column = gridColumns[place.column]
  return row === undefined || column === undefined ? null : { id: row.id, column }
}

function cellOf(target: EventTarget | null): Cell | null {
  if (!(target instanceof Element)) return null
  const element = target.closest<HTMLElement>('[data-column]')
  const id = element?.dataset.id
  const column = gridColumns.find((candidate) => candidate === element?.dataset.column)
  return id === undefined || column === undefined ? null : { id, column }
}
