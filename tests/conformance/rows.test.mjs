import assert from 'node:assert/strict'
import { test } from 'node:test'
import { asAnybody } from './clients.mjs'
import { useServer } from './suite.mjs'

const held = useServer()

const threeTeas = [
  { id: 101, name: 'Assam', price: 3.5, status: 'rows' },
  { id: 102, name: 'Darjeeling', price: 4, status: 'rows' },
  { id: 103, name: 'Ceylon', price: null, status: 'rows' },
]

async function withTeas(t) {
  const client = asAnybody(t, held.server)
  const { error } = await client.from('products').insert(threeTeas)
  assert.equal(error, null)
  t.after(() => client.from('products').delete().eq('status', 'rows'))
  return client
}

test('insert returns nothing by default and the stored rows on request', async (t) => {
  const client = asAnybody(t, held.server)
  const silent = await client.from('products').insert({ name: 'Oolong' })
  assert.deepEqual([silent.status, silent.data, silent.error], [201, null, null])

  const { data, status } = await client
    .from('products')
    .insert({ name: 'Sencha' })
    .select()
    .single()
  assert.equal(status, 201)
  assert.deepEqual(
    { ...data, id: 0, added_at: '' },
    {
      id: 0,
      name: 'Sencha',
      price: null,
      stock: 0,
      tags: [],
      details: null,
      status: 'open',
      added_at: '',
    },
  )
  assert.equal(Number.isInteger(data.id), true)
  assert.ok(Math.abs(Date.parse(data.added_at) - Date.now()) < 10_000)
})

test('several rows of different columns go in at once; missing ones take their defaults', async (t) => {
  const client = asAnybody(t, held.server)
  const rows = [{ name: 'Mint' }, { name: 'Sage', stock: 7 }]
  const query = client.from('products').insert(rows, { defaultToNull: false })
  const { data, error } = await query.select('name,stock')
  assert.equal(error, null)
  assert.deepEqual(data, [
    { name: 'Mint', stock: 0 },
    { name: 'Sage', stock: 7 },
  ])
})

test('update and delete touch what the filter names and say what they did', async (t) => {
  const client = await withTeas(t)
  const updated = await client
    .from('products')
    .update({ stock: 5 })
    .eq('id', 101)
    .select('id,stock')
  assert.deepEqual([updated.status, updated.data], [200, [{ id: 101, stock: 5 }]])

  const none = await client.from('products').update({ stock: 5 }).eq('id', 999).select()
  assert.deepEqual([none.status, none.data, none.error], [200, [], null])

  const silent = await client.from('products').update({ stock: 6 }).eq('id', 101)
  assert.deepEqual([silent.status, silent.data, silent.error], [204, null, null])

  const removed = await client.from('products').delete().eq('id', 103).select('name')
  assert.deepEqual([removed.status, removed.data], [200, [{ name: 'Ceylon' }]])

  const { count } = await client.from('products').delete({ count: 'exact' }).eq('status', 'rows')
  assert.equal(count, 2)
})

test('upsert replaces or leaves alone, by primary key or by the columns named', async (t) => {
  const client = asAnybody(t, held.server)
  const authors = client.from('authors')
  const emails = async () => (await client.from('authors').select().order('id')).data

  await authors.upsert([
    { id: 1, email: 'a@x' },
    { id: 2, email: 'b@x' },
  ])
  const merged = await authors.upsert({ id: 1, email: 'new@x' }).select()
  assert.deepEqual(merged.data, [{ id: 1, email: 'new@x' }])

  const ignored = await authors
    .upsert(
      [
        { id: 2, email: 'ignored@x' },
        { id: 3, email: 'c@x' },
      ],
      { ignoreDuplicates: true },
    )
    .select()
  assert.deepEqual(ignored.data, [{ id: 3, email: 'c@x' }])

  await authors.upsert({ id: 4, email: 'c@x' }, { onConflict: 'email' })
  assert.deepEqual(await emails(), [
    { id: 1, email: 'new@x' },
    { id: 2, email: 'b@x' },
    { id: 4, email: 'c@x' },
  ])
})

test('rows come in the order asked for, nulls where asked for', async (t) => {
  const client = await withTeas(t)
  const cases = [
    { order: [['price', {}]], ids: [101, 102, 103], why: 'nulls are last when ascending' },
    {
      order: [['price', { ascending: false }]],
      ids: [103, 102, 101],
      why: 'and first when descending',
    },
    {
      order: [['price', { nullsFirst: true }]],
      ids: [103, 101, 102],
      why: 'unless said otherwise',
    },
    {
      order: [
        ['status', {}],
        ['name', { ascending: false }],
      ],
      ids: [102, 103, 101],
      why: 'second key',
    },
  ]
  for (const { order, ids, why } of cases) {
    let query = client.from('products').select('id').eq('status', 'rows')
    for (const [column, options] of order) query = query.order(column, options)
    const { data } = await query
    assert.deepEqual(
      data.map(({ id }) => id),
      ids,
      why,
    )
  }
})

test('limit, range and count', async (t) => {
  const client = await withTeas(t)
  const teas = (...words) =>
    client
      .from('products')
      .select(...words)
      .eq('status', 'rows')
      .order('id')
  const ids = ({ data }) => data.map(({ id }) => id)

  assert.deepEqual(ids(await teas('id').limit(2)), [101, 102])
  assert.deepEqual(ids(await teas('id').range(1, 2)), [102, 103])

  const part = await teas('id', { count: 'exact' }).range(0, 1)
  assert.deepEqual([part.status, part.count, part.data.length], [206, 3, 2])
  const all = await teas('id', { count: 'exact' })
  assert.deepEqual([all.status, all.count], [200, 3])
  const head = await teas('*', { count: 'exact', head: true })
  assert.deepEqual([head.status, head.count, head.data], [200, 3, null])
  const beyond = await teas('id', { count: 'exact' }).range(10, 12)
  assert.deepEqual([beyond.status, beyond.error.code], [416, 'PGRST103'])
})

test('single wants one row, maybeSingle at most one', async (t) => {
  const client = await withTeas(t)
  const teas = () => client.from('products').select('id')
  assert.deepEqual((await teas().eq('id', 101).single()).data, { id: 101 })
  assert.deepEqual((await teas().eq('id', 101).maybeSingle()).data, { id: 101 })
  const nothing = await teas().eq('id', 999).maybeSingle()
  assert.deepEqual([nothing.data, nothing.error], [null, null])
  for (const query of [teas().eq('id', 999).single(), teas().eq('status', 'rows').single()]) {
    const { status, error } = await query
    assert.deepEqual([status, error.code], [406, 'PGRST116'])
  }
  const many = await teas().eq('status', 'rows').maybeSingle()
  assert.equal(many.error.code, 'PGRST116')
})

test('columns can be chosen, renamed, cast and taken out of JSON', async (t) => {
  const client = await withTeas(t)
  await client
    .from('products')
    .update({ details: { origin: { land: 'India' }, grades: ['a', 'b'] } })
    .eq('id', 101)
  const select = 'label:name,price::text,land:details->origin->>land,details->grades->1'
  const { data, error } = await client.from('products').select(select).eq('id', 101).single()
  assert.equal(error, null)
  assert.deepEqual(data, { label: 'Assam', price: '3.50', land: 'India', grades: 'b' })
})
