import assert from 'node:assert/strict'
import path from 'node:path'
import { test } from 'node:test'
import { member } from './channels.mjs'
import { anonKey, asAnybody } from './clients.mjs'
import { useServer } from './suite.mjs'

const held = useServer(async () => {}, {
  project: path.join(import.meta.dirname, 'channels_project'),
})

const connect = (t, vsn = '2.0.0') => asAnybody(t, held.server, { realtime: { vsn } })
const clientsOf = (t, count) => Array.from({ length: count }, () => connect(t))

const post = (target, body, headers = {}) =>
  fetch(held.server.url + target, {
    method: 'POST',
    headers: { apikey: anonKey, 'content-type': 'application/json', ...headers },
    body,
  })

for (const [from, to] of [
  ['1.0.0', '2.0.0'],
  ['2.0.0', '1.0.0'],
  ['2.0.0', '2.0.0'],
]) {
  test(`a broadcast of ${from} reaches ${to} in order, and nobody of another topic`, async (t) => {
    const topic = `forms ${from} ${to}`
    const sender = await member(connect(t, from), topic)
    const receiver = await member(connect(t, to), topic)
    const stranger = await member(connect(t, to), `${topic}, another`)
    for (let i = 0; i < 20; ++i) await sender.send(`e${i}`, { i, text: 'Ünïcödé 🙂' })
    await sender.send('last', { deep: [1, null, { x: 'y' }] })
    await receiver.untilEvent('last')
    assert.deepEqual(
      receiver.messages.map(({ event, payload }) => [event, payload]),
      [
        ...Array.from({ length: 20 }, (_, i) => [`e${i}`, { i, text: 'Ünïcödé 🙂' }]),
        ['last', { deep: [1, null, { x: 'y' }] }],
      ],
    )
    assert.deepEqual([sender.messages, stranger.messages], [[], []])
  })
}

test('members on every loop hear each other', async (t) => {
  const members = await Promise.all(clientsOf(t, 8).map((client) => member(client, 'loops')))
  for (const [i, one] of members.entries()) await one.send(`from ${i}`, {})
  for (const [i, one] of members.entries()) {
    const others = members.map((_, j) => `from ${j}`).filter((_, j) => j !== i)
    await one.until(() => one.messages.length === others.length, 'all others')
    assert.deepEqual([...one.events].sort(), others)
  }
})

test('bytes arrive as bytes', async (t) => {
  const sender = await member(connect(t), 'bytes', { broadcast: { self: true, ack: true } })
  const bytes = new Uint8Array([0, 255, 128, 10])
  assert.equal(await sender.send('raw', bytes.buffer), 'ok')
  await sender.untilEvent('raw')
  assert.deepEqual(new Uint8Array(sender.messages[0].payload), bytes)
})

test('to oneself, acknowledged; what is too large is refused', async (t) => {
  const sender = await member(connect(t), 'ack', { broadcast: { self: true, ack: true } })
  assert.equal(await sender.send('small', { x: 1 }), 'ok')
  assert.equal(await sender.send('large', 'x'.repeat(3000 * 1024)), 'error')
  assert.equal(await sender.send('end', {}), 'ok')
  assert.deepEqual(await sender.untilEvent('end'), ['small', 'end'])
})

test('a large broadcast reaches everybody', async (t) => {
  const members = await Promise.all(clientsOf(t, 4).map((client) => member(client, 'large')))
  await members[0].send('large', 'x'.repeat(2_500_000))
  for (const one of members.slice(1)) {
    await one.untilEvent('large')
    assert.equal(one.messages[0].payload.length, 2_500_000)
  }
})

test('HTTP: httpSend() and the batch reach all loops', async (t) => {
  const members = await Promise.all(clientsOf(t, 6).map((client) => member(client, 'http/ü')))
  const sender = connect(t).channel('http/ü')
  assert.deepEqual(await sender.httpSend('a/b', { x: 1 }), { success: true })
  await sender.httpSend('bytes', new Uint8Array([0, 1, 255]).buffer)
  const batch = { messages: [{ topic: 'http/ü', event: 'batch', payload: { y: 2 } }] }
  const response = await post('/realtime/v1/api/broadcast', JSON.stringify(batch))
  assert.deepEqual([response.status, await response.text()], [202, ''])
  for (const one of members) {
    await one.untilEvent('batch')
    assert.deepEqual(one.events, ['a/b', 'bytes', 'batch'])
    assert.deepEqual(one.messages[0].payload, { x: 1 })
    assert.deepEqual(new Uint8Array(one.messages[1].payload), new Uint8Array([0, 1, 255]))
    assert.deepEqual(one.messages[2].payload, { y: 2 })
  }
})

