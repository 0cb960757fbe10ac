import assert from 'node:assert/strict'
import { test } from 'node:test'
import { canonicalJson, sortedRows } from './json_text.mjs'
import { isKnownWriteDifference } from './known_differences.mjs'
import { usePostgres } from './postgres.mjs'
import { bothWith, rest } from './projects.mjs'
import { howMany, Random, seed } from './random.mjs'
import { excerpts } from './shrink.mjs'
import { writeRequest, writeSql } from './write_request.mjs'
import { writeSchema, writeTypes } from './write_schema.mjs'

const writeCount = howMany(1500)
const differencesShown = 15

/// For each column values that a client may send, the last ones wrong.
const values = {
  id: [1, 2, 3, 4, 5, 6, 7, 8, '9', 10, 'x', 1.5, null, true],
  owner_id: [1, 2, 3, 1, 2, 3, null, 99, 'one', {}],
  email: ['a@x', 'b@x', 'd@x', 'e@x', 'f@x', 'g@x', '', 7, null],
  name: ['Ann', '', null, 'Ärger', 'eight ch', 'nine char', 12],
  code: ['none', 'red', 'blue', 'green', 'x,y', "it's", 3, true, null],
  amount: [0, 1, 2.5, '3.999', 9999.99, 0.1, null, -1, 10000, 'many'],
  kind: ['small', 'large', 'small', 'large', 'medium', null, 5],
  tags: [[], ['a'], ['b', null], '{c,"d,e"}', null, [1, 2], 'x'],
  details: [{}, { a: 1 }, [1, 'x'], 'text', 5, true, { b: { c: null } }, null],
  seen: ['2026-08-21T10:11:12Z', '2026-01-02 03:04:05.678+02:00', null, 'now and then', 5],
  is_open: [true, false, 'yes', 'f', null, 1, 'perhaps'],
}

const held = usePostgres((postgres) => bothWith(postgres, writeSchema))
const service = { role: 'service_role' }
const random = new Random(seed + 2)

/** A value of `column`; wrong ones are rare, so that most writes come through. */
function aValueOf(column) {
  const list = values[column]
  const good = Math.ceil(list.length * 0.6)
  return random.chance(0.93) ? list[random.below(good)] : random.of(list)
}

const objectOf = (names) => Object.fromEntries(names.map((name) => [name, aValueOf(name)]))

function condition(table) {
  if (random.chance(0.7)) return { column: 'id', operator: 'eq', value: `${random.below(11)}` }
  const column = table === 'things' ? random.of(['owner_id', 'code', 'kind']) : 'name'
  const texts = { owner_id: ['1', '2'], code: ['red', 'none'], kind: ['small'], name: ['Ann'] }
  return { column, operator: random.of(['eq', 'neq']), value: random.of(texts[column]) }
}

function insertion(table) {
  const names = ['id', ...random.some(Object.keys(writeTypes[table]).slice(1), 0.7)]
  const count = random.chance(0.7) ? 1 : 2
  const rows = Array.from({ length: count }, () => objectOf(names))
  // Two rows of one key: refusals.test.mjs.
  if (rows[1] && ['id', 'email', 'code'].some((name) => rows[0][name] === rows[1][name])) rows.pop()
  const write = {
    method: 'POST',
    table,
    body: rows.length === 1 && random.chance(0.7) ? rows[0] : rows,
  }
  if (random.chance(0.4)) {
    write.resolution = random.of(['merge-duplicates', 'ignore-duplicates'])
    write.conflict = random.chance(0.8)
      ? ['id']
      : table === 'things'
        ? ['owner_id', 'code']
        : ['email']
  }
  return write
}

function anyWrite() {
  const table = random.chance(0.75) ? 'things' : 'owners'
  const dice = random.next()
  if (dice < 0.5) return insertion(table)
  const where = [condition(table)]
  if (dice > 0.88) return { method: 'DELETE', table, where }
  const names = random.some(Object.keys(writeTypes[table]), 0.3)
  return { method: 'PATCH', table, where, body: objectOf(names.length ? names : ['id']) }
}

const told = ({ code, message }) => `${code} ${message}`

async function onPostgres(write) {
  const { rows, error } = await held.prepared.database.as(
    service,
    writeSql(write, writeTypes[write.table]),
  )
  return error ? told(error) : sortedRows(canonicalJson(rows[0].body))
}

async function onDunlin(write) {
  const { target, options } = writeRequest(write)
  const { text, error } = await rest(held.prepared.server, service, target, options)
  return error ? told(error) : sortedRows(canonicalJson(text))
}

/** Everything in a table, on both sides. */
async function sameRows(table) {
  const [{ body }] = await held.prepared.database.run(
    `select coalesce(json_agg(t order by id), '[]')::text as body from ${table} t`,
  )
  const { text } = await rest(held.prepared.server, service, `${table}?order=id`)
  assert.equal(canonicalJson(text), canonicalJson(body), table)
}

test(`random writes leave what PostgreSQL leaves (DUNLIN_SEED=${seed})`, async () => {
  const differences = []
  for (let i = 0; i < writeCount && differences.length < differencesShown; i++) {
    const write = anyWrite()
    const expected = await onPostgres(write)
    const actual = await onDunlin(write)
    const differs = actual !== expected && !isKnownWriteDifference(expected, actual)
    if (differs) differences.push({ write: JSON.stringify(write), ...excerpts(expected, actual) })
  }
  assert.equal(differences.length, 0, JSON.stringify(differences, null, 1))
  await sameRows('owners')
  await sameRows('things')
})
