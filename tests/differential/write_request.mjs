/// A write as data, its HTTP request and the SQL that PostgREST makes of it.
///
/// write: { method: 'POST' | 'PATCH' | 'DELETE', table, body, where: [condition], conflict, resolution,
///          missingDefault, columns, minimal }

import { conditionSql, filterUrl } from './read_query.mjs'

const identifier = (name) => `"${name.replaceAll('"', '""')}"`
const literal = (text) => `'${text.replaceAll("'", "''")}'`
const namesOf = (body) => Object.keys((Array.isArray(body) ? body : [body])[0])

/** The body as rows of the table's types; a type's length is checked on the way into the column. */
function bodySql({ body, missingDefault }, types, names) {
  const rows = JSON.stringify(Array.isArray(body) ? body : [body])
  const record = names.map((name) => `${identifier(name)} ${types[name].sql.replace(/\(.*\)/, '')}`)
  const defaults = names.filter((name) => types[name].default)
  const filled = missingDefault
    ? `(select json_agg(jsonb_build_object(${defaults.map((name) => `${literal(name)}, ${types[name].default}`).join(', ')}) || row) from jsonb_array_elements(${literal(rows)}) row)`
    : literal(rows)
  return `json_to_recordset(${filled}) as _body(${record.join(', ')})`
}

function conflictSql({ conflict, resolution, body, columns }) {
  if (!resolution) return ''
  const names = columns ?? namesOf(body)
  const target = `on conflict (${conflict.map(identifier).join(', ')})`
  if (resolution === 'ignore-duplicates') return `${target} do nothing`
  const sets = names.map((name) => `${identifier(name)} = excluded.${identifier(name)}`)
  return `${target} do update set ${sets.join(', ')}`
}

function whereSql({ table, where = [] }, types) {
  if (where.length === 0) return ''
  return `where ${where.map((condition) => conditionSql(table, types, condition)).join(' and ')}`
}

function statementSql(write, types) {
  const table = `"public".${identifier(write.table)}`
  if (write.method === 'DELETE') return `delete from ${table} ${whereSql(write, types)}`
  const names = write.columns ?? namesOf(write.body)
  const from = bodySql(write, types, names)
  if (write.method === 'PATCH') {
    const sets = names.map((name) => `${identifier(name)} = _body.${identifier(name)}`)
    return `update ${table} set ${sets.join(', ')} from ${from} ${whereSql(write, types)}`
  }
  const list = names.map(identifier).join(', ')
  const values = names.map((name) => `_body.${identifier(name)}`).join(', ')
  return `insert into ${table} (${list}) select ${values} from ${from} ${conflictSql(write)}`
}

/** The rows it wrote as one JSON text in column `body`; nothing of them is read when `minimal`. */
export function writeSql(write, types) {
  if (write.minimal)
    return `with _written as (${statementSql(write, types)} returning 1) select '' as body`
  const returning = `returning "public".${identifier(write.table)}.*`
  return `with _written as (${statementSql(write, types)} ${returning})
    select coalesce(json_agg(_written), '[]')::text as body from _written`
}

/** What comes after /rest/v1/, and the options of fetch. */
export function writeRequest(write) {
  const {
    method,
    table,
    body,
    where = [],
    conflict,
    resolution,
    missingDefault,
    columns,
    minimal,
  } = write
  const parameters = filterUrl(where)
  if (columns) parameters.append('columns', columns.map(identifier).join(','))
  if (resolution) parameters.append('on_conflict', conflict.join(','))
  const prefer = [minimal ? 'return=minimal' : 'return=representation']
  if (resolution) prefer.push(`resolution=${resolution}`)
  if (missingDefault) prefer.push('missing=default')
  const options = { method, headers: { prefer: prefer.join(',') } }
  if (body !== undefined) options.body = JSON.stringify(body)
  return { target: `${table}?${parameters}`, options }
}
