/// The SQL of short requests: `table?column=op.value&order=…` on one table, and calls of functions.

import { readSql } from './read_query.mjs'
import { writeSql } from './write_request.mjs'

/** The columns of every table of `public` with their types, as {table: {column: {sql}}}. */
export async function callTypes(database) {
  const rows = await database.run(`
    select c.relname, a.attname, format_type(a.atttypid, a.atttypmod) as type
    from pg_class c join pg_attribute a on a.attrelid = c.oid
    where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped`)
  const types = {}
  for (const { relname, attname, type } of rows) {
    types[relname] ??= {}
    types[relname][attname] = { sql: type }
  }
  return types
}

/** The query behind a target that has filters of one word, `select` of plain columns and `order`. */
function queryOf(target) {
  const [table, parameters = ''] = target.split('?')
  const query = { table, select: [], where: [], order: [] }
  for (const [name, text] of new URLSearchParams(parameters)) {
    if (name === 'select') query.select = text.split(',').map((column) => ({ column }))
    else if (name === 'order') query.order = text.split(',').map((column) => ({ column }))
    else {
      const dot = text.indexOf('.')
      query.where.push({ column: name, operator: text.slice(0, dot), value: text.slice(dot + 1) })
    }
  }
  return query
}

/** The statement that PostgREST would send for the request. */
export function targetSql(types, method, target, body) {
  const query = queryOf(target)
  if (method === '') return readSql(query, types[query.table])
  return writeSql({ ...query, method, body }, types[query.table])
}

const argument = (value) => {
  if (value === null) return 'null'
  if (Array.isArray(value)) return `'{${value.join(',')}}'`
  return `'${String(value).replaceAll("'", "''")}'`
}

/** A call as PostgREST makes it: named arguments, the result as one JSON text in column `body`. */
export function callSql({ name, arguments: given = {}, shape }) {
  const list = Object.entries(given).map(([key, value]) => `"${key}" := ${argument(value)}`)
  const call = `"public"."${name}"(${list.join(', ')})`
  if (shape === 'list') return `select coalesce(json_agg(_), '[]')::text as body from ${call} _`
  if (shape === 'values') return `select coalesce(json_agg(_), '[]')::text as body from ${call} _`
  if (shape === 'row') return `select row_to_json(_)::text as body from ${call} _`
  return `select to_json(_)::text as body from (select ${call}) as value(_)`
}
