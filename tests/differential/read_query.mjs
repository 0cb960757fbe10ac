/// A read as data, and its two texts: the URL a client sends and the SQL that PostgREST makes of it.
///
/// query:     { table, select: [item], where: [condition], order: [term], limit, offset }
/// item:      { column, path: [step], cast, alias }
/// step:      { arrow: '->' | '->>', key }, key a text or a number
/// condition: { column, path, operator, quantifier, negated, value } with value a text or, for `in`
///            and quantifiers, a list; or { any | all: [condition], negated }
/// term:      { column, path, descending, nulls: 'first' | 'last' }

const identifier = (name) => `"${name.replaceAll('"', '""')}"`
const literal = (text) => {
  const quoted = `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`
  return text.includes('\\') ? `E${quoted}` : quoted
}
const arrayLiteral = (items) => {
  const quote = (item) => `"${item.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
  return literal(`{${items.map(quote).join(',')}}`)
}

const binary = {
  eq: '=',
  neq: '<>',
  gt: '>',
  gte: '>=',
  lt: '<',
  lte: '<=',
  like: 'like',
  ilike: 'ilike',
  match: '~',
  imatch: '~*',
  cs: '@>',
  cd: '<@',
  ov: '&&',
  isdistinct: 'is distinct from',
  sl: '<<',
  sr: '>>',
  nxr: '&<',
  nxl: '&>',
  adj: '-|-',
}
const searches = {
  fts: 'to_tsquery',
  plfts: 'plainto_tsquery',
  phfts: 'phraseto_tsquery',
  wfts: 'websearch_to_tsquery',
}
const isWords = {
  null: 'null',
  not_null: 'not null',
  true: 'true',
  false: 'false',
  unknown: 'unknown',
}

/** A column with its JSON path. PostgREST makes JSON of what is none before it follows a path. */
function fieldSql(table, types, { column, path = [] }) {
  const plain = `${identifier(table)}.${identifier(column)}`
  if (path.length === 0) return plain
  const base = /^jsonb?$/.test(types[column]?.sql ?? '') ? plain : `to_jsonb(${plain})`
  return (
    base +
    path.map(({ arrow, key }) => arrow + (typeof key === 'number' ? key : literal(key))).join('')
  )
}

const stars = (operator, value) => (/like$/.test(operator) ? value.replaceAll('*', '%') : value)

function operationSql(field, { operator, quantifier, value, config }) {
  if (operator === 'is') return `${field} is ${isWords[value]}`
  // PostgREST cannot tell `in.("")` from `in.()`, and takes both for the empty list.
  if (operator === 'in' && value.length === 1 && value[0] === '') return `${field} = any ('{}')`
  if (operator === 'in') return `${field} = any (${arrayLiteral(value)})`
  if (searches[operator]) {
    return `${field} @@ ${searches[operator]}(${config ? `${literal(config)}, ` : ''}${literal(value)})`
  }
  if (!quantifier) return `${field} ${binary[operator]} ${literal(stars(operator, value))}`
  return `${field} ${binary[operator]} ${quantifier} (${literal(stars(operator, value))})`
}

export function conditionSql(table, types, condition) {
  const not = condition.negated ? 'not ' : ''
  const children = condition.all ?? condition.any
  if (!children) return `${not}${operationSql(fieldSql(table, types, condition), condition)}`
  const joined = children.map((child) => conditionSql(table, types, child))
  return `${not}(${joined.join(condition.all ? ' and ' : ' or ')})`
}

/** The last key of a path names the item; numbers do not. */
function nameOf({ column, path = [], alias }) {
  if (alias) return alias
  if (path.length === 0) return undefined
  return path.findLast(({ key }) => typeof key === 'string')?.key ?? column
}

function itemSql(table, types, item) {
  if (item.column === '*') return `${identifier(table)}.*`
  const field = fieldSql(table, types, item)
  const name = nameOf(item)
  return (
    (item.cast ? `cast(${field} as ${item.cast})` : field) + (name ? ` as ${identifier(name)}` : '')
  )
}

const termSql = (table, types, term) =>
  `${fieldSql(table, types, term)}${term.descending ? ' desc' : ''}${term.nulls ? ` nulls ${term.nulls}` : ''}`

/** The rows as one JSON text in column `body`, as PostgREST asks PostgreSQL for it. */
export function readSql(query, types) {
  const { table, select, where = [], order = [], limit, offset } = query
  const items = select.length ? select : [{ column: '*' }]
  const parts = [`select ${items.map((item) => itemSql(table, types, item)).join(', ')}`]
  parts.push(`from ${identifier('public')}.${identifier(table)}`)
  if (where.length)
    parts.push(`where ${where.map((c) => conditionSql(table, types, c)).join(' and ')}`)
  if (order.length) parts.push(`order by ${order.map((t) => termSql(table, types, t)).join(', ')}`)
  if (limit !== undefined) parts.push(`limit ${limit}`)
  if (offset !== undefined) parts.push(`offset ${offset}`)
  return `select coalesce(json_agg(_rows), '[]')::text as body from (${parts.join(' ')}) _rows`
}

// --- The URL -------------------------------------------------------------------------------------

const fieldText = ({ column, path = [] }) =>
  column + path.map(({ arrow, key }) => arrow + key).join('')

const itemText = (item) =>
  (item.alias ? `${item.alias}:` : '') + fieldText(item) + (item.cast ? `::${item.cast}` : '')

/** Inside of lists and trees a value is quoted where it holds what ends it. */
const quotedText = (text) =>
  text === '' || /[,.:()"\\{}\s]/.test(text)
    ? `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
    : text

function operationText({ operator, quantifier, negated, value, config }, isInTree) {
  const name = operator + (quantifier ? `(${quantifier})` : '') + (config ? `(${config})` : '')
  const text = Array.isArray(value) ? `(${value.map(quotedText).join(',')})` : value
  const needsQuotes = isInTree && !Array.isArray(value) && operator !== 'is'
  return `${negated ? 'not.' : ''}${name}.${needsQuotes ? quotedText(text) : text}`
}

function treeText(condition) {
  const children = condition.all ?? condition.any
  if (!children) return `${fieldText(condition)}.${operationText(condition, true)}`
  const joined = `(${children.map(treeText).join(',')})`
  return `${condition.negated ? 'not.' : ''}${condition.all ? 'and' : 'or'}${joined}`
}

function parameterOf(condition) {
  const children = condition.all ?? condition.any
  if (!children) return [fieldText(condition), operationText(condition, false)]
  const name = `${condition.negated ? 'not.' : ''}${condition.all ? 'and' : 'or'}`
  return [name, `(${children.map(treeText).join(',')})`]
}

const termText = (term) =>
  fieldText(term) + (term.descending ? '.desc' : '') + (term.nulls ? `.nulls${term.nulls}` : '')

/** The parameters of the conditions alone. */
export function filterUrl(where) {
  const parameters = new URLSearchParams()
  for (const condition of where) parameters.append(...parameterOf(condition))
  return parameters
}

/** What comes after /rest/v1/ for the same rows. */
export function readUrl({ table, select, where = [], order = [], limit, offset }) {
  const parameters = new URLSearchParams()
  if (select.length) parameters.append('select', select.map(itemText).join(','))
  for (const [name, text] of filterUrl(where)) parameters.append(name, text)
  if (order.length) parameters.append('order', order.map(termText).join(','))
  if (limit !== undefined) parameters.append('limit', `${limit}`)
  if (offset !== undefined) parameters.append('offset', `${offset}`)
  return `${encodeURIComponent(table)}?${parameters}`
}
