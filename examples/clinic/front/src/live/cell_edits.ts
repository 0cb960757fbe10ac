/// Edits of single cells on their way to the server. An edit names the value it was based on; when the
/// server has another one by then, nothing is written and the person decides.

import type { Identified } from './live_table'
import type { TableSource } from './table_source'

export type CellState<Value> =
  | { readonly kind: 'saving' }
  | { readonly kind: 'unsaved'; readonly mine: Value; readonly base: Value }
  | { readonly kind: 'conflict'; readonly mine: Value; readonly theirs: Value }

export interface Conflict<Row extends Identified> {
  readonly id: string
  readonly column: keyof Row & string
  readonly mine: Row[keyof Row & string]
  readonly theirs: Row[keyof Row & string]
}

/** How the outcome of a write is told to the person. */
export interface Reporter {
  quiet(text: string): void
  trouble(text: string): void
}

interface Cell<Row extends Identified> {
  readonly id: string
  readonly column: keyof Row & string
  state: CellState<Row[keyof Row & string]>
  last: Promise<void>
}

export class CellEdits<Row extends Identified> {
  private readonly source: TableSource<Row>
  private readonly reporter: Reporter
  private readonly cells = new Map<string, Cell<Row>>()
  private readonly listeners = new Set<() => void>()

  constructor(source: TableSource<Row>, reporter: Reporter) {
    this.source = source
    this.reporter = reporter
  }

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  state(
    id: string,
    column: keyof Row & string,
  ): CellState<Row[keyof Row & string]>['kind'] | 'saved' {
    return this.cells.get(`${id} ${column}`)?.state.kind ?? 'saved'
  }

  conflicts(): Conflict<Row>[] {
    const found: Conflict<Row>[] = []
    for (const { id, column, state } of this.cells.values()) {
      if (state.kind === 'conflict')
        found.push({ id, column, mine: state.mine, theirs: state.theirs })
    }
    return found
  }

  /** Shows `value` at once and writes it where the row still has `base`. */
  save<Column extends keyof Row & string>(
    id: string,
    column: Column,
    value: Row[Column],
    base: Row[Column],
  ): void {
    const key = `${id} ${column}`
    const known = this.cells.get(key)
    const previous = known?.last ?? Promise.resolve()
    const cell: Cell<Row> = { id, column, state: { kind: 'saving' }, last: previous }
    this.cells.set(key, cell)
    this.source.table.overlay(id, only<Row, Column>(column, value))
    cell.last = previous.then(() => this.send(cell, column, value, base))
    this.changed()
  }

  keepMine(conflict: Conflict<Row>): void {
    this.save(conflict.id, conflict.column, conflict.mine, conflict.theirs)
  }

  takeTheirs(conflict: Conflict<Row>): void {
    this.cells.delete(`${conflict.id} ${conflict.column}`)
    this.changed()
  }

  /** Tries the edits again that could not be sent. */
  retryUnsaved(): void {
    for (const { id, column, state } of [...this.cells.values()]) {
      if (state.kind === 'unsaved') this.save(id, column, state.mine, state.base)
    }
  }

  private async send<Column extends keyof Row & string>(
    cell: Cell<Row>,
    column: Column,
    value: Row[Column],
    base: Row[Column],
  ): Promise<void> {
    const { table } = this.source
    const outcome = await this.source.update(
      cell.id,
      only<Row, Column>(column, value),
      only<Row, Column>(column, base),
    )
    // Only the last edit of a cell decides what it shows in the end.
    const isLast = this.cells.get(`${cell.id} ${column}`) === cell
    if (outcome.kind === 'saved') {
      if (isLast) this.settle(cell)
      this.reporter.quiet('All changes saved')
    } else if (outcome.kind === 'conflict') {
      if (isLast) this.disagree(cell, value, outcome.theirs[column])
    } else if (outcome.kind === 'gone') {
      table.forget(cell.id)
      this.settle(cell)
      this.reporter.trouble(`Not saved, the row was removed elsewhere: “${String(value)}”`)
    } else if (outcome.retry && isLast) {
      cell.state = { kind: 'unsaved', mine: value, base }
      this.reporter.trouble('Not saved yet: the server cannot be reached. Trying again.')
    } else {
      if (isLast) this.settle(cell)
      this.reporter.trouble(
        `Not saved: “${String(value)}”: ${outcome.kind === 'failed' ? outcome.message : ''}`,
      )
    }
    this.changed()
  }

  private settle(cell: Cell<Row>): void {
    this.cells.delete(`${cell.id} ${cell.column}`)
    this.source.table.dropOverlay(cell.id, [cell.column])
  }

  private disagree(
    cell: Cell<Row>,
    mine: Row[keyof Row & string],
    theirs: Row[keyof Row & string],
  ): void {
    this.source.table.dropOverlay(cell.id, [cell.column])
    cell.state = { kind: 'conflict', mine, theirs }
    this.reporter.trouble('Somebody else changed the same cell')
  }

  private changed(): void {
    for (const listener of this.listeners) listener()
  }
}

function only<Row, Column extends keyof Row>(column: Column, value: Row[Column]): Partial<Row> {
  const values: Partial<Row> = {}
  values[column] = value
  return values
}