test('HTTP refuses what is wrong', async () => {
  const batch = '/realtime/v1/api/broadcast'
  const single = `${batch}/t/events/e`
  const wrong = (messages) => JSON.stringify({ messages })
  const message = { topic: 't', event: 'e', payload: {} }
  const blank = ["can't be blank"]
  const invalid = ['is invalid']
  const cases = [
    ['no JSON', batch, '{', 422, { errors: { messages: blank } }],
    ['no messages', batch, '{}', 422, { errors: { messages: blank } }],
    ['no list', batch, '{"messages":{}}', 422, { errors: { messages: invalid } }],
    [
      'each message has its own errors',
      batch,
      wrong([message, { topic: 7 }, 1]),
      422,
      {
        errors: {
          messages: [{}, { topic: invalid, event: blank, payload: blank }, { message: invalid }],
        },
      },
    ],
    [
      'too many',
      batch,
      wrong(Array(1001).fill(message)),
      429,
      { message: 'Too many messages to broadcast, please reduce the batch size' },
    ],
    [
      'too large',
      batch,
      wrong([{ ...message, payload: 'x'.repeat(3000 * 1024) }]),
      422,
      { errors: { messages: [{ payload: ['Payload size exceeds tenant limit'] }] } },
    ],
    ['no payload', single, '', 422, { errors: { payload: blank } }],
    ['no JSON in it', single, 'x', 422, { errors: { payload: invalid } }],
    ['no event', `${batch}/t/events/`, '{}', 404, { message: 'Not found' }],
  ]
  for (const [why, target, body, status, answer] of cases) {
    const response = await post(target, body)
    assert.deepEqual([response.status, await response.json()], [status, answer], why)
  }
  const stranger = await post(batch, '{}', { apikey: 'wrong' })
  assert.deepEqual([stranger.status, await stranger.json()], [401, { message: 'Unauthorized' }])
  const xml = await post(single, '<x/>', { 'content-type': 'text/xml' })
  assert.equal(xml.status, 415)
})

test('presence: who comes, changes and goes, on every loop', async (t) => {
  const config = (key) => ({ presence: { key } })
  const clients = clientsOf(t, 6)
  const members = []
  for (const [i, client] of clients.entries()) {
    members.push(await member(client, 'present', config(`k${i}`), { presence: true }))
  }
  for (const [i, one] of members.entries()) {
    assert.equal(await one.channel.track({ name: `n${i}` }), 'ok')
  }
  const keys = members.map((_, i) => `k${i}`)
  for (const one of members) await one.untilPresent(keys)
  assert.equal(members[3].present.k1[0].name, 'n1')

  await members[1].channel.track({ name: 'renamed' })
  for (const one of members) {
    await one.until(() => one.present.k1?.[0].name === 'renamed', 'the new name')
    assert.equal(one.present.k1.length, 1)
  }
  await members[0].channel.untrack()
  clients[1].realtime.disconnect()
  await clients[2].removeChannel(members[2].channel)
  for (const one of members.slice(3)) await one.untilPresent(['k3', 'k4', 'k5'])

  const late = await member(connect(t), 'present', {}, { presence: true })
  await late.untilPresent(['k3', 'k4', 'k5'])
  assert.equal(await late.channel.track(7), 'error')
})

test('presence: several tabs of one person are one key', async (t) => {
  const config = { presence: { key: 'ann' } }
  const tabs = []
  for (const client of clientsOf(t, 3)) {
    const tab = await member(client, 'tabs', config, { presence: true })
    await tab.channel.track({ tab: tabs.length })
    tabs.push(tab)
  }
  for (const tab of tabs) {
    await tab.until(() => tab.present.ann?.length === 3, 'three tabs')
    assert.deepEqual(tab.present.ann.map((meta) => meta.tab).sort(), [0, 1, 2])
  }
  await tabs[0].channel.unsubscribe()
  await tabs[1].until(() => tabs[1].present.ann?.length === 2, 'two tabs')
})
