/// Every form of a write: its status, what it gives back and what it leaves behind.

import assert from 'node:assert/strict'
import path from 'node:path'
import { beforeEach, test } from 'node:test'
import { asAnybody } from './clients.mjs'
import { checkExchange, refusal } from './exchange.mjs'
import { useServer } from './suite.mjs'

const project = path.join(import.meta.dirname, 'section4_project')
const held = useServer(async () => {}, { project })

const start = [
  { id: 1, code: 'a', name: 'Assam', price: 3.5, stock: 4, director_id: 1 },
  { id: 2, code: 'b', name: 'Ceylon', price: 4, stock: 0, director_id: 2 },
  { id: 3, code: null, name: 'Mate', price: null, stock: null, director_id: null },
]
const [assam, ceylon, mate] = start
const anybody = () => asAnybody({ after() {} }, held.server)

beforeEach(async () => {
  await anybody().from('goods').delete().gte('id', 0)
  const { error } = await anybody().from('goods').insert(start)
  assert.equal(error, null)
})

/// `left` is what the table has then; without it, what it had before.
const writes = [
  {
    why: 'one row, nothing back',
    ask: (q) => q.insert({ id: 4, name: 'Mint' }),
    status: 201,
    data: null,
    left: [...start, { id: 4, code: null, name: 'Mint', price: null, stock: 1, director_id: null }],
  },
  {
    why: 'one row, all of it back',
    ask: (q) => q.insert({ id: 4 }).select().rollback(),
    status: 201,
    data: [{ id: 4, code: null, name: 'unnamed', price: null, stock: 1, director_id: null }],
  },
  {
    why: 'one row as an object',
    ask: (q) => q.insert({ id: 4 }).select('id').single().rollback(),
    status: 201,
    data: { id: 4 },
  },
  {
    why: 'some columns, aliases, casts and relations back',
    ask: (q) =>
      q.insert({ id: 4, director_id: 2 }).select('key:id::text, directors(name)').rollback(),
    status: 201,
    data: [{ key: '4', directors: { name: 'Kurosawa' } }],
  },
  {
    why: 'several rows of one shape',
    ask: (q) =>
      q
        .insert([{ id: 5 }, { id: 4 }])
        .select('id')
        .rollback(),
    status: 201,
    data: [{ id: 5 }, { id: 4 }],
  },
  {
    why: 'rows of several shapes: what is missing is null',
    ask: (q) =>
      q
        .insert([
          { id: 4, stock: 7 },
          { id: 5, price: 1 },
        ])
        .select('id,stock')
        .rollback(),
    status: 201,
    data: [
      { id: 4, stock: 7 },
      { id: 5, stock: null },
    ],
  },
  {
    why: 'rows of several shapes: what is missing has its default',
    ask: (q) =>
      q
        .insert(
          [
            { id: 4, stock: 7 },
            { id: 5, name: 'Mint' },
          ],
          { defaultToNull: false },
        )
        .select('id,name,stock')
        .rollback(),
    status: 201,
    data: [
      { id: 4, name: 'unnamed', stock: 7 },
      { id: 5, name: 'Mint', stock: 1 },
    ],
  },
  {
    why: 'no rows',
    ask: (q) => q.insert([]).select(),
    status: 201,
    data: [],
  },
  {
    why: 'a counted insert',
    ask: (q) => q.insert([{ id: 4 }, { id: 5 }], { count: 'exact' }).rollback(),
    status: 201,
    data: null,
    count: 2,
  },
  {
    why: 'a key twice, and nothing of its neighbours',
    ask: (q) => q.insert([{ id: 4 }, { id: 1 }]),
    status: 409,
    code: '23505',
  },
  {
    why: 'an upsert that adds',
    ask: (q) => q.upsert({ id: 4, name: 'Mint' }).select('id,name').rollback(),
    status: 201,
    data: [{ id: 4, name: 'Mint' }],
  },
  {
    why: 'an upsert that replaces what it names',
    ask: (q) => q.upsert({ id: 1, name: 'New' }).select(),
    status: 200,
    data: [{ ...assam, name: 'New' }],
    left: [{ ...assam, name: 'New' }, ceylon, mate],
  },
  {
    why: 'an upsert of both, counted',
    ask: (q) =>
      q
        .upsert(
          [
            { id: 1, name: 'x' },
            { id: 4, name: 'y' },
          ],
          { count: 'exact' },
        )
        .select('id,name')
        .rollback(),
    status: 201,
    data: [
      { id: 1, name: 'x' },
      { id: 4, name: 'y' },
    ],
    count: 2,
  },
  {
    why: 'an upsert by another key',
    ask: (q) =>
      q.upsert({ id: 2, code: 'b', name: 'By code' }, { onConflict: 'code' }).select('id,name'),
    status: 200,
    data: [{ id: 2, name: 'By code' }],
    left: [assam, { ...ceylon, name: 'By code' }, mate],
  },
  {
    why: 'an upsert by another key that breaks the first',
    ask: (q) => q.upsert({ id: 1, code: 'z' }, { onConflict: 'code' }),
    status: 409,
    code: '23505',
  },
  {
    why: 'an upsert that leaves alone gives only what is new',
    ask: (q) =>
      q
        .upsert(
          [
            { id: 1, name: 'x' },
            { id: 4, name: 'y' },
          ],
          { ignoreDuplicates: true },
        )
        .select('id'),
    status: 201,
    data: [{ id: 4 }],
    left: [...start, { id: 4, code: null, name: 'y', price: null, stock: 1, director_id: null }],
  },
  {
    why: 'an upsert with defaults',
    ask: (q) =>
      q
        .upsert([{ id: 1 }, { id: 4, stock: 9 }], { defaultToNull: false })
        .select('id,stock')
        .rollback(),
    status: 201,
    data: [
      { id: 1, stock: 1 },
      { id: 4, stock: 9 },
    ],
  },
  {
    why: 'an upsert by columns without a constraint',
    ask: (q) => q.upsert({ id: 4, name: 'x' }, { onConflict: 'name' }),
    status: 400,
    code: '42P10',
  },
  {
    why: 'an update, nothing back',
    ask: (q) => q.update({ stock: 5 }).eq('id', 1),
    status: 204,
    data: null,
    left: [{ ...assam, stock: 5 }, ceylon, mate],
  },
  {
    why: 'an update with its relations',
    ask: (q) => q.update({ director_id: 2 }).eq('id', 1).select('id, directors(name)').rollback(),
    status: 200,
    data: [{ id: 1, directors: { name: 'Kurosawa' } }],
  },
  {
    why: 'an update of nothing',
    ask: (q) => q.update({ stock: 5 }).eq('id', 99).select(),
    status: 200,
    data: [],
  },
  {
    why: 'an update of nothing, nothing back',
    ask: (q) => q.update({ stock: 5 }).eq('id', 99),
    status: 204,
    data: null,
  },
  {
    why: 'an update without columns',
    ask: (q) => q.update({}).eq('id', 1).select(),
    status: 200,
    data: [],
  },
  {
    why: 'an update by two filters',
    ask: (q) => q.update({ stock: 5 }, { count: 'exact' }).gte('price', 3).lt('price', 4),
    status: 204,
    data: null,
    count: 1,
    left: [{ ...assam, stock: 5 }, ceylon, mate],
  },
  {
    why: 'an update by or',
    ask: (q) => q.update({ stock: 5 }).or('id.eq.2,price.is.null').select('id').rollback(),
    status: 200,
    data: [{ id: 2 }, { id: 3 }],
  },
  {
    why: 'an update by what it embeds is one of all rows',
    ask: (q) =>
      q
        .update({ stock: 5 })
        .gt('id', 1)
        .select('id, directors(name)')
        .eq('directors.name', 'Nobody')
        .rollback(),
    status: 200,
    data: [
      { id: 2, directors: null },
      { id: 3, directors: null },
    ],
  },
  {
    why: 'an update of the key',
    ask: (q) => q.update({ id: 9 }).eq('id', 1).select('id').rollback(),
    status: 200,
    data: [{ id: 9 }],
  },
  {
    why: 'an update that breaks a check',
    ask: (q) => q.update({ price: -1 }).eq('id', 1),
    status: 400,
    code: '23514',
  },
  {
    why: 'rows come back in the order asked for',
    ask: (q) =>
      q.update({ stock: 5 }).gte('id', 1).select('id').order('id', { ascending: false }).rollback(),
    status: 200,
    data: [{ id: 3 }, { id: 2 }, { id: 1 }],
  },
  {
    why: 'a limited update takes the first by its order',
    ask: (q) => q.update({ stock: 5 }).gte('id', 1).order('id').limit(1).select('id'),
    status: 200,
    data: [{ id: 1 }],
    left: [{ ...assam, stock: 5 }, ceylon, mate],
  },
  {
    why: 'a limited delete',
    ask: (q) => q.delete().gte('id', 1).order('id', { ascending: false }).limit(2).select('id'),
    status: 200,
    data: [{ id: 3 }, { id: 2 }],
    left: [assam],
  },
  {
    why: 'a limit without an order',
    ask: (q) => q.delete().gte('id', 1).limit(1),
    status: 400,
    code: 'PGRST109',
  },
  {
    why: 'a delete, nothing back',
    ask: (q) => q.delete().eq('id', 3),
    status: 204,
    data: null,
    left: [assam, ceylon],
  },
  {
    why: 'a delete, rows back',
    ask: (q) => q.delete({ count: 'exact' }).gt('id', 1).select('id,name'),
    status: 200,
    data: [
      { id: 2, name: 'Ceylon' },
      { id: 3, name: 'Mate' },
    ],
    count: 2,
    left: [assam],
  },
  {
    why: 'a delete with what belonged to it',
    ask: (q) => q.delete().eq('id', 1).select('id, directors(name)').rollback(),
    status: 200,
    data: [{ id: 1, directors: { name: 'Varda' } }],
  },
  {
    why: 'a delete of nothing',
    ask: (q) => q.delete().eq('id', 99).select(),
    status: 200,
    data: [],
  },
  {
    why: 'more than maxAffected',
    ask: (q) => q.update({ stock: 5 }).gte('id', 1).maxAffected(2),
    status: 400,
    code: 'PGRST124',
  },
  {
    why: 'as many as maxAffected',
    ask: (q) => q.delete().gt('id', 1).maxAffected(2),
    status: 204,
    data: null,
    left: [assam],
  },
  {
    why: 'single() of two undoes them',
    ask: (q) => q.delete().gt('id', 1).select().single(),
    status: 406,
    code: 'PGRST116',
  },
]

