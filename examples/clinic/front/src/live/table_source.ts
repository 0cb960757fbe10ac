/// One table on the server: loading, writing, and turning events into changes.

import type { PostgrestError, SupabaseClient } from '@supabase/supabase-js'
import type { Identified, LiveTable } from './live_table'
import { asRecord, readText, type WireRecord } from './record'

const pageSize = 1000

/** What came of an update that said which values it expects to replace. */
export type UpdateOutcome<Row> =
  | { readonly kind: 'saved'; readonly row: Row }
  | { readonly kind: 'conflict'; readonly theirs: Row }
  | { readonly kind: 'gone' }
  | Failure

/** `retry` says that the request may not have arrived, so sending it again makes sense. */
export interface Failure {
  readonly kind: 'failed'
  readonly message: string
  readonly retry: boolean
}

export type WriteOutcome<Row> = { readonly kind: 'saved'; readonly row: Row } | Failure

/** What the feed needs of a table, whatever its rows are. */
export interface Followed {
  readonly name: string
  /** Fetches every row. False when the server could not be reached or refused. */
  reload(): Promise<boolean>
  /** Takes an event of the table; an event that makes no sense leads to a reload. */
  receive(event: { eventType: string; new: unknown; old: unknown }): void
}

interface Answer {
  readonly data: unknown
  readonly error: PostgrestError | null
  readonly status: number
}

function failure(answer: Answer): Failure {
  const unreachable = answer.status === 0 || answer.status >= 502
  const message = unreachable
    ? 'the server cannot be reached'
    : (answer.error?.message ?? 'refused')
  return { kind: 'failed', message, retry: unreachable }
}

export class TableSource<Row extends Identified> implements Followed {
  readonly table: LiveTable<Row>
  private readonly client: SupabaseClient
  private loading: Promise<boolean> | null = null

  constructor(client: SupabaseClient, table: LiveTable<Row>) {
    this.client = client
    this.table = table
  }

  get name(): string {
    return this.table.shape.name
  }

  reload(): Promise<boolean> {
    // Two loads at once would answer in any order; the later caller waits and then loads itself.
    const previous = this.loading ?? Promise.resolve(true)
    const next = previous.then(() => this.load())
    this.loading = next
    return next
  }

  receive(event: { eventType: string; new: unknown; old: unknown }): void {
    try {
      if (event.eventType === 'DELETE') {
        this.table.apply({ kind: 'remove', id: readText(asRecord(event.old), 'id') })
      } else {
        this.table.apply({ kind: 'put', row: this.table.shape.decode(event.new) })
      }
    } catch (problem) {
      console.warn(`${this.name}: event not understood, loading again`, problem)
      void this.reload()
    }
  }

  /** Writes `values` only where the row still has the `expected` ones, and shows what the server has then. */
  async update(
    id: string,
    values: Partial<Row>,
    expected: Partial<Row>,
  ): Promise<UpdateOutcome<Row>> {
    const heard = this.table.heard(id)
    const changes: WireRecord = { ...values }
    let query = this.from().update(changes).eq('id', id)
    for (const [column, value] of Object.entries(expected)) {
      query = value === null ? query.is(column, null) : query.eq(column, value)
    }
    const answer: Answer = await query.select()
    if (answer.error !== null) return failure(answer)
    const row = this.firstRow(answer.data)
    if (row === undefined) return this.explain(id, values)
    this.table.confirm(row, heard)
    return { kind: 'saved', row }
  }

  async insert(row: Partial<Row> & Identified): Promise<WriteOutcome<Row>> {
    const heard = this.table.heard(row.id)
    const values: WireRecord = { ...row }
    const answer: Answer = await this.from().insert(values).select()
    if (answer.error !== null) return failure(answer)
    const written = this.firstRow(answer.data)
    if (written === undefined) return { kind: 'failed', message: 'no row came back', retry: false }
    this.table.confirm(written, heard)
    return { kind: 'saved', row: written }
  }

  async remove(id: string): Promise<Failure | { kind: 'saved' }> {
    const answer: Answer = await this.from().delete().eq('id', id)
    return answer.error === null ? { kind: 'saved' } : failure(answer)
  }

  private from() {
    return this.client.from(this.name)
  }

  private firstRow(data: unknown): Row | undefined {
    return Array.isArray(data) && data.length > 0 ? this.table.shape.decode(data[0]) : undefined
  }

  /** Why an update touched nothing. An earlier try whose answer was lost counts as saved. */
  private async explain(id: string, values: Partial<Row>): Promise<UpdateOutcome<Row>> {
    const heard = this.table.heard(id)
    const answer: Answer = await this.from().select().eq('id', id).retry(false)
    if (answer.error !== null) return failure(answer)
    const theirs = this.firstRow(answer.data)
    if (theirs === undefined) return { kind: 'gone' }
    this.table.confirm(theirs, heard)
    const already = this.table.shape.columns.every(
      (column) => !(column in values) || theirs[column] === values[column],
    )
    return already ? { kind: 'saved', row: theirs } : { kind: 'conflict', theirs }
  }

  private async load(): Promise<boolean> {
    this.table.beginLoad()
    try {
      const rows: Row[] = []
      for (let from = 0; ; from += pageSize) {
        const page = await this.loadPage(from)
        if (page === null) break
        rows.push(...page)
        if (page.length < pageSize) {
          this.table.finishLoad(rows)
          return true
        }
      }
    } catch (problem) {
      console.warn(`${this.name}: could not be loaded`, problem)
    }
    this.table.abandonLoad()
    return false
  }

  private async loadPage(from: number): Promise<Row[] | null> {
    const answer: Answer = await this.from()
      .select(this.table.shape.columns.join(','))
      .order('id')
      .range(from, from + pageSize - 1)
      .retry(false)
    if (answer.error !== null || !Array.isArray(answer.data)) return null
    return answer.data.map((record) => this.table.shape.decode(record))
  }
}
