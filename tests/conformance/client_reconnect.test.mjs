import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { asAnybody } from './clients.mjs'
import { startProxy } from './proxy.mjs'
import { startServer, temporaryFolder } from './server.mjs'
import { useServer } from './suite.mjs'
import { connect, watch } from './watched.mjs'

const held = useServer()
const tagOf = () => `tag-${randomUUID().slice(0, 8)}`
const add = (client, rows) => client.from('products').insert(rows).throwOnError()

/** Counts the reads of rows that the client makes. */
function countReads() {
  const counted = { reads: 0 }
  counted.fetch = (input, init) => {
    const { pathname } = new URL(input)
    if (pathname === '/rest/v1/products' && (init?.method ?? 'GET') === 'GET') counted.reads++
    return fetch(input, init)
  }
  return counted
}

test('after a cut socket the rows go on from where they were, without being read again', async (t) => {
  const proxy = await startProxy(t, held.server.port)
  const counted = countReads()
  const client = connect(t, proxy.url, {
    global: { fetch: counted.fetch },
    sync: { graceMs: 30_000 },
  })
  const direct = asAnybody(t, held.server)
  const status = tagOf()
  await add(direct, [{ name: 'before', status }])
  const filter = `status=eq.${status}`
  const watched = watch(t, client.live({ table: 'products', filter, order: 'name' }))
  await watched.untilColumn('name', ['before'])
  const { reads } = counted

  proxy.become('no sockets')
  await add(direct, [{ name: 'meanwhile', status }])
  await direct
    .from('products')
    .update({ name: 'changed' })
    .eq('status', status)
    .eq('name', 'before')
  proxy.become('open')
  await watched.untilColumn('name', ['changed', 'meanwhile'])
  await direct.from('products').delete().eq('status', status).eq('name', 'changed')
  await watched.untilColumn('name', ['meanwhile'])
  await watched.untilStatus('live')
  assert.equal(counted.reads, reads, 'nothing was read again')
})

test('a channel of the application itself goes on from where it was', async (t) => {
  const proxy = await startProxy(t, held.server.port)
  const client = connect(t, proxy.url)
  const direct = asAnybody(t, held.server)
  const status = tagOf()
  const heard = []
  const positions = []
  const binding = { schema: 'public', table: 'products', filter: `status=eq.${status}` }
  const channel = client
    .channel('own')
    // Two bindings: an insert is told in two messages, as each selects other columns.
    .on('postgres_changes', { event: '*', ...binding }, ({ eventType, new: row }) => {
      heard.push(`${eventType} ${row.name}`)
      positions.push(client.currentChange.position)
    })
    .on('postgres_changes', { event: 'INSERT', ...binding, select: ['name'] }, ({ new: row }) =>
      heard.push(`short ${row.name}`),
    )
  let joins = 0
  const joined = watch(
    t,
    joinStore(channel, () => joins++),
  )
  await joined.until(() => joins === 1, 'the join')
  await add(direct, [{ name: 'one', status }])
  await joined.until(() => heard.length === 2, 'two messages')

  proxy.become('no sockets')
  await add(direct, [{ name: 'two', status }])
  await add(direct, [{ name: 'three', status }])
  proxy.become('open')
  await joined.until(() => heard.length >= 6, 'six messages')
  await add(direct, [{ name: 'four', status }])
  await joined.until(() => heard.length >= 8, 'eight messages')
  assert.deepEqual(
    heard.filter((line) => line.startsWith('INSERT')),
    ['INSERT one', 'INSERT two', 'INSERT three', 'INSERT four'],
  )
  assert.equal(new Set(heard).size, heard.length, 'nothing came twice')
  assert.equal(new Set(positions).size, 4)
  assert.notEqual(client.positionOf(channel), undefined)
  assert.equal(client.currentChange, undefined, 'outside of a callback')
})

