/// Reads rows that came over the wire: the only place where their types are not yet known.

export type WireRecord = { readonly [column: string]: unknown }

export function asRecord(value: unknown): WireRecord {
  if (typeof value !== 'object' || value === null) throw new Error('a row was expected')
  return value as WireRecord
}

export function readText(record: WireRecord, column: string): string {
  const value = record[column]
  if (typeof value !== 'string') throw new Error(`${column} is not a text`)
  return value
}

export function readOptionalText(record: WireRecord, column: string): string | null {
  return record[column] == null ? null : readText(record, column)
}

export function readNumber(record: WireRecord, column: string): number {
  const value = record[column]
  const number = typeof value === 'string' && value !== '' ? Number(value) : value
  if (typeof number !== 'number' || Number.isNaN(number))
    throw new Error(`${column} is not a number`)
  return number
}

export function readFlag(record: WireRecord, column: string): boolean {
  const value = record[column]
  if (typeof value !== 'boolean') throw new Error(`${column} is not true or false`)
  return value
}

export function readChoice<Choice extends string>(
  record: WireRecord,
  column: string,
  choices: readonly Choice[],
): Choice {
  const text = readText(record, column)
  const choice = choices.find((candidate) => candidate === text)
  if (choice === undefined) throw new Error(`${column} has the unknown value ${text}`)
  return choice
}
