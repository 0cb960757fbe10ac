/// Calls of functions: by every method, with every form of argument and of result.

import assert from 'node:assert/strict'
import path from 'node:path'
import { test } from 'node:test'
import { asAnybody, asPerson, person } from './clients.mjs'
import { checkExchange, refusal } from './exchange.mjs'
import { useServer } from './suite.mjs'

const project = path.join(import.meta.dirname, 'section4_project')
const held = useServer(async () => {}, { project })
const get = { get: true }

/// With the unmodified client.
const calls = [
  { why: 'a value', ask: (c) => c.rpc('add_them', { a: 1, b: 2 }), data: 3 },
  { why: 'a value by GET', ask: (c) => c.rpc('add_them', { a: 1, b: 2 }, get), data: 3 },
  { why: 'a default', ask: (c) => c.rpc('add_them', { a: 1 }), data: 11 },
  { why: 'a default by GET', ask: (c) => c.rpc('add_them', { a: 1 }, get), data: 11 },
  { why: 'arguments in another order', ask: (c) => c.rpc('add_them', { b: 5, a: 1 }), data: 6 },
  { why: 'a text', ask: (c) => c.rpc('greet', { who: 'Ann & Bob' }), data: 'hello Ann & Bob' },
  { why: 'a text by GET', ask: (c) => c.rpc('greet', { who: 'a=b&c' }, get), data: 'hello a=b&c' },
  {
    why: 'types by GET',
    ask: (c) => c.rpc('told', { flag: true, moment: '2026-01-02T03:04:05+02:00' }, get),
    data: 'true 2026-01-02 01:04:05+00',
  },
  { why: 'an array', ask: (c) => c.rpc('count_of', { items: ['a', 'b', 'c'] }), data: 3 },
  { why: 'an array by GET', ask: (c) => c.rpc('count_of', { items: ['a', 'b'] }, get), data: 2 },
  { why: 'an empty array by GET', ask: (c) => c.rpc('count_of', { items: [] }, get), data: 0 },
  {
    why: 'an object as argument',
    ask: (c) => c.rpc('as_json', { value: { k: [1] } }),
    data: { k: [1] },
  },
  { why: 'null as result', ask: (c) => c.rpc('no_value'), data: null },
  { why: 'nothing', ask: (c) => c.rpc('nothing'), status: 204, data: null },
  { why: 'nothing by GET', ask: (c) => c.rpc('nothing', {}, get), status: 204, data: null },
  {
    why: 'a set of values',
    ask: (c) => c.rpc('titles'),
    data: ['Cléo from 5 to 7', 'Rashomon', 'Ikiru', 'Lost'],
  },
  {
    why: 'a limited set of values',
    ask: (c) => c.rpc('titles').range(1, 2),
    data: ['Rashomon', 'Ikiru'],
  },
  {
    why: 'one row of a table is an object',
    ask: (c) => c.rpc('film_of', { wanted: 3 }),
    data: { id: 3, title: 'Ikiru', year: 1952, director_id: 2 },
  },
  {
    why: 'columns of one row',
    ask: (c) => c.rpc('film_of', { wanted: 3 }).select('title'),
    data: { title: 'Ikiru' },
  },
  {
    why: 'rows of a table of its own',
    ask: (c) => c.rpc('by_year', { since: 1952 }),
    data: [
      { year: 1952, title: 'Ikiru' },
      { year: 1962, title: 'Cléo from 5 to 7' },
    ],
  },
  {
    why: 'OUT parameters are an object',
    ask: (c) => c.rpc('both_ways', { a: 5 }),
    data: { doubled: 10, halved: 2.5 },
  },
  {
    why: 'filters and an order on rows',
    ask: (c) => c.rpc('all_films').select('id').gt('id', 1).not('year', 'is', null).order('year'),
    data: [{ id: 2 }, { id: 3 }],
  },
  {
    why: 'a filter by GET is no argument',
    ask: (c) => c.rpc('by_year', { since: 1900 }, get).eq('title', 'Ikiru'),
    data: [{ year: 1952, title: 'Ikiru' }],
  },
  {
    why: 'or on rows',
    ask: (c) => c.rpc('all_films').select('id').or('id.eq.1,id.eq.4').order('id'),
    data: [{ id: 1 }, { id: 4 }],
  },
  {
    why: 'limit',
    ask: (c) => c.rpc('all_films').select('id').order('id', { ascending: false }).limit(1),
    data: [{ id: 4 }],
  },
  {
    why: 'what belongs to the rows',
    ask: (c) => c.rpc('all_films').select('id, directors(name), actors(name)').eq('id', 1),
    data: [{ id: 1, directors: { name: 'Varda' }, actors: [{ name: 'Marchand' }] }],
  },
  {
    why: 'inner, and a filter on what belongs to them',
    ask: (c) => c.rpc('all_films').select('id, directors!inner()').eq('directors.country', 'FR'),
    data: [{ id: 1 }],
  },
  {
    why: 'spread',
    ask: (c) => c.rpc('all_films').select('id, ...directors(name)').eq('id', 2),
    data: [{ id: 2, name: 'Kurosawa' }],
  },
  {
    why: 'what belongs to one row',
    ask: (c) => c.rpc('film_of', { wanted: 1 }).select('directors(name)'),
    data: { directors: { name: 'Varda' } },
  },
  {
    why: 'single()',
    ask: (c) => c.rpc('all_films').select('id').eq('id', 2).single(),
    data: { id: 2 },
  },
  {
    why: 'maybeSingle() of none',
    ask: (c) => c.rpc('all_films').eq('id', 99).maybeSingle(),
    data: null,
  },
  {
    why: 'counted',
    ask: (c) => c.rpc('all_films', {}, { count: 'exact' }).select('id').limit(1),
    status: 206,
    data: [{ id: 1 }],
    count: 4,
  },
  {
    why: 'counted under a filter',
    ask: (c) => c.rpc('all_films', {}, { count: 'exact' }).select('id').lt('id', 3),
    data: [{ id: 1 }, { id: 2 }],
    count: 2,
  },
  {
    why: 'HEAD',
    ask: (c) => c.rpc('all_films', {}, { head: true, count: 'exact' }),
    data: null,
    count: 4,
  },
  {
    why: 'aggregates over rows',
    ask: (c) => c.rpc('all_films').select('year.max(), count()'),
    data: [{ max: 1962, count: 4 }],
  },
  {
    why: 'one of several by the names of the arguments',
    ask: (c) => c.rpc('chosen', { b: 'x' }),
    data: 'b',
  },
  {
    why: 'rows that the owner sees',
    ask: (c) => c.rpc('seen_by_owner'),
    data: [{ id: 1, word: 'secret' }],
  },
  { why: 'rows that the caller does not see', ask: (c) => c.rpc('seen_by_caller'), data: [] },
  {
    why: 'a function that writes',
    ask: (c) => c.rpc('put_place', { country: 'PE', city: 'Lima' }).rollback(),
    data: [{ country: 'PE', city: 'Lima', people: 0 }],
  },
  { why: 'which was undone', ask: (c) => c.from('places').select(), data: [] },
  {
    why: 'as many as maxAffected',
    ask: (c) => c.rpc('put_place', { country: 'PE', city: 'Lima' }).maxAffected(1).rollback(),
    data: [{ country: 'PE', city: 'Lima', people: 0 }],
  },
  { why: 'of another schema', ask: (c) => c.schema('lab').rpc('measure'), data: 42 },
]