/** A store that changes with the channel's status and every 20 ms, so that `until` looks again. */
function joinStore(channel, onJoin) {
  return {
    getSnapshot: () => ({ status: channel.state }),
    subscribe(listener) {
      const timer = setInterval(listener, 20)
      channel.subscribe((status) => status === 'SUBSCRIBED' && onJoin())
      return () => clearInterval(timer)
    },
  }
}

for (const how of ['stop', 'kill']) {
  test(`after ${how} and start of the server the rows are true again`, async (t) => {
    const data = temporaryFolder(t)
    let server = await startServer({ data })
    t.after(() => server.stop())
    const client = connect(t, server.url)
    const watched = watch(t, client.live({ table: 'products', order: 'name' }))
    await add(client, [{ name: 'a' }])
    await watched.untilColumn('name', ['a'])
    await server[how]()
    await watched.untilStatus('offline')
    assert.deepEqual(
      watched.now.rows.map(({ name }) => name),
      ['a'],
      'the last known rows stay',
    )
    server = await startServer({ data, port: server.port })
    await add(asAnybody(t, server), [{ name: 'b' }])
    await watched.untilColumn('name', ['a', 'b'])
    await client.from('products').update({ name: 'c' }).eq('name', 'a')
    await watched.untilColumn('name', ['b', 'c'])
  })
}

test('where sockets are blocked the rows are polled, and live when the network lets them through', async (t) => {
  const proxy = await startProxy(t, held.server.port)
  proxy.become('no sockets')
  const client = connect(t, proxy.url)
  const direct = asAnybody(t, held.server)
  const status = tagOf()
  await add(direct, [{ name: 'a', status }])
  const connection = watch(t, client.status)
  const filter = `status=eq.${status}`
  const watched = watch(t, client.live({ table: 'products', filter, order: 'name' }))
  await watched.untilStatus('polling')
  await connection.untilStatus('polling')
  await watched.untilColumn('name', ['a'])
  await add(direct, [{ name: 'b', status }])
  await watched.untilColumn('name', ['a', 'b'])
  await direct.from('products').update({ status: 'other' }).eq('status', status).eq('name', 'a')
  await watched.untilColumn('name', ['b'])

  proxy.become('closed')
  await watched.untilStatus('offline')
  await connection.untilStatus('offline')
  await add(direct, [{ name: 'c', status }])
  proxy.become('open')
  await watched.untilColumn('name', ['b', 'c'])
  await watched.untilStatus('live')
  await connection.untilStatus('live')
  await direct.from('products').delete().eq('status', status).eq('name', 'b')
  await watched.untilColumn('name', ['c'])
})

test('followers hear every change once, over cut sockets and polling alike', async (t) => {
  const proxy = await startProxy(t, held.server.port)
  const client = connect(t, proxy.url)
  const direct = asAnybody(t, held.server)
  const status = tagOf()
  const heard = []
  const resyncs = []
  t.after(
    client.follow({
      table: 'products',
      filter: `status=eq.${status}`,
      onChange: ({ type, record }) => heard.push(`${type} ${record.name}`),
      onResync: (reason) => resyncs.push(reason),
    }),
  )
  const connection = watch(t, client.status)
  const heardAll = watch(t, {
    getSnapshot: () => ({ heard }),
    subscribe(listener) {
      const timer = setInterval(listener, 20)
      return () => clearInterval(timer)
    },
  })
  await connection.untilStatus('live')
  const expected = []
  for (const state of ['open', 'no sockets', 'open', 'closed', 'no sockets', 'open']) {
    proxy.become(state)
    for (const step of [1, 2, 3]) {
      const name = `${expected.length} ${state} ${step}`
      await add(direct, [{ name, status }])
      expected.push(`INSERT ${name}`)
    }
    if (state === 'no sockets') await connection.untilStatus('polling')
    if (state === 'closed') await connection.untilStatus('offline')
    if (state === 'open') await connection.untilStatus('live')
    if (state !== 'closed')
      await heardAll.until(() => heard.length >= expected.length, `change ${expected.length}`)
  }
  assert.deepEqual(heard, expected)
  assert.deepEqual(resyncs, [])
})
