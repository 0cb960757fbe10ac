/// What happened to one row, however it came here: over the socket or by polling.

export type Row = Record<string, unknown>

export type ChangeType = 'INSERT' | 'UPDATE' | 'DELETE'

export interface Change<Record = Row> {
  readonly schema: string
  readonly table: string
  readonly type: ChangeType
  /** The row as it is now; empty for a DELETE. */
  readonly record: Record
  /** The key of the row as it was, for UPDATE and DELETE. */
  readonly old: Partial<Record>
  /** Of this change, and of the last change of its commit; absent on servers without positions. */
  readonly position: string | undefined
  readonly commit: string | undefined
  readonly committedAt: string
  /** PostgreSQL's type names by column, as far as the server told them. */
  readonly types: Readonly<{ [column: string]: string }> | undefined
  /** The record is not complete (it was too large for an event). */
  readonly isPartial: boolean
}

/** One binding of a channel, in the words of `postgres_changes`. */
export interface Binding {
  readonly event: '*'
  readonly schema: string
  /** A table, or `group:NAME` for the tables of a change group. */
  readonly table: string
  readonly filter?: string
  readonly select?: string[]
}

/** The binding's table as the feed names it. */
export function feedName(binding: Binding): string {
  const isPlain = binding.schema === 'public' || binding.table.startsWith('group:')
  return isPlain ? binding.table : `${binding.schema}.${binding.table}`
}