for (const { why, ask, status, data, count, code, left = start } of writes) {
  test(`write: ${why}`, async (t) => {
    const client = asAnybody(t, held.server)
    const answer = await ask(client.from('goods'))
    assert.deepEqual([answer.status, answer.error?.code], [status, code], answer.error?.message)
    if (code === undefined) assert.deepEqual(answer.data, data)
    if (count !== undefined) assert.equal(answer.count, count)
    assert.deepEqual((await client.from('goods').select().order('id')).data, left)
  })
}

const full = { Prefer: 'return=representation, tx=rollback' }
const notTheKey = refusal(
  'PGRST105',
  "Filters must include all and only primary key columns with 'eq' operators",
)
/// What the client does not send.
const others = [
  {
    why: 'PUT of a new row',
    ask: 'PUT places?country=eq.PE&city=eq.Lima',
    headers: full,
    body: { country: 'PE', city: 'Lima', people: 9 },
    status: 201,
    json: [{ country: 'PE', city: 'Lima', people: 9 }],
  },
  {
    why: 'PUT, nothing back',
    ask: 'PUT places?country=eq.PE&city=eq.Lima',
    headers: { Prefer: 'tx=rollback' },
    body: { country: 'PE', city: 'Lima' },
    status: 204,
    text: '',
    gives: { 'content-range': null },
  },
  {
    why: 'PUT of a row that is there',
    ask: 'PUT goods?id=eq.1&select=id,name,stock',
    headers: full,
    body: { id: 1, name: 'Put' },
    status: 200,
    json: [{ id: 1, name: 'Put', stock: 4 }],
  },
  {
    why: 'PUT by half of the key',
    ask: 'PUT places?country=eq.PE',
    body: { country: 'PE', city: 'Lima' },
    status: 405,
    json: notTheKey,
  },
  {
    why: 'PUT by another operator',
    ask: 'PUT goods?id=gt.1',
    body: { id: 1 },
    status: 405,
    json: notTheKey,
  },
  { why: 'PUT by everything', ask: 'PUT goods', body: { id: 1 }, status: 405, json: notTheKey },
  {
    why: 'PUT with a limit',
    ask: 'PUT goods?id=eq.1&limit=1',
    body: { id: 1 },
    status: 400,
    json: refusal('PGRST114', 'limit/offset querystring parameters are not allowed for PUT'),
  },
  {
    why: 'PUT of another row',
    ask: 'PUT goods?id=eq.1',
    body: { id: 2 },
    status: 400,
    json: refusal('PGRST115', 'Payload values do not match URL in primary key column(s)'),
  },
  {
    why: 'columns choose what counts of a body',
    ask: 'POST goods?columns=id,name&select=id,name,stock',
    headers: full,
    body: [
      { id: 4, name: 'x', stock: 99, other: 1 },
      { id: 5, stock: 9 },
    ],
    status: 400,
    json: refusal(
      '23502',
      'null value in column "name" of relation "goods" violates not-null constraint',
    ),
  },
  {
    why: 'columns, with defaults',
    ask: 'POST goods?columns=%22id%22,%22name%22&select=id,name,stock',
    headers: { Prefer: 'return=representation, missing=default, tx=rollback' },
    body: [
      { id: 4, name: 'x', stock: 99, other: 1 },
      { id: 5, stock: 9 },
    ],
    status: 201,
    json: [
      { id: 4, name: 'x', stock: 1 },
      { id: 5, name: 'unnamed', stock: 1 },
    ],
  },
  {
    why: 'columns of an update',
    ask: 'PATCH goods?id=eq.1&columns=stock&select=name,stock',
    headers: full,
    body: { name: 'ignored', stock: 8 },
    status: 200,
    json: [{ name: 'Assam', stock: 8 }],
  },
  {
    why: 'an unknown column in columns',
    ask: 'POST goods?columns=id,colour',
    body: { id: 4 },
    status: 400,
    json: refusal('PGRST204', "Could not find the 'colour' column of 'goods' in the schema cache"),
  },
  {
    why: 'objects of several shapes without columns',
    ask: 'POST goods',
    body: [{ id: 4 }, { id: 5, name: 'x' }],
    status: 400,
    json: refusal('PGRST102', 'All object keys must match'),
  },
  {
    why: 'an update with several objects',
    ask: 'PATCH goods?id=eq.1&select=name',
    headers: full,
    body: [{ name: 'x' }],
    status: 200,
    json: [{ name: 'x' }],
  },
  {
    why: 'an update of everything',
    ask: 'PATCH goods?select=id&order=id',
    headers: full,
    body: { stock: 3 },
    status: 200,
    json: [{ id: 1 }, { id: 2 }, { id: 3 }],
  },
  {
    why: 'where two keys went',
    ask: 'POST places',
    headers: { Prefer: 'return=headers-only, tx=rollback' },
    body: { country: 'PE', city: 'Cusco & more' },
    status: 201,
    gives: { location: '/places?country=eq.PE&city=eq.Cusco%20%26%20more' },
  },
  {
    why: 'an upsert that is said twice',
    ask: 'POST goods?on_conflict=id',
    headers: { Prefer: 'resolution=ignore-duplicates, resolution=merge-duplicates, tx=rollback' },
    body: { id: 1, name: 'x' },
    status: 201,
    gives: { 'preference-applied': 'resolution=ignore-duplicates, tx=rollback' },
  },
]

for (const row of others) {
  test(`write: ${row.why}`, () => checkExchange(held.server, row))
}
