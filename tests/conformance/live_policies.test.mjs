import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { asAnybody, asPerson, asService, person, signToken } from './clients.mjs'
import { follow } from './follow.mjs'
import { useServer } from './suite.mjs'

const held = useServer()

function cast(t) {
  const [ana, ben] = [person(), person()]
  return {
    ana: Object.assign(asPerson(t, held.server, ana), ana),
    ben: Object.assign(asPerson(t, held.server, ben), ben),
    anybody: asAnybody(t, held.server),
    service: asService(t, held.server),
  }
}

/** A note with a short name that the events can be read by. */
const noteOf = (owner, body, more = {}) => ({ id: randomUUID(), owner_id: owner.id, body, ...more })

test('everybody hears of the rows they may see, and of no others', async (t) => {
  const { ana, ben, anybody, service } = cast(t)
  const clients = [ana, ben, anybody, service]
  const followed = await Promise.all(clients.map((client) => follow(client, [{ table: 'notes' }])))
  const notes = [
    noteOf(ana, 'of Ana'),
    noteOf(ben, 'of Ben'),
    noteOf(ben, 'open', { is_public: true }),
  ]
  for (const note of notes) await service.from('notes').insert(note)
  const [a, b, open] = notes.map(({ id }) => `INSERT ${id}`)
  const seen = await Promise.all(followed.map((one) => one.until(open)))
  assert.deepEqual(seen, [[a, open], [b, open], [open], [a, b, open]])
})

test('a row that becomes visible is inserted, one that is hidden is deleted', async (t) => {
  const { ana, anybody, service } = cast(t)
  const note = noteOf(ana, 'moving')
  await service.from('notes').insert(note)
  const followed = await follow(anybody, [{ table: 'notes' }])
  const update = (values) => service.from('notes').update(values).eq('id', note.id)
  await update({ body: 'unseen' })
  await update({ is_public: true })
  await update({ body: 'seen' })
  await update({ is_public: false })
  await update({ body: 'unseen again' })
  const last = noteOf(ana, 'last', { is_public: true })
  await service.from('notes').insert(last)
  assert.deepEqual(await followed.until(`INSERT ${last.id}`), [
    `INSERT ${note.id}`,
    `UPDATE ${note.id}`,
    `DELETE ${note.id}`,
    `INSERT ${last.id}`,
  ])
})

test('the deletion of a row that one may not see is not heard of', async (t) => {
  const { ana, ben, service } = cast(t)
  const [hidden, own] = [noteOf(ana, 'hidden'), noteOf(ben, 'own')]
  await service.from('notes').insert([hidden, own])
  const followed = await follow(ben, [{ table: 'notes' }])
  await ana.from('notes').delete().eq('id', hidden.id)
  await ben.from('notes').delete().eq('id', own.id)
  assert.deepEqual(await followed.until(`DELETE ${own.id}`), [`DELETE ${own.id}`])
})

test('a filter on another owner finds nothing', async (t) => {
  const { ana, ben, service } = cast(t)
  const bindings = [
    { table: 'notes', filter: `owner_id=eq.${ana.id}` },
    { table: 'notes', filter: `owner_id=eq.${ben.id}` },
  ]
  const followed = await follow(ben, bindings)
  const own = noteOf(ben, 'own')
  await service.from('notes').insert([noteOf(ana, 'hidden'), own])
  assert.deepEqual(await followed.until(`INSERT ${own.id}`), [`INSERT ${own.id}`])
})

test('a membership shows rows and hides them, and what is heard of them, at once', async (t) => {
  const { ana, service } = cast(t)
  const team = 70
  const followed = await follow(ana, [{ table: 'documents' }, { table: 'memberships' }], {
    keyOf: (row) => row.id ?? `member ${row.team_id}`,
  })
  const write = (id) => service.from('documents').insert({ id, team_id: team, title: `${id}` })
  await write(701)
  await service.from('memberships').insert({ team_id: team, user_id: ana.id })
  await write(702)
  await service.from('memberships').delete().eq('team_id', team)
  await write(703)
  await service.from('documents').delete().eq('id', 702)
  await service.from('memberships').insert({ team_id: team + 1, user_id: ana.id })
  const heard = await followed.until(`INSERT member ${team + 1}`)
  // What goes out of sight together does so in any order.
  heard.splice(3, 2, ...heard.slice(3, 5).sort())
  assert.deepEqual(heard, [
    'INSERT 701',
    `INSERT member ${team}`,
    'INSERT 702',
    'DELETE 701',
    'DELETE 702',
    `DELETE member ${team}`,
    `INSERT member ${team + 1}`,
  ])
})

test('setAuth carries the channel over to another person', async (t) => {
  const { ana, ben, service } = cast(t)
  let { token } = ana
  const client = asAnybody(t, held.server, { accessToken: async () => token })
  const followed = await follow(client, [{ table: 'notes' }])
  const [first, unseen, last] = [noteOf(ana, 'first'), noteOf(ana, 'unseen'), noteOf(ben, 'last')]
  await service.from('notes').insert(first)
  await followed.until(`INSERT ${first.id}`)

  token = ben.token
  await client.realtime.setAuth()
  // Frames of a socket are read in order: when this is answered, the token has been read.
  await follow(client, [{ table: 'notes' }], { topic: 'after the token' })
  await service.from('notes').insert([unseen, last])
  assert.deepEqual(await followed.until(`INSERT ${last.id}`), [
    `INSERT ${first.id}`,
    `INSERT ${last.id}`,
  ])
})

test('a token that expires ends the channel, and a fresh one brings it back', async (t) => {
  const { ana, service } = cast(t)
  const exp = Math.floor(Date.now() / 1000) + 2
  let { token } = person(ana.id, { exp })
  const client = asAnybody(t, held.server, {
    accessToken: async () => token,
    realtime: { heartbeatIntervalMs: 100 },
  })
  const followed = await follow(client, [{ table: 'notes' }])
  await followed.untilStatus('CHANNEL_ERROR')
  token = ana.token
  await followed.untilJoined(2)
  const note = noteOf(ana, 'after')
  await service.from('notes').insert(note)
  await followed.until(`INSERT ${note.id}`)
})

test('a bad token is refused at the join', async (t) => {
  const client = asAnybody(t, held.server)
  const { token } = person()
  const cases = [
    { token: `${token.slice(0, -4)}AAAA`, why: 'forged' },
    { token: signToken({ role: 'authenticated', sub: 'x', exp: 1000 }), why: 'expired' },
  ]
  for (const { token: bad, why } of cases) {
    await client.realtime.setAuth(bad)
    const channel = client.channel(`bad ${why}`)
    const status = await new Promise((resolve) => {
      channel.subscribe((name) => resolve(name))
    })
    assert.equal(status, 'CHANNEL_ERROR', why)
    await client.removeChannel(channel)
  }
})
