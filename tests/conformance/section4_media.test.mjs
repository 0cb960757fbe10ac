/// The forms of an answer: arrays, one object, without nulls, CSV, plans, the OpenAPI document, and what is refused.

import assert from 'node:assert/strict'
import path from 'node:path'
import { test } from 'node:test'
import { asAnybody } from './clients.mjs'
import { checkExchange, refusal } from './exchange.mjs'
import { useServer } from './suite.mjs'

const project = path.join(import.meta.dirname, 'section4_project')
const held = useServer(async () => {}, { project })

/// With the unmodified client.
const answers = [
  {
    why: 'single() is an object',
    ask: (c) => c.from('films').select('id').eq('id', 1).single(),
    data: { id: 1 },
  },
  {
    why: 'maybeSingle() of one',
    ask: (c) => c.from('films').select('id').eq('id', 1).maybeSingle(),
    data: { id: 1 },
  },
  {
    why: 'maybeSingle() of none',
    ask: (c) => c.from('films').select('id').eq('id', 99).maybeSingle(),
    data: null,
  },
  {
    why: 'nulls stripped from an array, and from what is embedded and in JSON',
    ask: (c) => c.from('films').select('id, year, directors(country)').eq('id', 4).stripNulls(),
    data: [{ id: 4 }],
  },
  {
    why: 'nulls stripped inside of JSON',
    ask: (c) => c.from('things').select('id, data').eq('id', 3).stripNulls(),
    data: [{ id: 3, data: {} }],
  },
  {
    why: 'nulls stripped from an object',
    ask: (c) => c.from('films').select('id, year').eq('id', 4).single().stripNulls(),
    data: { id: 4 },
  },
  {
    why: 'CSV quotes what it has to',
    ask: (c) => c.from('things').select('id,word').in('id', [2, 3]).order('id').csv(),
    data: 'id,word\n2,"A cat, a dog"\n3,"Dogs and 100% ""cats"""',
  },
  {
    why: 'CSV of nulls, arrays and booleans',
    ask: (c) => c.from('things').select('ok,tags,born').in('id', [1, 4]).order('id').csv(),
    data: 'ok,tags,born\nt,"{a,b}",2001-01-01\nt,,2001-01-01',
  },
  {
    why: 'CSV of a write',
    ask: (c) => c.from('goods').insert({ id: 1 }).select('id,name').csv().rollback(),
    data: 'id,name\n1,unnamed',
  },
  {
    why: 'head: only a count',
    ask: (c) => c.from('films').select('*', { head: true, count: 'exact' }),
    data: null,
    count: 4,
  },
  {
    why: 'CSV of a call',
    ask: (c) => c.rpc('by_year', { since: 1952 }).csv(),
    data: 'year,title\n1952,Ikiru\n1962,"Cléo from 5 to 7"',
  },
]

for (const { why, ask, data, count } of answers) {
  test(`form: ${why}`, async (t) => {
    const answer = await ask(asAnybody(t, held.server))
    assert.equal(answer.error, null)
    assert.deepEqual(answer.data, data)
    if (count !== undefined) assert.equal(answer.count, count)
  })
}

const notOne = (rows) =>
  refusal(
    'PGRST116',
    'Cannot coerce the result to a single JSON object',
    `The result contains ${rows} rows`,
  )
const refusals = [
  {
    why: 'single() of none',
    ask: (c) => c.from('films').select().eq('id', 99).single(),
    error: notOne(0),
  },
  { why: 'single() of several', ask: (c) => c.from('films').select().single(), error: notOne(4) },
  {
    why: 'single() of a write of several',
    ask: (c) => c.from('films').update({ year: 1 }).gt('id', 1).select().single(),
    error: notOne(3),
  },
  { why: 'single() of a call', ask: (c) => c.rpc('all_films').single(), error: notOne(4) },
  {
    why: 'maybeSingle() of several, which the client says itself',
    ask: (c) => c.from('films').select().maybeSingle(),
    error: refusal(
      'PGRST116',
      'JSON object requested, multiple (or no) rows returned',
      'Results contain 4 rows, application/vnd.pgrst.object+json requires 1 row',
    ),
  },
  {
    why: 'GeoJSON',
    ask: (c) => c.from('films').select().geojson(),
    error: refusal(
      'PGRST107',
      'None of these media types are available: application/geo+json',
      'GeoJSON needs geometry columns, which this server does not have.',
    ),
  },
]

for (const { why, ask, error } of refusals) {
  test(`no such form: ${why}`, async (t) => {
    const answer = await ask(asAnybody(t, held.server))
    assert.equal(answer.status, 406)
    assert.deepEqual({ ...answer.error }, error)
  })
}

test('a refused write has changed nothing', async (t) => {
  const { count } = await asAnybody(t, held.server)
    .from('films')
    .select('*', { count: 'exact', head: true })
    .eq('year', 1)
  assert.equal(count, 0)
})

test('explain() of reads, writes and a format', async (t) => {
  const client = asAnybody(t, held.server)
  const text = await client.from('films').select().eq('id', 1).explain()
  assert.equal(text.error, null)
  assert.match(text.data, /films/)
  const json = await client.from('films').select().explain({ format: 'json', analyze: true })
  assert.equal(json.error, null)
  assert.ok(json.data[0].Plan)
  const write = await client.from('films').delete().eq('id', 1).explain()
  assert.equal(write.error, null)
  const { data } = await client.from('films').select('id').eq('id', 1)
  assert.deepEqual(data, [{ id: 1 }])
})

