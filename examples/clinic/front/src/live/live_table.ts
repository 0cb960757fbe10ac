/// The rows of one table as this page shows them: what the server has, under what this page has
/// written and the server has not confirmed yet. No network and no views in here.

export interface Identified {
  readonly id: string
}

export interface TableShape<Row extends Identified> {
  readonly name: string
  readonly columns: readonly (keyof Row & string)[]
  /** Throws when the record is not a row of this table. */
  decode(record: unknown): Row
  compare(left: Row, right: Row): number
}

export type RowChange<Row> =
  | { readonly kind: 'put'; readonly row: Row }
  | { readonly kind: 'remove'; readonly id: string }

interface Overlay<Row> {
  values: Partial<Row>
  removed: boolean
}

/** A change mark of the row itself, beside those of its columns. */
const wholeRow = '*'

export class LiveTable<Row extends Identified> {
  readonly shape: TableShape<Row>
  private base = new Map<string, Row>()
  private readonly overlays = new Map<string, Overlay<Row>>()
  private readonly marks = new Map<string, number>()
  private readonly events = new Map<string, number>()
  private readonly listeners = new Set<() => void>()
  private waiting: RowChange<Row>[] | null = null
  private sorted: readonly Row[] | null = null
  private filled = false

  constructor(shape: TableShape<Row>) {
    this.shape = shape
  }

  /** Calls `listener` after every change; the result ends that. */
  subscribe(listener: () => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  /** What the page shows, in the table's order. The same array until something changes. */
  rows(): readonly Row[] {
    if (this.sorted === null) {
      const shown: Row[] = []
      for (const id of this.base.keys()) {
        const row = this.row(id)
        if (row !== undefined) shown.push(row)
      }
      this.sorted = shown.sort(this.shape.compare)
    }
    return this.sorted
  }

  /** The row as shown; undefined when it is not there or is being removed. */
  row(id: string): Row | undefined {
    const row = this.base.get(id)
    const overlay = this.overlays.get(id)
    if (row === undefined || overlay === undefined) return row
    return overlay.removed ? undefined : { ...row, ...overlay.values }
  }

  /** The row as the server has it. */
  serverRow(id: string): Row | undefined {
    return this.base.get(id)
  }

  /** False until the first load. */
  isFilled(): boolean {
    return this.filled
  }

  /** Counts the changes that others made to a cell; 0 for none. */
  mark(id: string, column: keyof Row & string): number {
    return (this.marks.get(`${id} ${column}`) ?? 0) + (this.marks.get(`${id} ${wholeRow}`) ?? 0)
  }

  /** From now to finishLoad or abandonLoad, changes wait: they may be newer than the rows to come. */
  beginLoad(): void {
    this.waiting ??= []
  }

  finishLoad(rows: readonly Row[]): void {
    const before = this.base
    this.base = new Map()
    for (const row of rows) {
      const old = before.get(row.id)
      this.base.set(row.id, old !== undefined && this.same(old, row) ? old : row)
      if (this.filled) this.markDifferences(before, row)
    }
    this.filled = true
    this.releaseWaiting()
    this.changed()
  }

  abandonLoad(): void {
    this.releaseWaiting()
    this.changed()
  }

  /** Counts the changes of a row that came in commit order; see `confirm`. */
  heard(id: string): number {
    return this.events.get(id) ?? 0
  }

  /** Takes over a change in commit order. */
  apply(change: RowChange<Row>): void {
    const id = change.kind === 'put' ? change.row.id : change.id
    this.events.set(id, this.heard(id) + 1)
    if (this.waiting !== null) {
      this.waiting.push(change)
      return
    }
    this.applyNow(change)
    this.changed()
  }

  /**
   * Takes over a row that the server has just answered with. `heard` is the row's count from before the
   * request: a change that came since may be newer than the answer, and the changes to come tell the rest.
   */
  confirm(row: Row, heard: number): void {
    if (this.heard(row.id) !== heard) return
    this.waiting?.push({ kind: 'put', row })
    this.base.set(row.id, row)
    this.changed()
  }

  /** Shows values that are on their way to the server. */
  overlay(id: string, values: Partial<Row>): void {
    const overlay = this.overlays.get(id) ?? { values: {}, removed: false }
    overlay.values = { ...overlay.values, ...values }
    this.overlays.set(id, overlay)
    this.changed()
  }

  /** Shows the server's values again. Without columns: all, and the row if it was hidden. */
  dropOverlay(id: string, columns?: readonly (keyof Row & string)[]): void {
    const overlay = this.overlays.get(id)
    if (overlay === undefined) return
    if (columns !== undefined) {
      for (const column of columns) delete overlay.values[column]
    }
    const empty = !overlay.removed && Object.keys(overlay.values).length === 0
    if (columns === undefined || empty) this.overlays.delete(id)
    this.changed()
  }

  /** Hides a row that is being removed. */
  hide(id: string): void {
    this.overlays.set(id, { values: {}, removed: true })
    this.changed()
  }

  /** Forgets a row that the server has removed. */
  forget(id: string): void {
    this.waiting?.push({ kind: 'remove', id })
    this.base.delete(id)
    this.overlays.delete(id)
    this.changed()
  }

  private releaseWaiting(): void {
    const waiting = this.waiting ?? []
    this.waiting = null
    for (const change of waiting) this.applyNow(change)
  }

  private applyNow(change: RowChange<Row>): void {
    if (change.kind === 'remove') {
      this.base.delete(change.id)
      this.overlays.delete(change.id)
      return
    }
    this.markDifferences(this.base, change.row)
    this.base.set(change.row.id, change.row)
  }

  /** Marks the cells of `row` that will show another value than they do now. */
  private markDifferences(before: ReadonlyMap<string, Row>, row: Row): void {
    const old = before.get(row.id)
    if (old === undefined) {
      this.count(row.id, wholeRow)
      return
    }
    const overlay = this.overlays.get(row.id)?.values ?? {}
    for (const column of this.shape.columns) {
      if (old[column] !== row[column] && !(column in overlay)) this.count(row.id, column)
    }
  }

  private count(id: string, column: string): void {
    const key = `${id} ${column}`
    this.marks.set(key, (this.marks.get(key) ?? 0) + 1)
  }

  private same(left: Row, right: Row): boolean {
    return this.shape.columns.every((column) => left[column] === right[column])
  }

  private changed(): void {
    this.sorted = null
    for (const listener of this.listeners) listener()
  }
}
