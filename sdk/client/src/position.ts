/// Places in the server's change log. To applications they are opaque; this file alone knows the text form
/// `EPOCH-SEQUENCE`, both decimal (docs/protocol/realtime.md).

const form = /^(\d+)-(\d+)$/

/**
 * Whether `left` is after `right`. Positions of different epochs (the server was restored from a backup)
 * cannot be compared: then true, so that nothing is taken for old.
 */
export function isAfter(left: string, right: string | undefined): boolean {
  if (right === undefined) return true
  const a = form.exec(left)
  const b = form.exec(right)
  if (a === null || b === null || a[1] !== b[1]) return true
  return BigInt(a[2] ?? 0) > BigInt(b[2] ?? 0)
}

/** The later of two positions; of different epochs the second. */
export function later(known: string | undefined, next: string): string {
  return known === undefined || isAfter(next, known) ? next : known
}
