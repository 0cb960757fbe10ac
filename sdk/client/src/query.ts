/// What a live query asks, in one form for all ways to write it.

import type { Binding } from './change.ts'
import { type Condition, conditionsOf, liveFilterOf } from './filter.ts'
import { type OrderTerm, orderOf, orderText } from './order.ts'

/** A query in plain words. `Name` are the tables' names. */
export interface LiveQueryDescription<Name extends string = string> {
  readonly table: Name
  /** Default: `public`. */
  readonly schema?: string
  /** As in the REST API. Default: `*`. */
  readonly select?: string
  /** As in `postgres_changes`: `status=eq.open,price=gt.5`; or `postgresChangesFilter()` of supabase-js. */
  readonly filter?: string | { build(): string }
  /** As in the REST API: `name.asc,id.desc.nullslast`. Default: by the key. */
  readonly order?: string
  readonly limit?: number
  /** The columns of the primary key. Default: `['id']`. */
  readonly key?: readonly string[]
  /** Further tables after whose changes the rows are read again: those that the select embeds. */
  readonly watch?: readonly string[]
}

/** What else to say of a query that is given as a builder of supabase-js. */
export type LiveQueryOptions = Pick<LiveQueryDescription, 'key' | 'watch'>

/** `client.from('notes').select()…`, not awaited. */
export interface QueryBuilder<Result = unknown> {
  then(
    onfulfilled: (answer: { data: Result | null; error: unknown }) => unknown,
    onrejected?: (reason: unknown) => unknown,
  ): PromiseLike<unknown>
}

/**
 * apply: changes are applied to the rows one by one. reread: after a change the rows are read again,
 * because only the server can tell what it means for them.
 */
export type Mode = 'apply' | 'reread'

export interface Plan {
  /** Equal queries have equal ids. */
  readonly id: string
  readonly table: string
  readonly schema: string
  /** Below the server's URL. */
  readonly path: string
  readonly mode: Mode
  readonly key: readonly string[]
  readonly order: readonly OrderTerm[]
  readonly limit: number | undefined
  /** The query's own table first. */
  readonly bindings: readonly Binding[]
}

interface Parts {
  readonly table: string
  readonly schema: string
  readonly select: string
  readonly conditions: readonly Condition[]
  /** Parameters that are neither conditions nor named here, such as an embedded table's order. */
  readonly others: readonly Condition[]
  readonly order: string
  readonly limit: number | undefined
  readonly offset: number
  readonly key: readonly string[]
  readonly watch: readonly string[]
}

const defaultKey = ['id']
const plainColumns = /^[\p{L}_][\p{L}\p{N}_]*(,[\p{L}_][\p{L}\p{N}_]*)*$/u

/** Throws a TypeError when the query cannot be a live one. */
export function planOf(
  query: LiveQueryDescription | QueryBuilder,
  options: LiveQueryOptions,
): Plan {
  return plan('then' in query ? partsOfBuilder(query, options) : partsOfDescription(query))
}

function partsOfDescription(query: LiveQueryDescription): Parts {
  const { filter = '' } = query
  return {
    table: query.table,
    schema: query.schema ?? 'public',
    select: (query.select ?? '*').replaceAll(/\s/g, ''),
    conditions: conditionsOf(typeof filter === 'string' ? filter : filter.build()),
    others: [],
    order: query.order ?? '',
    limit: query.limit,
    offset: 0,
    key: query.key ?? defaultKey,
    watch: query.watch ?? [],
  }
}

/** The fields that every builder of postgrest-js has, though its types call them protected. */
interface BuilderFields {
  readonly method: string
  readonly url: URL
  readonly headers: Headers
  readonly schema?: string
  readonly isMaybeSingle?: boolean
}

function partsOfBuilder(builder: QueryBuilder, options: LiveQueryOptions): Parts {
  const { method, url, headers, schema, isMaybeSingle } = builder as unknown as BuilderFields
  const path = /\/rest\/v1\/([^/]+)$/.exec(url.pathname)?.[1]
  if (path === undefined || method !== 'GET')
    throw new TypeError('a live query is a select from a table or view')
  if (isMaybeSingle === true || headers.get('Accept')?.includes('vnd.pgrst.object'))
    throw new TypeError('a live query has a list of rows: leave out single() and maybeSingle()')
  const parameters = [...url.searchParams]
  const named = new Set(['select', 'order', 'limit', 'offset'])
  const text = (name: string) => url.searchParams.get(name)
  const limit = text('limit')
  return {
    table: decodeURIComponent(path),
    schema: schema ?? 'public',
    select: text('select') ?? '*',
    conditions: parameters.filter(([name]) => !named.has(name) && !name.includes('.')),
    others: parameters.filter(([name]) => name.includes('.')),
    order: text('order') ?? '',
    limit: limit === null ? undefined : Number(limit),
    offset: Number(text('offset') ?? 0),
    key: options.key ?? defaultKey,
    watch: options.watch ?? [],
  }
}

function plan(parts: Parts): Plan {
  const { table, schema, limit, watch } = parts
  const asked = orderOf(parts.order)
  const filter = liveFilterOf(parts.conditions)
  const isPlain =
    asked !== undefined &&
    filter !== undefined &&
    (parts.select === '*' || plainColumns.test(parts.select)) &&
    parts.others.length === 0 &&
    parts.offset === 0 &&
    watch.length === 0
  if (!isPlain) return finish(parts, 'reread', parts.select, parts.order, [], [{ table, schema }])
  // With the key at its end the order leaves nothing open, here as on the server.
  const order = [...asked, ...keyTerms(parts.key, asked)]
  const select = parts.select === '*' ? undefined : withColumns(parts.select, order)
  const own = {
    table,
    schema,
    ...(filter === '' ? {} : { filter }),
    ...(select === undefined ? {} : { select }),
  }
  const text = select?.join(',') ?? '*'
  return { ...finish(parts, 'apply', text, orderText(order), order, [own]), limit }
}

function finish(
  parts: Parts,
  mode: Mode,
  select: string,
  orderParameter: string,
  order: readonly OrderTerm[],
  own: readonly Omit<Binding, 'event'>[],
): Plan {
  const { table, schema, limit, offset } = parts
  const query = new URLSearchParams({ select })
  for (const [name, value] of [...parts.conditions, ...parts.others]) query.append(name, value)
  if (orderParameter !== '') query.set('order', orderParameter)
  if (limit !== undefined) query.set('limit', String(limit))
  if (offset > 0) query.set('offset', String(offset))
  const path = `rest/v1/${encodeURIComponent(table)}?${query}`
  const watched = parts.watch.map((name) => ({ schema, table: name }))
  return {
    id: JSON.stringify([schema, path, parts.key, parts.watch]),
    table,
    schema,
    path,
    mode,
    key: mode === 'apply' ? parts.key : [],
    order,
    limit,
    bindings: [...own, ...watched].map((binding) => ({ event: '*', ...binding })),
  }
}

function keyTerms(key: readonly string[], order: readonly OrderTerm[]): OrderTerm[] {
  return key
    .filter((column) => order.every((term) => term.column !== column))
    .map((column) => ({ column, isDescending: false, areNullsFirst: false }))
}

function withColumns(select: string, order: readonly OrderTerm[]): string[] {
  return [...new Set([...select.split(','), ...order.map(({ column }) => column)])]
}
