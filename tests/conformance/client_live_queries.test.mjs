import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { asService, person, serviceKey } from './clients.mjs'
import { useServer } from './suite.mjs'
import { connect, watch } from './watched.mjs'

const held = useServer()

/** Rows that only one test sees: its own status. */
const tagOf = () => `tag-${randomUUID().slice(0, 8)}`
const add = (client, rows) => client.from('products').insert(rows).throwOnError()

test('rows enter, move and leave in the order of the query', async (t) => {
  const client = connect(t, held.server.url)
  const status = tagOf()
  await add(client, [
    { name: 'b', status },
    { name: 'd', status },
  ])
  const live = client.live({ table: 'products', filter: `status=eq.${status}`, order: 'name.asc' })
  assert.equal(live.getSnapshot().status, 'loading')
  const watched = watch(t, live)
  await watched.untilStatus('live')
  await watched.untilColumn('name', ['b', 'd'])

  await add(client, [{ name: 'c', status }])
  await watched.untilColumn('name', ['b', 'c', 'd'])
  await client.from('products').update({ name: 'a' }).eq('status', status).eq('name', 'd')
  await watched.untilColumn('name', ['a', 'b', 'c'])
  await client.from('products').update({ status: 'other' }).eq('status', status).eq('name', 'b')
  await watched.untilColumn('name', ['a', 'c'])
  await client.from('products').delete().eq('status', status).eq('name', 'a')
  await watched.untilColumn('name', ['c'])
})

test('texts are in the order of the server: by code points', async (t) => {
  const client = connect(t, held.server.url)
  const status = tagOf()
  const filter = `status=eq.${status}`
  const watched = watch(t, client.live({ table: 'products', filter, order: 'name' }))
  await watched.untilStatus('live')
  const names = ['Zoë', 'apple', 'émile', 'Ábel', '\u{1f600}', '\uff5e', '10', '9', '']
  for (const name of names) await add(client, [{ name, status }])
  const { data } = await client.from('products').select('name').eq('status', status).order('name')
  await watched.untilColumn(
    'name',
    data.map(({ name }) => name),
  )
})

test('NULL comes last, descending first, or as asked', async (t) => {
  const client = connect(t, held.server.url)
  const status = tagOf()
  const orders = ['price.asc', 'price.desc', 'price.asc.nullsfirst', 'price.desc.nullslast']
  const watches = orders.map((order) =>
    watch(t, client.live({ table: 'products', filter: `status=eq.${status}`, order })),
  )
  await Promise.all(watches.map((watched) => watched.untilStatus('live')))
  for (const price of [2, null, 10]) await add(client, [{ name: 'x', price, status }])
  const expected = [
    [2, 10, null],
    [null, 10, 2],
    [null, 2, 10],
    [10, 2, null],
  ]
  await Promise.all(watches.map((watched, at) => watched.untilColumn('price', expected[at])))
})

test('a limited query keeps its length: who was next moves up', async (t) => {
  const client = connect(t, held.server.url)
  const status = tagOf()
  await add(
    client,
    ['a', 'b', 'c', 'd', 'e'].map((name) => ({ name, status })),
  )
  const live = client.live({
    table: 'products',
    filter: `status=eq.${status}`,
    order: 'name.asc',
    limit: 3,
  })
  const watched = watch(t, live)
  await watched.untilColumn('name', ['a', 'b', 'c'])
  await client.from('products').delete().eq('status', status).eq('name', 'b')
  await watched.untilColumn('name', ['a', 'c', 'd'])
  await add(client, [{ name: '0', status }])
  await watched.untilColumn('name', ['0', 'a', 'c'])
  await client.from('products').update({ name: 'z' }).eq('status', status).eq('name', 'a')
  await watched.untilColumn('name', ['0', 'c', 'd'])
  await client.from('products').update({ name: '1' }).eq('status', status).eq('name', 'e')
  await watched.untilColumn('name', ['0', '1', 'c'])
})

