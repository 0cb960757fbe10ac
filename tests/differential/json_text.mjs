/// JSON compared as it is written: digits, order of keys and all, but not blanks and escapes.

const token = /"(?:[^"\\]|\\.)*"|[^\s"]+|\s+/gy

/** One form for texts of the same JSON. Fails for what is none. */
export function canonicalJson(text) {
  JSON.parse(text)
  return text.replace(token, (part) => {
    if (part.startsWith('"')) return JSON.stringify(JSON.parse(part))
    return part.trim()
  })
}

/** Rows that no `order` was asked for: in the order of their texts. Takes canonical JSON. */
export function sortedRows(text) {
  const rows = text.slice(1, -1).split(/(?<=\}),(?=\{"id":)/)
  return `[${rows.sort().join(',')}]`
}
