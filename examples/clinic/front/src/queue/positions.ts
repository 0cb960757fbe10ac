/// Fractional positions: a moved row takes a number between its new neighbours, so one row changes.

export interface Placed {
  readonly id: string
  readonly position: number
}

/** The changes that put `id` right after `afterId` (null: first). `ordered` is the list as shown. */
export function placeAfterRow(
  ordered: readonly Placed[],
  id: string,
  afterId: string | null,
): readonly Placed[] {
  const moved = ordered.find((row) => row.id === id)
  if (moved === undefined || afterId === id) return []
  const others = ordered.filter((row) => row.id !== id)
  const index = afterId === null ? 0 : others.findIndex((row) => row.id === afterId) + 1
  const before = others[index - 1]
  const after = others[index]
  if (ordered[index]?.id === id) return []
  const position = positionBetween(before?.position, after?.position)
  if (position !== null) return [{ id, position }]
  return renumbered([...others.slice(0, index), moved, ...others.slice(index)])
}

/** A number between two; null when the doubles between them are used up. */
export function positionBetween(before?: number, after?: number): number | null {
  if (before === undefined && after === undefined) return 1
  if (before === undefined) return Math.floor(after as number) - 1
  if (after === undefined) return Math.floor(before) + 1
  const middle = before + (after - before) / 2
  return before < middle && middle < after ? middle : null
}

/**
 * Whole numbers above all that are in use. The last row comes first: after each of the changes, in
 * this order, every screen still shows a sensible list.
 */
function renumbered(ordered: readonly Placed[]): readonly Placed[] {
  const start = Math.floor(Math.max(...ordered.map((row) => row.position))) + 1
  return ordered.map((row, index) => ({ id: row.id, position: start + index })).reverse()
}