const spellings = [
  {
    why: 'a description with the columns it wants',
    query: (_, status) => ({
      table: 'products',
      select: 'name, stock',
      filter: `status=eq.${status},stock=gte.5`,
      order: 'stock.desc',
    }),
  },
  {
    why: 'a builder of supabase-js',
    query: (client, status) =>
      client
        .from('products')
        .select('name, stock')
        .eq('status', status)
        .gte('stock', 5)
        .order('stock', { ascending: false }),
  },
  {
    why: 'a builder with a condition that only the server understands',
    query: (client, status) =>
      client
        .from('products')
        .select('name, stock')
        .eq('status', status)
        .or('stock.gte.5,stock.is.null')
        .order('stock', { ascending: false }),
  },
]

for (const { why, query } of spellings) {
  test(`a query as ${why}`, async (t) => {
    const client = connect(t, held.server.url)
    const status = tagOf()
    await add(client, [
      { name: 'few', stock: 1, status },
      { name: 'many', stock: 9, status },
    ])
    const watched = watch(t, client.live(query(client, status)))
    await watched.untilColumn('name', ['many'])
    await client.from('products').update({ stock: 20 }).eq('status', status).eq('name', 'few')
    await watched.untilColumn('name', ['few', 'many'])
    const [row] = watched.now.rows
    assert.equal(row.stock, 20)
    assert.equal(row.price, undefined, 'not selected')
  })
}

test('values with signs of the filter grammar are compared as they are', async (t) => {
  const client = connect(t, held.server.url)
  const status = `a,b("c")\\d.${tagOf()}`
  const watched = watch(t, client.live(client.from('products').select().eq('status', status)))
  await watched.untilStatus('live')
  await add(client, [{ name: 'odd', status }])
  await watched.untilColumn('name', ['odd'])
})

test('embedded rows are read again when a watched table changes', async (t) => {
  const client = connect(t, held.server.url)
  const id = Math.trunc(Math.random() * 2 ** 30)
  await client
    .from('authors')
    .insert({ id, email: `${id}@embedded` })
    .throwOnError()
  const query = client.from('authors').select('id, books(title)').eq('id', id)
  const watched = watch(t, client.live(query, { watch: ['books'] }))
  await watched.until(({ rows }) => rows[0]?.books.length === 0)
  await client.from('books').insert({ id, author_id: id, title: 'First' }).throwOnError()
  await watched.until(({ rows }) => rows[0]?.books[0]?.title === 'First')
})

test('a key that is not called id is named', async (t) => {
  const client = connect(t, held.server.url)
  const service = asService(t, held.server)
  const { id } = person()
  const serviceClient = connect(t, held.server.url, { key: serviceKey })
  const key = ['team_id', 'user_id']
  const live = serviceClient.live({ table: 'memberships', filter: `user_id=eq.${id}`, key })
  const watched = watch(t, live)
  await watched.untilStatus('live')
  await service.from('memberships').insert([
    { team_id: 2, user_id: id },
    { team_id: 1, user_id: id },
  ])
  await watched.untilColumn('team_id', [1, 2])
  await service.from('memberships').delete().eq('user_id', id).eq('team_id', 1)
  await watched.untilColumn('team_id', [2])

  const wrong = watch(t, client.live({ table: 'memberships' }))
  const { error } = await wrong.untilStatus('error')
  assert.match(error.message, /id/)
})

test('what is not a list of rows is refused at once', (t) => {
  const client = connect(t, held.server.url)
  const cases = [
    { query: client.from('products').select().single(), says: /list of rows/ },
    { query: client.from('products').select().maybeSingle(), says: /list of rows/ },
    { query: client.from('products').insert({ name: 'x' }), says: /select/ },
    { query: client.rpc('no_such_function', {}, { get: true }), says: /select/ },
    { query: { table: 'products', filter: 'nonsense' }, says: /not a filter/ },
  ]
  for (const { query, says } of cases) assert.throws(() => client.live(query), says)
})

test('the refusal of the server is told with its code', async (t) => {
  const client = connect(t, held.server.url)
  const watched = watch(t, client.live({ table: 'no_such_table' }))
  const { error, rows } = await watched.untilStatus('error')
  assert.deepEqual([error.code, error.status, rows], ['PGRST205', 404, []])
})

