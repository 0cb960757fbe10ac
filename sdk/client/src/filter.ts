/// Filters in their two spellings: the parameters of the REST API, and the one text of a live binding
/// (docs/protocol/realtime.md, "Filters").

/** One condition of a REST URL: `status=eq.open` is `['status', 'eq.open']`. */
export type Condition = readonly [column: string, test: string]

const liveOperators = new Set(
  ['eq', 'neq', 'lt', 'lte', 'gt', 'gte', 'in', 'is', 'like', 'ilike', 'match', 'imatch'].concat(
    'isdistinct',
  ),
)
const conditionsMax = 32

/** The same conditions as a live filter; undefined when live bindings cannot say them. */
export function liveFilterOf(conditions: readonly Condition[]): string | undefined {
  if (conditions.length > conditionsMax) return undefined
  const texts: string[] = []
  for (const condition of conditions) {
    const text = liveCondition(condition)
    if (text === undefined) return undefined
    texts.push(text)
  }
  return texts.join(',')
}

function liveCondition([column, test]: Condition): string | undefined {
  const found = /^(not\.)?([a-z]+)\.(.*)$/s.exec(test)
  if (found === null || !/^[\p{L}_][\p{L}\p{N}_]*$/u.test(column)) return undefined
  const [, not = '', operator = '', value = ''] = found
  if (!liveOperators.has(operator)) return undefined
  if (operator === 'is' && value === 'not_null')
    return not === '' ? `${column}=not.is.null` : `${column}=is.null`
  // A list is quoted in the same way on both sides.
  if (operator === 'in') return /^\(.*\)$/s.test(value) ? `${column}=${not}in.${value}` : undefined
  const isPattern = operator === 'like' || operator === 'ilike'
  return `${column}=${not}${operator}.${quoted(isPattern ? value.replaceAll('*', '%') : value)}`
}

function quoted(value: string): string {
  return /[,()"\\]/.test(value) ? `"${value.replaceAll(/["\\]/g, '\\$&')}"` : value
}

/** Reads a live filter. Throws when it is not one. */
export function conditionsOf(liveFilter: string): Condition[] {
  return split(liveFilter).map((text) => {
    const found = /^([^=]+)=((?:not\.)?([a-z]+)\.)(.*)$/s.exec(text)
    if (found === null)
      throw new TypeError(`not a filter: "${text}" (it looks like column=eq.value)`)
    const [, column = '', operation = '', operator = '', value = ''] = found
    return [column.trim(), operation + (operator === 'in' ? value : unquoted(value))]
  })
}

function unquoted(value: string): string {
  return /^".*"$/s.test(value) ? value.slice(1, -1).replaceAll(/\\(.)/gs, '$1') : value
}

/** At commas outside of quotes and parentheses; a quote opens only after `.`, `(` or `,`. */
function split(filter: string): string[] {
  const parts: string[] = []
  let part = ''
  let isQuoted = false
  let depth = 0
  for (let at = 0; at < filter.length; at++) {
    const sign = filter.charAt(at)
    if (isQuoted && sign === '\\') part += filter.charAt(at++)
    else if (sign === '"' && (isQuoted || /[.(,]$/.test(part))) isQuoted = !isQuoted
    else if (!isQuoted && sign === '(') depth++
    else if (!isQuoted && sign === ')') depth--
    if (sign === ',' && !isQuoted && depth === 0) {
      parts.push(part)
      part = ''
    } else {
      part += filter.charAt(at)
    }
  }
  return part.trim() === '' ? parts : [...parts, part]
}