for (const { why, ask, status = 200, data, count } of calls) {
  test(`call: ${why}`, async (t) => {
    const answer = await ask(asAnybody(t, held.server))
    assert.equal(answer.error, null, answer.error?.message)
    assert.deepEqual([answer.status, answer.data], [status, data])
    if (count !== undefined) assert.equal(answer.count, count)
  })
}

const searched = 'but no matches were found in the schema cache.'
const orBody = 'or with a single unnamed json/jsonb parameter'
const overload =
  'Try renaming the parameters or the function itself in the database so function overloading can be resolved'
const refusals = [
  {
    why: 'another name',
    ask: (c) => c.rpc('ad_them', { a: 1 }),
    status: 404,
    error: refusal(
      'PGRST202',
      'Could not find the function public.ad_them(a) in the schema cache',
      `Searched for the function public.ad_them with parameter a ${orBody}, ${searched}`,
      'Perhaps you meant to call the function public.add_them',
    ),
  },
  {
    why: 'one argument too many',
    ask: (c) => c.rpc('add_them', { a: 1, b: 2, c: 3 }),
    status: 404,
    error: refusal(
      'PGRST202',
      'Could not find the function public.add_them(a, b, c) in the schema cache',
      `Searched for the function public.add_them with parameters a, b, c ${orBody}, ${searched}`,
      'Perhaps you meant to call the function public.add_them(a, b)',
    ),
  },
  {
    why: 'no argument, by GET',
    ask: (c) => c.rpc('greet', {}, get),
    status: 404,
    error: refusal(
      'PGRST202',
      'Could not find the function public.greet without parameters in the schema cache',
      `Searched for the function public.greet without parameters, ${searched}`,
      'Perhaps you meant to call the function public.greet(who)',
    ),
  },
  {
    why: 'two that fit',
    ask: (c) => c.rpc('same', { arg: 1 }),
    status: 300,
    error: refusal(
      'PGRST203',
      'Could not choose the best candidate function between: public.same(arg => integer), public.same(arg => text)',
      null,
      overload,
    ),
  },
  {
    why: 'a value that is none of its type',
    ask: (c) => c.rpc('add_them', { a: 'x' }),
    status: 400,
    error: refusal('22P02', 'invalid input syntax for type integer: "x"'),
  },
  {
    why: 'a GET that writes',
    ask: (c) => c.rpc('put_place', { country: 'PE', city: 'Lima' }, get),
    status: 405,
    error: refusal('25006', 'cannot execute INSERT in a read-only transaction'),
  },
  {
    why: 'not granted',
    ask: (c) => c.rpc('not_for_anon'),
    status: 401,
    error: refusal('42501', 'permission denied for function not_for_anon'),
  },
  {
    why: 'an unknown column of its rows',
    ask: (c) => c.rpc('all_films').select('stars'),
    status: 400,
    code: '42703',
  },
  {
    why: 'no relation of its rows',
    ask: (c) => c.rpc('by_year', { since: 1 }).select('year, directors(name)'),
    status: 400,
    code: 'PGRST200',
  },
  {
    why: 'single() of several',
    ask: (c) => c.rpc('all_films').single(),
    status: 406,
    code: 'PGRST116',
  },
  {
    why: 'more than maxAffected',
    ask: (c) => c.rpc('all_films').maxAffected(3),
    status: 400,
    error: refusal(
      'PGRST124',
      'Query result exceeds max-affected preference constraint',
      'The query affects 4 rows',
    ),
  },
  {
    why: 'maxAffected of a value',
    ask: (c) => c.rpc('add_them', { a: 1 }).maxAffected(3),
    status: 400,
    error: refusal(
      'PGRST128',
      'Function must return SETOF or TABLE when max-affected preference is used with handling=strict',
    ),
  },
  {
    why: 'an exception with all it may say',
    ask: (c) => c.rpc('fail_with', { state: 'hint' }),
    status: 400,
    error: refusal('22023', 'broken', 'in detail', 'a hint'),
  },
  {
    why: 'an exception without a code',
    ask: (c) => c.rpc('fail_with', { state: 'plain' }),
    status: 400,
    error: refusal('P0001', 'plainly plain'),
  },
  {
    why: 'an exception that names the status',
    ask: (c) => c.rpc('fail_with', { state: 'teapot' }),
    status: 418,
    error: refusal('PT418', 'short and stout'),
  },
  {
    why: 'an exception of a constraint',
    ask: (c) => c.rpc('fail_with', { state: 'unique' }),
    status: 409,
    error: refusal('23505', 'taken'),
  },
]

