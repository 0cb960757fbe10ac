/// The least query that still differs, and a short word about the difference.

const excerptLength = 160

/** Every query with one part less. */
function* smaller(query) {
  for (const part of ['where', 'order', 'select']) {
    for (let i = 0; i < query[part].length; i++) {
      // Rows stay in one order and have their key: without them no two answers compare.
      if (query[part][i].column === 'id' && !query[part][i].alias && part !== 'where') continue
      yield { ...query, [part]: query[part].toSpliced(i, 1) }
    }
  }
  if (query.limit !== undefined) yield { ...query, limit: undefined }
  if (query.offset !== undefined) yield { ...query, offset: undefined }
  if (query.select.length === 0) yield { ...query, select: [{ column: 'id' }] }
  for (let i = 0; i < query.where.length; i++) {
    const children = query.where[i].any ?? query.where[i].all
    for (const child of children ?? []) yield { ...query, where: query.where.with(i, child) }
  }
}

/** Takes parts away as long as `differs(query)` stays true. */
export async function shrink(query, differs) {
  for (const candidate of smaller(query)) {
    if (await differs(candidate)) return shrink(candidate, differs)
  }
  return query
}

/** Both texts from shortly before where they part. */
export function excerpts(expected, actual) {
  let same = 0
  while (same < expected.length && expected[same] === actual[same]) same++
  const from = Math.max(0, same - excerptLength / 2)
  const cut = (text) => (from > 0 ? '…' : '') + text.slice(from, from + excerptLength)
  return { postgres: cut(expected), dunlin: cut(actual) }
}

/** Differences of one kind are told once: the same columns and operators, the same words. */
export function kindOf(target, expected, actual) {
  const word = (text) => (/^[[{]/.test(text) ? 'rows' : text.replace(/"[^"]*"|\d+/g, ''))
  const query = target.replace(/x\d+:/g, '').replace(/[0-9"]+/g, '')
  return [query, word(expected), word(actual)].join(' ')
}