const json = 'application/json; charset=utf-8'
const object = 'application/vnd.pgrst.object+json'
const array = 'application/vnd.pgrst.array+json'
const rest = [
  { why: 'anything is JSON', accept: '*/*', type: json, text: '[{"id":1}]' },
  { why: 'a kind of application', accept: 'application/*', type: json, text: '[{"id":1}]' },
  { why: 'an array by its name', accept: array, type: json, text: '[{"id":1}]' },
  { why: 'one object', accept: object, type: `${object}; charset=utf-8`, text: '{"id":1}' },
  {
    why: 'one object without nulls',
    accept: `${object};nulls=stripped`,
    type: `${object};nulls=stripped; charset=utf-8`,
    text: '{"id":1}',
  },
  {
    why: 'an array without nulls',
    accept: `${array};nulls=stripped`,
    type: `${array};nulls=stripped; charset=utf-8`,
    text: '[{"id":1}]',
  },
  { why: 'CSV', accept: 'text/csv', type: 'text/csv; charset=utf-8', text: 'id\n1' },
  {
    why: 'the first of several that there is',
    accept: 'text/html, text/csv, application/json',
    type: 'text/csv; charset=utf-8',
    text: 'id\n1',
  },
  {
    why: 'the one of the best quality',
    accept: 'text/csv;q=0.5, application/json;q=0.9',
    type: json,
    text: '[{"id":1}]',
  },
  {
    why: 'what a browser asks',
    accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
    type: json,
    text: '[{"id":1}]',
  },
]

for (const { why, accept, type, text } of rest) {
  test(`accept: ${why}`, () =>
    checkExchange(held.server, {
      ask: 'GET films?select=id&id=eq.1',
      headers: { Accept: accept },
      status: 200,
      text,
      gives: { 'content-type': type },
    }))
}

const openapi = 'application/openapi+json; charset=utf-8'
const bodies = [
  {
    why: 'no acceptable type',
    ask: 'GET films',
    headers: { Accept: 'text/html, image/png' },
    status: 406,
    json: refusal('PGRST107', 'None of these media types are available: text/html, image/png'),
    gives: { 'proxy-status': 'PostgREST; error=PGRST107', 'content-type': json },
  },
  {
    why: 'a write with no acceptable type is not made',
    ask: 'POST goods',
    headers: { Accept: 'image/png' },
    body: { id: 77 },
    status: 406,
  },
  { why: 'it was not', ask: 'GET goods?id=eq.77', status: 200, json: [] },
  {
    why: 'a body of an unknown type',
    ask: 'POST goods',
    headers: { 'Content-Type': 'application/xml' },
    body: '<id>1</id>',
    status: 415,
    json: refusal('PGRST102', 'Content-Type not acceptable: application/xml'),
  },
  {
    why: 'a body of CSV',
    ask: 'POST goods?select=id,name,price',
    headers: { 'Content-Type': 'text/csv', Prefer: 'return=representation, tx=rollback' },
    body: 'id,name,price\n1,"a, b",1.5\n2,c,NULL\n',
    status: 201,
    json: [
      { id: 1, name: 'a, b', price: 1.5 },
      { id: 2, name: 'c', price: null },
    ],
  },
  {
    why: 'a body of CSV with a short line',
    ask: 'POST goods',
    headers: { 'Content-Type': 'text/csv' },
    body: 'id,name\n1\n',
    status: 400,
    json: refusal('PGRST102', 'All lines must have same number of fields'),
  },
  {
    why: 'a form',
    ask: 'POST goods?select=id,name',
    headers: {
      'Content-Type': 'application/x-www-form-urlencoded',
      Prefer: 'return=representation, tx=rollback',
    },
    body: 'id=1&name=a+b%26c',
    status: 201,
    json: [{ id: 1, name: 'a b&c' }],
  },
  {
    why: 'a charset is no other type',
    ask: 'POST goods?select=id',
    headers: {
      'Content-Type': 'application/json; charset=utf-8',
      Prefer: 'return=representation, tx=rollback',
    },
    body: { id: 1 },
    status: 201,
    json: [{ id: 1 }],
  },
  { why: 'the document at the root', ask: 'GET ', status: 200, gives: { 'content-type': openapi } },
  {
    why: 'the document as JSON',
    ask: 'GET ',
    headers: { Accept: 'application/json' },
    status: 200,
    gives: { 'content-type': json },
  },
  {
    why: 'the document is no CSV',
    ask: 'GET ',
    headers: { Accept: 'text/csv' },
    status: 406,
    json: refusal('PGRST107', 'None of these media types are available: text/csv'),
  },
]

for (const row of bodies) {
  test(`bodies: ${row.why}`, () => checkExchange(held.server, row))
}

test('the document names tables, columns and functions', async (t) => {
  const client = asAnybody(t, held.server)
  const { data, error } = await client.rest.getOpenApiSpec()
  assert.equal(error, null)
  assert.equal(data.swagger, '2.0')
  assert.ok(data.paths['/films'] && data.paths['/rpc/add_them'])
  assert.deepEqual(Object.keys(data.definitions.films.properties), [
    'id',
    'title',
    'year',
    'director_id',
  ])
  assert.equal(data.paths['/rpc/not_for_anon'], undefined)
})
