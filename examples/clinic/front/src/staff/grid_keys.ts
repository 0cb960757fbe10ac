/// Where a key takes the active cell of a grid. Pure.

export interface Place {
  readonly row: number
  readonly column: number
}

type Step = (from: Place, last: Place) => Place

const steps: { readonly [key: string]: Step } = {
  ArrowUp: (from) => ({ ...from, row: from.row - 1 }),
  ArrowDown: (from) => ({ ...from, row: from.row + 1 }),
  ArrowLeft: (from) => ({ ...from, column: from.column - 1 }),
  ArrowRight: (from) => ({ ...from, column: from.column + 1 }),
  PageUp: (from) => ({ ...from, row: from.row - 10 }),
  PageDown: (from) => ({ ...from, row: from.row + 10 }),
  Home: (from) => ({ ...from, column: 0 }),
  End: (from, last) => ({ ...from, column: last.column }),
  'Ctrl+Home': () => ({ row: 0, column: 0 }),
  'Ctrl+End': (_, last) => last,
}

const clamp = (value: number, max: number) => Math.max(0, Math.min(value, max))

/** The place after `key` (with `Ctrl+` before it), within 0 to `last`; null when the key moves nothing. */
export function placeAfter(key: string, from: Place, last: Place): Place | null {
  const step = steps[key]
  if (step === undefined) return null
  const to = step(from, last)
  return { row: clamp(to.row, last.row), column: clamp(to.column, last.column) }
}