for (const { why, ask, status, code, error } of refusals) {
  test(`call is refused: ${why}`, async (t) => {
    const answer = await ask(asAnybody(t, held.server))
    assert.equal(answer.status, status, answer.error?.message)
    if (error !== undefined) assert.deepEqual({ ...answer.error }, error)
    else assert.equal(answer.error.code, code)
  })
}

test('what is granted to the signed in is theirs', async (t) => {
  const granted = await asPerson(t, held.server, person()).rpc('not_for_anon')
  assert.deepEqual([granted.status, granted.error?.code, granted.data], [200, undefined, 1])
})

/// What the client does not send, or does not show.
const requests = [
  {
    why: 'the whole body as one json',
    ask: 'POST rpc/echo',
    body: '[1, {"a": null}]',
    json: [1, { a: null }],
  },
  { why: 'an object as one json', ask: 'POST rpc/echo', body: { k: 1 }, json: { k: 1 } },
  {
    why: 'the whole body as one text',
    ask: 'POST rpc/shout',
    headers: { 'Content-Type': 'text/plain' },
    body: 'quiet',
    json: 'QUIET',
  },
  {
    why: 'a form',
    ask: 'POST rpc/add_them',
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    body: 'a=1&b=2',
    json: 3,
  },
  {
    why: 'no body for no parameters',
    ask: 'POST rpc/titles?limit=1',
    json: ['Cléo from 5 to 7'],
    gives: { 'content-range': '0-0/*' },
  },
  {
    why: 'columns choose arguments',
    ask: 'POST rpc/add_them?columns=a',
    body: { a: 1, b: 2, c: 3 },
    json: 11,
  },
  {
    why: 'a value is one row, counted',
    ask: 'GET rpc/add_them?a=3&b=4',
    headers: { Prefer: 'count=exact' },
    json: 7,
    gives: { 'content-range': '0-0/1', 'content-type': 'application/json; charset=utf-8' },
  },
  {
    why: 'nothing has no type',
    ask: 'POST rpc/nothing',
    body: {},
    status: 204,
    text: '',
    gives: { 'content-type': null },
  },
  {
    why: 'HEAD',
    ask: 'HEAD rpc/all_films?id=lt.3',
    headers: { Prefer: 'count=exact' },
    text: '',
    gives: { 'content-range': '0-1/2', 'content-type': 'application/json; charset=utf-8' },
  },
  {
    why: 'a Range by GET',
    ask: 'GET rpc/all_films?select=id',
    headers: { Range: '1-2', Prefer: 'count=exact' },
    status: 206,
    json: [{ id: 2 }, { id: 3 }],
    gives: { 'content-range': '1-2/4' },
  },
  {
    why: 'no Range by POST',
    ask: 'POST rpc/all_films?select=id&limit=2',
    headers: { Range: '1-1', Prefer: 'count=exact' },
    body: {},
    status: 206,
    json: [{ id: 1 }, { id: 2 }],
    gives: { 'content-range': '0-1/4' },
  },
  {
    why: 'past the end',
    ask: 'GET rpc/all_films?offset=5',
    headers: { Prefer: 'count=exact' },
    status: 416,
    json: refusal(
      'PGRST103',
      'Requested range not satisfiable',
      'An offset of 5 was requested, but there are only 4 rows.',
    ),
    gives: { 'content-range': '*/4' },
  },
  {
    why: 'one row as CSV',
    ask: 'GET rpc/film_of?wanted=3',
    headers: { Accept: 'text/csv' },
    text: 'id,title,year,director_id\n3,Ikiru,1952,2',
  },
  {
    why: 'without nulls',
    ask: 'GET rpc/film_of?wanted=4',
    headers: { Accept: 'application/vnd.pgrst.object+json;nulls=stripped' },
    json: { id: 4, title: 'Lost' },
  },
  {
    why: 'a body that is no object',
    ask: 'POST rpc/add_them',
    body: '[1',
    status: 400,
    json: refusal('PGRST102', 'Empty or invalid json'),
  },
  {
    why: 'a text for a function without one',
    ask: 'POST rpc/titles',
    headers: { 'Content-Type': 'text/plain' },
    body: 'x',
    status: 404,
    json: refusal(
      'PGRST202',
      'Could not find the function public.titles in the schema cache',
      'Searched for the function public.titles with a single unnamed text parameter, but no matches were found in the schema cache.',
    ),
  },
  {
    why: 'a method that calls do not have',
    ask: 'PUT rpc/titles',
    body: {},
    status: 405,
    json: refusal('PGRST101', 'Cannot use the PUT method on RPC'),
  },
]

for (const row of requests) {
  test(`call: ${row.why}`, () => checkExchange(held.server, { status: 200, ...row }))
}
