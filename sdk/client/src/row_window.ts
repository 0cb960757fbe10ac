/// The rows of a query: in its order, no more than its limit. No network in here.

import type { Change, Row } from './change.ts'
import { canCompare, compareRows, type OrderTerm } from './order.ts'

export interface WindowShape {
  readonly table: string
  /** The columns that tell rows apart. */
  readonly key: readonly string[]
  /** Ends with the key, so that no two rows are equal. */
  readonly order: readonly OrderTerm[]
  readonly limit: number | undefined
}

/** changed: the rows are another list now. stale: they are no longer certain and must be read again. */
export interface Outcome {
  readonly changed: boolean
  readonly stale: boolean
}

const nothing: Outcome = { changed: false, stale: false }
const lost: Outcome = { changed: false, stale: true }

export class RowWindow<Record extends object> {
  readonly #shape: WindowShape
  readonly #types: { [column: string]: string } = {}
  #sorted: Row[] = []
  #byKey = new Map<string, Row>()
  /** No further rows match than those here. */
  #isComplete = true
  #shown: readonly Record[] = []

  constructor(shape: WindowShape) {
    this.#shape = shape
  }

  /** The same array until `show` is called after a change. */
  get rows(): readonly Record[] {
    return this.#shown
  }

  /** Makes what changed visible. */
  show(): void {
    this.#shown = [...this.#sorted] as unknown as readonly Record[]
  }

  /** Takes the server's answer. Rows that are as before stay the same objects. */
  replace(rows: readonly Row[]): void {
    const before = this.#byKey
    this.#byKey = new Map()
    this.#sorted = rows.map((row) => {
      const key = this.keyOf(row)
      const known = before.get(key)
      const kept =
        known !== undefined && JSON.stringify(known) === JSON.stringify(row) ? known : row
      this.#byKey.set(key, kept)
      return kept
    })
    const { limit } = this.#shape
    this.#isComplete = limit === undefined || rows.length < limit
  }

  apply(change: Change): Outcome {
    Object.assign(this.#types, change.types)
    if (change.type === 'DELETE') return this.#remove(change.old as Row)
    if (change.isPartial || !this.#canPlace(change.record)) return lost
    const isMoved = change.type === 'UPDATE' && this.#hasKey(change.old)
    const before = this.#byKey.get(this.keyOf((isMoved ? change.old : change.record) as Row))
    if (before !== undefined) this.#take(before)
    return this.#put(change.record, before !== undefined)
  }

  /** Throws when the row lacks a column of the key. */
  keyOf(row: Row): string {
    const values = this.#shape.key.map((column) => {
      const value = row[column]
      if (value === undefined) throw new TypeError(this.#withoutKey(column))
      return value
    })
    return JSON.stringify(values)
  }

  #withoutKey(column: string): string {
    return `the rows of "${this.#shape.table}" have no column "${column}": name the key in the query, { key: ['…'] }`
  }

  #hasKey(row: object): boolean {
    return this.#shape.key.every((column) => column in row)
  }

  #canPlace(row: Row): boolean {
    return this.#shape.order.every(({ column }) =>
      canCompare(row[column] ?? null, this.#types[column]),
    )
  }

  #remove(old: Row): Outcome {
    if (!this.#hasKey(old)) return lost
    const row = this.#byKey.get(this.keyOf(old))
    if (row === undefined) return nothing
    this.#take(row)
    // Somebody has to move up into a window that was full.
    return { changed: true, stale: !this.#isComplete }
  }

  #take(row: Row): void {
    this.#byKey.delete(this.keyOf(row))
    // No two rows are equal in the order, so its place is its own, unless only the server understands the order.
    const place = this.#place(row)
    const at = this.#sorted[place] === row ? place : this.#sorted.indexOf(row)
    if (at >= 0) this.#sorted.splice(at, 1)
  }

  #put(row: Row, wasHere: boolean): Outcome {
    const at = this.#place(row)
    const isLast = at === this.#sorted.length
    // Behind the last row of a full window there may be rows that nobody told us of.
    if (isLast && !this.#isComplete) return { changed: wasHere, stale: wasHere }
    this.#sorted.splice(at, 0, row)
    this.#byKey.set(this.keyOf(row), row)
    const { limit } = this.#shape
    if (limit !== undefined && this.#sorted.length > limit) {
      const dropped = this.#sorted.pop()
      if (dropped !== undefined) this.#byKey.delete(this.keyOf(dropped))
      this.#isComplete = false
    }
    return { changed: true, stale: false }
  }

  /** Where the row belongs: binary search. */
  #place(row: Row): number {
    let low = 0
    let high = this.#sorted.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const other = this.#sorted[middle]
      if (other !== undefined && compareRows(this.#shape.order, other, row) < 0) low = middle + 1
      else high = middle
    }
    return low
  }
}
