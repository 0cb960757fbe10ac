/// The order of rows, as the server's ORDER BY has it: texts by code points, NULL after everything.

import type { Row } from './change.ts'

export interface OrderTerm {
  readonly column: string
  readonly isDescending: boolean
  readonly areNullsFirst: boolean
}

/** Reads `name.desc.nullslast,id`. Undefined when a term is not of a plain column of the table. */
export function orderOf(text: string): OrderTerm[] | undefined {
  const terms: OrderTerm[] = []
  for (const part of text.split(',').filter((term) => term !== '')) {
    const found = /^([\p{L}_][\p{L}\p{N}_]*)(\.asc|\.desc)?(\.nullsfirst|\.nullslast)?$/u.exec(part)
    if (found === null) return undefined
    const isDescending = found[2] === '.desc'
    const areNullsFirst = found[3] === undefined ? isDescending : found[3] === '.nullsfirst'
    terms.push({ column: found[1] ?? '', isDescending, areNullsFirst })
  }
  return terms
}

export function orderText(terms: readonly OrderTerm[]): string {
  return terms
    .map(({ column, isDescending, areNullsFirst }) => {
      const nulls =
        areNullsFirst === isDescending ? '' : areNullsFirst ? '.nullsfirst' : '.nullslast'
      return `${column}.${isDescending ? 'desc' : 'asc'}${nulls}`
    })
    .join(',')
}

/** Types whose texts are in order as texts. Others (enums, intervals, networks …) only the server compares. */
const orderedTexts = new Set([
  'text',
  'varchar',
  'uuid',
  'date',
  'timestamp',
  'timestamptz',
  'time',
])
const infiniteTime = /^(-?infinity|.* BC)$/

export function canCompare(value: unknown, type: string | undefined): boolean {
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return true
  if (typeof value !== 'string' || type === undefined) return false
  return orderedTexts.has(type) && (!/^(date|time)/.test(type) || !infiniteTime.test(value))
}

export function compareRows(terms: readonly OrderTerm[], left: Row, right: Row): number {
  for (const term of terms) {
    const sign = compareTerm(term, left[term.column] ?? null, right[term.column] ?? null)
    if (sign !== 0) return sign
  }
  return 0
}

function compareTerm(term: OrderTerm, left: unknown, right: unknown): number {
  if (left === null || right === null) {
    if (left === right) return 0
    return (left === null) === term.areNullsFirst ? -1 : 1
  }
  const sign = compareValues(left, right)
  return term.isDescending ? -sign : sign
}

function compareValues(left: unknown, right: unknown): number {
  if (typeof left === 'string' && typeof right === 'string') return compareTexts(left, right)
  const a = Number(left)
  const b = Number(right)
  return a < b ? -1 : a > b ? 1 : 0
}

/** By code points. JavaScript's own comparison puts those above U+FFFF before U+E000. */
function compareTexts(left: string, right: string): number {
  const length = Math.min(left.length, right.length)
  for (let at = 0; at < length; at++) {
    const a = left.charCodeAt(at)
    const b = right.charCodeAt(at)
    if (a !== b) return rank(a) - rank(b)
  }
  return left.length - right.length
}

const rank = (unit: number) => (unit >= 0xd800 && unit < 0xe000 ? unit + 0x10000 : unit)