test('equal queries are one; it ends with its last listener and can begin again', async (t) => {
  const client = connect(t, held.server.url)
  const status = tagOf()
  const query = { table: 'products', filter: `status=eq.${status}` }
  const live = client.live(query)
  assert.equal(client.live(query), live, 'before anybody listens')
  const first = watch(t, live)
  const second = watch(t, client.live({ ...query }))
  assert.equal(client.live(query), live)
  await second.untilStatus('live')
  assert.equal(client.getChannels().length, 1)

  const connection = watch(t, client.status)
  first.end()
  second.end()
  await connection.untilStatus('idle')
  await add(client, [{ name: 'meanwhile', status }])
  const third = watch(t, client.live(query))
  await third.untilColumn('name', ['meanwhile'])
  // Who kept the store that had ended may listen again, beside the new one.
  const again = watch(t, live)
  await again.untilColumn('name', ['meanwhile'])
  await add(client, [{ name: 'later', status }])
  for (const watched of [third, again])
    await watched.until(({ rows }) => rows.length === 2, 'a row for both')
})

test('the changes of one commit are one notification', async (t) => {
  const client = connect(t, held.server.url)
  const status = tagOf()
  const watched = watch(t, client.live({ table: 'products', filter: `status=eq.${status}` }))
  await watched.untilStatus('live')
  await add(
    client,
    Array.from({ length: 50 }, (_, at) => ({ name: `${at}`, status })),
  )
  await watched.until(({ rows }) => rows.length === 50)
  await client.from('products').update({ stock: 7 }).eq('status', status)
  await watched.until(({ rows }) => rows.every(({ stock }) => stock === 7))
  for (const { rows } of watched.snapshots) {
    assert.ok(rows.length === 0 || rows.length === 50, `${rows.length} rows`)
    const updated = rows.filter(({ stock }) => stock === 7).length
    assert.ok(updated === 0 || updated === 50, `${updated} updated`)
  }
})

test('rows that did not change stay the same objects', async (t) => {
  const client = connect(t, held.server.url)
  const status = tagOf()
  await add(client, [
    { name: 'a', status },
    { name: 'b', status },
  ])
  const filter = `status=eq.${status}`
  const watched = watch(t, client.live({ table: 'products', filter, order: 'name' }))
  await watched.untilColumn('name', ['a', 'b'])
  const [kept] = watched.now.rows
  await client.from('products').update({ stock: 3 }).eq('status', status).eq('name', 'b')
  await watched.untilColumn('stock', [0, 3])
  assert.equal(watched.now.rows[0], kept)
  assert.equal(await client.syncNow(), true)
  assert.equal(watched.now.rows[0], kept)
})

test('another person gets his own rows and not for a moment those of the former', async (t) => {
  const people = [person(), person()]
  let token = people[0].token
  const client = connect(t, held.server.url, { accessToken: async () => token })
  for (const { token: own } of people) {
    const owner = connect(t, held.server.url, { token: own })
    await owner
      .from('notes')
      .insert({ body: `of ${own.slice(-8)}` })
      .throwOnError()
  }
  const watched = watch(t, client.live({ table: 'notes', select: 'body' }))
  await watched.untilColumn('body', [`of ${people[0].token.slice(-8)}`])
  token = people[1].token
  await client.realtime.setAuth()
  assert.deepEqual(watched.now.rows, [])
  await watched.untilColumn('body', [`of ${people[1].token.slice(-8)}`])
  await watched.untilStatus('live')
})

test('a table whose changes are not told is polled', async (t) => {
  const client = connect(t, held.server.url)
  const watched = watch(t, client.live({ table: 'no_events', key: ['name'] }))
  const { error } = await watched.untilStatus('polling')
  assert.match(error.message, /no_events/)
  const name = tagOf()
  await add(client, [{ name, status: 'no_events' }])
  await watched.untilColumn('name', [name])
})

test('everything is read again every now and then when asked to', async (t) => {
  const client = connect(t, held.server.url, { sync: { fullSyncMs: 50 } })
  const watched = watch(t, client.live({ table: 'products', limit: 1 }))
  const { updatedAt } = await watched.untilStatus('live')
  await watched.until((now) => now.updatedAt > updatedAt + 100)
})
