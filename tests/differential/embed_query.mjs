/// A read with related rows as data, and its two texts: the URL a client sends and SQL with lateral joins.
///
/// node:      { table, items, children: [child], where, order, limit, offset }
/// item:      a column, or an aggregate { of, name } with `of` '' for count()
/// child:     a node with { alias, kind: 'one' | 'many', via, inner, spread }
/// via:       { near, far }: the child's `far` is the parent's `near`; { junction, toNear, toFar }: by ids
/// condition: as in read_query.mjs; a search { column, operator, config, value }; or { child, negated }:
///            whether the child at that place has rows
/// term:      { column, descending, child? }

import { conditionSql, filterUrl } from './read_query.mjs'

const searches = {
  fts: 'to_tsquery',
  plfts: 'plainto_tsquery',
  phfts: 'phraseto_tsquery',
  wfts: 'websearch_to_tsquery',
}
const literal = (text) => `'${text.replaceAll("'", "''")}'`
const isAggregate = (item) => typeof item === 'object'
const nameOf = (child) => child.alias ?? child.table
const clause = (word, between, parts) => {
  const some = parts.filter((part) => part !== undefined)
  return some.length ? ` ${word} ${some.join(between)}` : ''
}

function searchSql(field, type, { operator, config, value, negated }) {
  const first = config ? `${literal(config)}, ` : ''
  const vector = type === 'tsvector' ? field : `to_tsvector(${first}${field})`
  return `${negated ? 'not ' : ''}(${vector} @@ ${searches[operator]}(${first}${literal(value)}))`
}

class Writer {
  #types
  #count = 0

  constructor(types) {
    this.#types = types
  }

  /** The node's rows; `link(alias)` ties them to the row around them. */
  rows(node, link = () => undefined) {
    const alias = `a${++this.#count}`
    const joins = node.children.map((child) => this.#join(child, alias))
    const items = node.items.map((item) => this.#item(alias, item))
    const groups = node.items.filter((item) => !isAggregate(item)).map((item) => `${alias}.${item}`)
    const where = (node.where ?? []).map((condition) =>
      this.#condition(node, alias, joins, condition),
    )
    const order = (node.order ?? []).map((term) => this.#term(alias, joins, term))
    return [
      `select ${[...items, ...joins.flatMap((join) => join.items)].join(', ')}`,
      ` from ${node.table} ${alias} ${joins.map((join) => join.sql).join(' ')}`,
      clause('where', ' and ', [link(alias), ...joins.map((join) => join.where), ...where]),
      node.items.some(isAggregate) ? clause('group by', ', ', groups) : '',
      clause('order by', ', ', order),
      node.limit === undefined ? '' : ` limit ${node.limit}`,
      node.offset === undefined ? '' : ` offset ${node.offset}`,
    ].join('')
  }

  #item(alias, item) {
    if (!isAggregate(item)) return `${alias}.${item}`
    return `${item.name}(${item.of ? `${alias}.${item.of}` : '*'}) as ${item.name}`
  }

  #condition(node, alias, joins, condition) {
    if ('child' in condition)
      return `${joins[condition.child].body} is ${condition.negated ? 'not ' : ''}null`
    const type = this.#types[node.table][condition.column]
    if (searches[condition.operator])
      return searchSql(`${alias}.${condition.column}`, type?.sql, condition)
    return conditionSql(alias, this.#types[node.table], condition)
  }

  #term(alias, joins, { child, column, descending }) {
    const value = child === undefined ? `${alias}.${column}` : joins[child].value(column)
    return `${value} ${descending ? 'desc nulls first' : 'asc nulls last'}`
  }

  #join(child, parent) {
    const name = `j${++this.#count}`
    const { via } = child
    const link = (alias) =>
      via.junction
        ? `exists (select 1 from ${via.junction} z where z.${via.toFar} = ${alias}.id and z.${via.toNear} = ${parent}.id)`
        : `${alias}.${via.far} = ${parent}.${via.near}`
    const isEmpty = child.items.length + child.children.length === 0
    // What a relation without items joins still has to be there.
    const rows = this.rows(isEmpty ? { ...child, items: ['id'] } : child, link)
    const body = `${name}.body`
    const whole = child.kind === 'many' ? `coalesce(${body}, '[]')` : body
    return {
      sql: `left join lateral (select ${child.kind === 'many' ? 'json_agg(r)' : 'row_to_json(r)'} as body from (${rows}) r) ${name} on true`,
      where: child.inner ? `${body} is not null` : undefined,
      items: isEmpty
        ? []
        : child.spread
          ? child.items.map((item) => `${body} -> '${item}' as ${item}`)
          : [`${whole} as ${nameOf(child)}`],
      body,
      value: (column) => this.#related(child, link, column),
    }
  }

  /** A column of the one related row. */
  #related(child, link, column) {
    const rows = this.rows({ ...child, items: [column], children: [], where: [] }, link)
    return `(${rows})`
  }
}

/** The rows as one JSON text in column `body`; `types` are the columns of each table. */
export function embedSql(node, types) {
  const rows = new Writer(types).rows(node)
  return `select coalesce(json_agg(_rows), '[]')::text as body from (${rows}) _rows`
}

// --- The URL -------------------------------------------------------------------------------------

const aggregateText = ({ of, name }) => (of ? `${of}.${name}()` : `${name}()`)
const itemText = (item) => (isAggregate(item) ? aggregateText(item) : item)

function childText(child) {
  const alias = child.alias ? `${child.alias}:` : ''
  const hint = child.inner ? '!inner' : ''
  return `${child.spread ? '...' : alias}${child.table}${hint}(${selectText(child)})`
}

const selectText = (node) =>
  [...node.items.map(itemText), ...node.children.map(childText)].join(',')

function termText(node, { child, column, descending }) {
  const name = child === undefined ? column : `${nameOf(node.children[child])}(${column})`
  return name + (descending ? '.desc' : '')
}

function addParameters(parameters, node, prefix) {
  for (const condition of node.where ?? []) {
    const not = condition.negated ? 'not.' : ''
    if ('child' in condition)
      parameters.append(prefix + nameOf(node.children[condition.child]), `${not}is.null`)
    else for (const [name, text] of filterUrl([condition])) parameters.append(prefix + name, text)
  }
  const order = (node.order ?? []).map((term) => termText(node, term))
  if (order.length) parameters.append(`${prefix}order`, order.join(','))
  if (node.limit !== undefined) parameters.append(`${prefix}limit`, `${node.limit}`)
  if (node.offset !== undefined) parameters.append(`${prefix}offset`, `${node.offset}`)
  for (const child of node.children) addParameters(parameters, child, `${prefix}${nameOf(child)}.`)
}

/** What comes after /rest/v1/ for the same rows. */
export function embedUrl(node) {
  const parameters = new URLSearchParams({ select: selectText(node) })
  addParameters(parameters, node, '')
  return `${node.table}?${parameters}`
}
