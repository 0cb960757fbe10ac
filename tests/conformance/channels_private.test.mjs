import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import path from 'node:path'
import { test } from 'node:test'
import { member } from './channels.mjs'
import { anonKey, asAnybody, asPerson, asService, person } from './clients.mjs'
import { useServer } from './suite.mjs'

const held = useServer(async () => {}, {
  project: path.join(import.meta.dirname, 'channels_project'),
})

const inPrivate = (broadcast = {}) => ({ private: true, broadcast })
const denied = (topic) =>
  `CHANNEL_ERROR: Unauthorized: You do not have permissions to read from this Channel topic: ${topic}`

/** A room of its own, its members with a client each, and somebody who is none. */
async function roomOf(t, count) {
  const room = `room ${randomUUID()}`
  const service = asService(t, held.server)
  const people = Array.from({ length: count + 1 }, () => person())
  const clients = people.map((one) => asPerson(t, held.server, one))
  const rows = people.slice(0, count).map(({ id }) => ({ room, user_id: id }))
  const { error } = await service.from('room_members').insert(rows)
  assert.equal(error, null)
  return {
    room,
    service,
    people,
    clients,
    members: clients.slice(0, count),
    stranger: clients[count],
  }
}

test('only members of the room may join it, and no public channel hears it', async (t) => {
  const { room, members, stranger, service } = await roomOf(t, 2)
  const [ana, ben] = await Promise.all(members.map((one) => member(one, room, inPrivate())))
  const outside = await member(stranger, room)
  const anybody = await member(asAnybody(t, held.server), room, inPrivate(), { waits: false })
  await anybody.untilStatus(denied(room))
  const boss = await member(service, room, inPrivate())
  await ana.send('hello', { from: 'ana' })
  await outside.send('shout', {})
  await boss.send('last', {})
  assert.deepEqual(await ben.untilEvent('last'), ['hello', 'last'])
  assert.deepEqual(outside.messages, [])
})

test('a stranger to the room is refused with the reason', async (t) => {
  const { room, stranger } = await roomOf(t, 1)
  const refused = await member(stranger, room, inPrivate(), { waits: false })
  await refused.untilStatus(denied(room))
})

test('who may only read is not heard, and waits in vain for an answer', async (t) => {
  const topic = `news:${randomUUID()}`
  const [ana, ben] = [person(), person()].map((one) => asPerson(t, held.server, one))
  const reader = await member(ana, topic, inPrivate({ ack: true }))
  const other = await member(ben, topic, inPrivate())
  const answer = await reader.channel.send(
    { type: 'broadcast', event: 'e', payload: {} },
    { timeout: 300 },
  )
  assert.equal(answer, 'timed out')
  assert.equal(await reader.channel.track({}), 'error', 'nor may it show itself')
  await assert.rejects(ana.channel(topic, { config: inPrivate() }).httpSend('e', {}), /permissions/)
  const boss = asService(t, held.server).channel(topic, { config: inPrivate() })
  await boss.httpSend('last', {})
  assert.deepEqual(await other.untilEvent('last'), ['last'])
})

test('a membership that is withdrawn ends the channel', async (t) => {
  const { room, service, people, members } = await roomOf(t, 2)
  const [ana, ben] = await Promise.all(members.map((one) => member(one, room, inPrivate())))
  await service.from('room_members').delete().eq('user_id', people[1].id)
  await ben.untilStatus(denied(room))
  assert.match(ben.systems[0].message, /^You no longer have permission to read from this Channel/)
  await ana.send('secret', {})
  await service.from('room_members').insert({ room, user_id: people[1].id })
  await ben.until(() => ben.statuses.filter((one) => one === 'SUBSCRIBED').length === 2, 'return')
  await ana.send('welcome', {})
  assert.deepEqual(await ben.untilEvent('welcome'), ['welcome'])
})

test('presence is seen by members only', async (t) => {
  const { room, members } = await roomOf(t, 3)
  const joined = []
  for (const [i, one] of members.entries()) {
    const config = { private: true, presence: { key: `k${i}` } }
    joined.push(await member(one, room, config, { presence: true }))
    assert.equal(await joined[i].channel.track({ i }), 'ok')
  }
  for (const one of joined) await one.untilPresent(['k0', 'k1', 'k2'])
})

test('a stored message reaches members, and is replayed to who joins later', async (t) => {
  const { room, service, people, members } = await roomOf(t, 3)
  const since = Date.now() - 1000
  const sender = await member(members[0], room, inPrivate({ ack: true }))
  const listener = await member(members[1], room, inPrivate())
  assert.equal(await sender.send('first', { n: 1 }, { persist: true }), 'ok')
  await sender.send('gone', { n: 0 })
  await members[0]
    .channel(room, { config: inPrivate() })
    .httpSend('second', { n: 2 }, { persist: { ttl: 60 } })
  await service.from('notices').insert({ room, body: 'from SQL' })
  await listener.untilEvent('notice')
  assert.deepEqual(listener.events, ['first', 'gone', 'second', 'notice'])
  assert.deepEqual(sender.events, ['second', 'notice'], 'one does not hear what one sent')

  const late = await member(members[2], room, inPrivate({ replay: { since } }))
  await late.untilEvent('notice')
  assert.deepEqual(late.events, ['first', 'second', 'notice'])
  assert.deepEqual(late.messages[0].payload, { n: 1 })
  assert.equal(late.messages[2].payload.body, 'from SQL')
  for (const message of late.messages) {
    assert.equal(message.meta.replayed, true)
    const live = listener.messages.find(({ meta }) => meta?.id === message.meta.id)
    assert.equal(live.event, message.event)
  }
  const again = asPerson(t, held.server, people[1])
  const newest = await member(again, room, inPrivate({ replay: { since, limit: 1 } }))
  await newest.untilEvent('notice')
  assert.deepEqual(newest.events, ['notice'])
})

test('HTTP: the batch drops what the sender may not send', async (t) => {
  const { room, members } = await roomOf(t, 1)
  const listener = await member(members[0], room, inPrivate())
  const batch = (token, event) =>
    fetch(`${held.server.url}/realtime/v1/api/broadcast`, {
      method: 'POST',
      headers: {
        apikey: anonKey,
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({ messages: [{ topic: room, event, payload: {}, private: true }] }),
    })
  assert.equal((await batch(person().token, 'by a stranger')).status, 202)
  const { data } = await members[0].from('room_members').select('user_id')
  assert.equal((await batch(person(data[0].user_id).token, 'by a member')).status, 202)
  assert.deepEqual(await listener.untilEvent('by a member'), ['by a member'])
})
