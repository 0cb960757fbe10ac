import assert from 'node:assert/strict'
import { test } from 'node:test'
import { anonKey, asAnybody } from './clients.mjs'
import { follow } from './follow.mjs'
import { useServer } from './suite.mjs'

const held = useServer()
let nextId = 1000
const newId = () => nextId++

for (const vsn of ['1.0.0', '2.0.0']) {
  const connect = (t) => asAnybody(t, held.server, { realtime: { vsn } })

  test(`framing ${vsn}: insert, update and delete arrive in order, with their rows`, async (t) => {
    const client = connect(t)
    const followed = await follow(client, [{ table: 'products' }])
    const id = newId()
    const { data } = await client
      .from('products')
      .insert({ id, name: 'Rooibos', price: 2.5 })
      .select()
      .single()
    await client.from('products').update({ stock: 9 }).eq('id', id)
    await client.from('products').delete().eq('id', id)
    await followed.until(`DELETE ${id}`)

    assert.deepEqual(followed.lines, [`INSERT ${id}`, `UPDATE ${id}`, `DELETE ${id}`])
    const [inserted, updated, deleted] = followed.changes
    assert.deepEqual(inserted.new, data)
    assert.deepEqual(inserted.old, {})
    assert.deepEqual(updated.new, { ...data, stock: 9 })
    assert.deepEqual(updated.old, { id })
    assert.deepEqual([deleted.new, deleted.old], [{}, { id }])
    for (const change of followed.changes) {
      assert.deepEqual([change.schema, change.table, change.errors], ['public', 'products', null])
      assert.match(change.commit_timestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
    }
  })

  test(`framing ${vsn}: a row that enters or leaves a filter is inserted or deleted`, async (t) => {
    const client = connect(t)
    const id = newId()
    await client.from('products').insert({ id, name: 'Maté', status: 'draft' })
    const followed = await follow(client, [{ table: 'products', filter: 'status=eq.shown' }])
    const status = (value) => client.from('products').update({ status: value }).eq('id', id)
    await status('draft')
    await status('shown')
    await client.from('products').update({ stock: 1 }).eq('id', id)
    await status('draft')
    await client.from('products').delete().eq('id', id)
    const sentinel = newId()
    await client.from('products').insert({ id: sentinel, name: 'last', status: 'shown' })
    assert.deepEqual(await followed.until(`INSERT ${sentinel}`), [
      `INSERT ${id}`,
      `UPDATE ${id}`,
      `DELETE ${id}`,
      `INSERT ${sentinel}`,
    ])
  })

  test(`framing ${vsn}: the socket is kept by heartbeats`, async (t) => {
    const client = asAnybody(t, held.server, { realtime: { vsn, heartbeatIntervalMs: 100 } })
    const beats = new Promise((resolve, reject) => {
      let count = 0
      client.realtime.onHeartbeat((status) => {
        if (status === 'ok' && ++count === 3) resolve()
        if (status === 'timeout' || status === 'disconnected') reject(new Error(status))
      })
    })
    await follow(client, [{ table: 'products' }])
    await beats
  })
}

const filters = [
  { filter: 'id=gt.500', sees: 'price', why: 'gt' },
  { filter: 'price=eq.10', sees: 'price', why: 'eq of a decimal' },
  {
    filter: 'name=eq.with, comma',
    quoted: 'name=eq."with, comma"',
    sees: 'comma',
    why: 'quoted value',
  },
  { filter: 'name=in.(plain,other)', sees: 'plain', why: 'in' },
  { filter: 'name=like.pl%', sees: 'plain', why: 'like' },
  { filter: 'name=not.eq.plain', sees: 'price', why: 'not' },
  { filter: 'price=is.null,name=eq.plain', sees: 'plain', why: 'both conditions' },
  { filter: 'stock=neq.0', sees: null, why: 'neq, of nothing here' },
]

for (const { filter, quoted = filter, sees, why } of filters) {
  test(`live filter: ${why}`, async (t) => {
    const client = asAnybody(t, held.server)
    const status = `filter-${newId()}`
    const followed = await follow(
      client,
      [
        { table: 'products', filter: quoted },
        { table: 'products', filter: `name=eq.${status}` },
      ],
      { keyOf: (row) => row.name },
    )
    for (const row of [{ name: 'plain' }, { name: 'with, comma' }, { name: 'price', price: 10 }]) {
      await client.from('products').insert({ id: newId(), ...row })
    }
    await client.from('products').insert({ id: newId(), name: status, stock: 0 })
    const lines = await followed.until(`INSERT ${status}`)
    const expected = { price: 'INSERT price', comma: 'INSERT with, comma', plain: 'INSERT plain' }
    if (sees === null) assert.deepEqual(lines, [`INSERT ${status}`])
    else assert.ok(lines.includes(expected[sees]), lines.join())
  })
}

test('bindings of one channel are told apart; one event can concern several', async (t) => {
  const client = asAnybody(t, held.server)
  const heard = []
  const hear = (name) => (change) => heard.push(`${name} ${change.eventType}`)
  const table = { schema: 'public', table: 'products' }
  const id = newId()
  const channel = client.channel('bindings')
  const last = new Promise((resolve) => {
    channel
      .on('postgres_changes', { event: 'INSERT', ...table }, hear('inserts'))
      .on('postgres_changes', { event: 'DELETE', ...table }, hear('deletes'))
      .on('postgres_changes', { event: '*', ...table, filter: `id=eq.${id}` }, hear('all of one'))
      .on('postgres_changes', { event: '*', schema: 'public', table: 'authors' }, resolve)
  })
  await new Promise((resolve) => {
    channel.subscribe((status) => status === 'SUBSCRIBED' && resolve())
  })
  await client.from('products').insert({ id, name: 'x' })
  await client.from('products').update({ stock: 1 }).eq('id', id)
  await client.from('products').delete().eq('id', id)
  await client.from('authors').insert({ id, email: `${id}@bindings` })
  await last
  assert.deepEqual(heard.toSorted(), [
    'all of one DELETE',
    'all of one INSERT',
    'all of one UPDATE',
    'deletes DELETE',
    'inserts INSERT',
  ])
})

test('two identical bindings share an id, and an event comes once', async (t) => {
  const url = `${held.server.url.replace('http', 'ws')}/realtime/v1/websocket?apikey=${anonKey}&vsn=2.0.0`
  const socket = new WebSocket(url)
  t.after(() => socket.close())
  const messages = []
  let wake = () => {}
  socket.onmessage = ({ data }) => {
    messages.push(JSON.parse(data))
    wake()
  }
  const message = async (isIt) => {
    for (;;) {
      const found = messages.find(isIt)
      if (found !== undefined) return found
      await new Promise((resolve) => {
        wake = resolve
      })
    }
  }
  await new Promise((resolve) => {
    socket.onopen = resolve
  })
  const binding = { event: '*', schema: 'public', table: 'authors', unknown: 'kept' }
  const config = { postgres_changes: [binding, binding] }
  socket.send(JSON.stringify(['1', '1', 'realtime:same', 'phx_join', { config }]))
  const reply = await message(([, , , event]) => event === 'phx_reply')
  const [first, second] = reply[4].response.postgres_changes
  assert.deepEqual({ ...first, id: 0 }, { ...binding, id: 0 }, 'echoed as it was sent')
  assert.deepEqual(first, second)

  const client = asAnybody(t, held.server)
  await client.from('authors').insert([
    { id: newId(), email: 'first@same' },
    { id: newId(), email: 'last@same' },
  ])
  const record = ([, , , event, payload]) =>
    event === 'postgres_changes' && payload.data.record.email
  await message((candidate) => record(candidate) === 'last@same')
  const changes = messages.filter(record)
  assert.deepEqual(changes.map(record), ['first@same', 'last@same'])
  for (const [joinRef, ref, , , { ids }] of changes) {
    assert.deepEqual([joinRef, ref, ids], [null, null, [first.id]])
  }
})

test('one commit of many rows arrives whole and in order', async (t) => {
  const client = asAnybody(t, held.server)
  const followed = await follow(client, [{ table: 'products' }])
  const ids = Array.from({ length: 500 }, newId)
  await client.from('products').insert(ids.map((id) => ({ id, name: `n${id}` })))
  assert.deepEqual(
    await followed.until(`INSERT ${ids.at(-1)}`),
    ids.map((id) => `INSERT ${id}`),
  )
})

test('what was rolled back is not heard of', async (t) => {
  const client = asAnybody(t, held.server)
  const followed = await follow(client, [{ table: 'products' }])
  const [id, sentinel] = [newId(), newId()]
  const { error } = await client.from('products').insert([
    { id, name: 'a' },
    { id, name: 'twice' },
  ])
  assert.equal(error.code, '23505')
  await client.from('products').insert({ id: sentinel, name: 'after' })
  assert.deepEqual(await followed.until(`INSERT ${sentinel}`), [`INSERT ${sentinel}`])
})

test('a channel that is left hears nothing more, the others do', async (t) => {
  const client = asAnybody(t, held.server)
  const left = await follow(client, [{ table: 'products' }], { topic: 'left' })
  const kept = await follow(client, [{ table: 'products' }], { topic: 'kept' })
  assert.equal(await client.removeChannel(left.channel), 'ok')
  const id = newId()
  await client.from('products').insert({ id, name: 'x' })
  await kept.until(`INSERT ${id}`)
  assert.deepEqual(left.lines, [])
})

test('wildcards and chosen columns', async (t) => {
  const client = asAnybody(t, held.server)
  const everything = await follow(client, [{ schema: '*', table: undefined }], {
    topic: 'everything',
  })
  const chosen = await follow(client, [{ table: 'products', select: ['name'] }], {
    topic: 'chosen',
  })
  const id = newId()
  await client.from('products').insert({ id, name: 'x' })
  await everything.until(`INSERT ${id}`)
  await chosen.until(`INSERT ${id}`)
  assert.deepEqual(chosen.changes[0].new, { id, name: 'x' })
})

const refused = [
  {
    binding: { table: 'nothing' },
    message: /Unable to subscribe to changes with given parameters/,
  },
  { binding: { table: 'products', filter: 'colour=eq.red' }, message: /filter|colour/i },
  { binding: { table: 'products', filter: 'id=near.3' }, message: /filter/ },
  { binding: { table: 'products', filter: 'id=eq.three' }, message: /three|filter|bigint/ },
]
for (const { binding, message } of refused) {
  test(`a binding that means nothing is told so: ${JSON.stringify(binding)}`, async (t) => {
    const client = asAnybody(t, held.server)
    const followed = await follow(client, [binding])
    const told = await followed.untilSystem()
    assert.deepEqual([told.extension, told.status], ['postgres_changes', 'error'])
    assert.match(told.message, message)
  })
}
