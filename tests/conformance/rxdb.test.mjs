import assert from 'node:assert/strict'
import path from 'node:path'
import { test } from 'node:test'
import { asPerson, asService, person } from './clients.mjs'
import { openDevice } from './rxdb_device.mjs'
import { useServer } from './suite.mjs'

const project = path.join(import.meta.dirname, 'rxdb_project')
const held = useServer(async () => {}, { project })

let people = 0
const human = (room_id, more = {}) => ({
  passportId: `p${++people}`,
  room_id,
  firstName: 'Ada',
  lastName: 'Lovelace',
  age: 36,
  happy: true,
  ...more,
})

/** A room with `count` members, a client for each, and one that may do everything. */
async function openRoom(t, count = 1, optionsOfFirst = {}) {
  const service = asService(t, held.server)
  const members = Array.from({ length: count }, () => person())
  const room_id = `room of ${members[0].id}`
  const { error } = await service
    .from('rooms')
    .insert(members.map(({ id }) => ({ room_id, person: id })))
  assert.equal(error, null)
  const connect = (member, index) => asPerson(t, held.server, member, index ? {} : optionsOfFirst)
  return { service, room_id, members, clients: members.map(connect) }
}

/** A fetch whose writes wait until `open` is called, as those of a device on a slow line. */
function slowLine() {
  let open
  const opened = new Promise((resolve) => {
    open = resolve
  })
  const wait = async (url, options) => {
    if (options.method !== 'GET') await opened
    return fetch(url, options)
  }
  return { open, options: { global: { fetch: wait } } }
}

const rowOf = async (service, id) => {
  const { data, error } = await service.from('humans').select().eq('passportId', id).maybeSingle()
  assert.equal(error, null)
  return data
}

test('pull: more rows than a batch, those of one instant too', async (t) => {
  const { service, room_id, clients } = await openRoom(t)
  const rows = Array.from({ length: 130 }, () => human(room_id))
  await service.from('humans').insert(rows)
  await service.from('humans').insert(human('elsewhere'))
  const device = await openDevice(t, clients[0])
  const pulled = await device.humans.find().exec()
  assert.deepEqual(
    pulled.map((one) => one.passportId).sort(),
    rows.map((row) => row.passportId).sort(),
  )
})

test('live: what others insert, change and mark as deleted arrives', async (t) => {
  const { service, room_id, clients } = await openRoom(t)
  const device = await openDevice(t, clients[0])
  const row = human(room_id)
  await service.from('humans').insert(row)
  await device.until(row.passportId, (found) => found?.firstName === 'Ada')
  await service.from('humans').update({ firstName: 'Grace' }).eq('passportId', row.passportId)
  await device.until(row.passportId, (found) => found?.firstName === 'Grace')
  await service.from('humans').update({ _deleted: true }).eq('passportId', row.passportId)
  await device.until(row.passportId, (found) => found === undefined)
})

test('push: insert, update and delete reach the server and the other device', async (t) => {
  const { service, room_id, clients } = await openRoom(t, 2)
  const [one, other] = [await openDevice(t, clients[0]), await openDevice(t, clients[1])]
  const { passportId, ...rest } = human(room_id)
  const document = await one.humans.insert({ passportId, ...rest })
  await one.sent()
  const inserted = await rowOf(service, passportId)
  assert.deepEqual(
    { ...rest, passportId, _deleted: false, _modified: inserted._modified },
    inserted,
  )
  await other.until(passportId, (found) => found?.age === 36)

  await document.getLatest().patch({ age: 37, happy: false })
  await one.sent()
  const updated = await rowOf(service, passportId)
  assert.deepEqual([updated.age, updated.happy], [37, false])
  assert.ok(updated._modified > inserted._modified, 'the trigger sets the time')
  await other.until(passportId, (found) => found?.age === 37)

  await document.getLatest().remove()
  await one.sent()
  assert.equal((await rowOf(service, passportId))._deleted, true)
  await other.until(passportId, (found) => found === undefined)
})

test('conflict: the state of the server wins, on both devices', async (t) => {
  const line = slowLine()
  const { service, room_id, clients } = await openRoom(t, 2, line.options)
  const row = human(room_id)
  await service.from('humans').insert(row)
  const [one, other] = [await openDevice(t, clients[0]), await openDevice(t, clients[1])]
  const id = row.passportId
  await (await one.humans.findOne(id).exec()).patch({ firstName: 'late' })
  await (await other.humans.findOne(id).exec()).patch({ firstName: 'early' })
  await other.sent()
  line.open()
  await one.until(id, (found) => found?.firstName === 'early')
  assert.equal((await rowOf(service, id)).firstName, 'early')
  assert.equal((await other.read(id)).firstName, 'early')
})

test('conflict: the same key inserted on two devices', async (t) => {
  const line = slowLine()
  const { service, room_id, clients } = await openRoom(t, 2, line.options)
  const [one, other] = [await openDevice(t, clients[0]), await openDevice(t, clients[1])]
  const row = human(room_id)
  await one.humans.insert({ ...row, lastName: 'second' })
  await other.humans.insert({ ...row, lastName: 'first' })
  await other.sent()
  line.open()
  await one.until(row.passportId, (found) => found?.lastName === 'first')
  assert.equal((await rowOf(service, row.passportId)).lastName, 'first')
})

test('a lost right: nothing more arrives, and nothing more is accepted', async (t) => {
  const { service, room_id, members, clients } = await openRoom(t, 2)
  const row = human(room_id)
  await service.from('humans').insert(row)
  const [lost, kept] = [await openDevice(t, clients[0]), await openDevice(t, clients[1])]
  const id = row.passportId
  await service.from('rooms').delete().eq('person', members[0].id)
  await (await kept.humans.findOne(id).exec()).patch({ firstName: 'secret' })
  await kept.sent()

  // The plugin asks for the row when its edit is no longer taken, and is told that there is none.
  const failed = lost.nextError()
  await (await lost.humans.findOne(id).exec()).patch({ lastName: 'intruder' })
  assert.match(JSON.stringify((await failed).parameters), /doc not found/)
  const { firstName, lastName } = await rowOf(service, id)
  assert.deepEqual([firstName, lastName], ['secret', 'Lovelace'])
  assert.equal((await lost.read(id)).firstName, 'Ada')
  await lost.replication.cancel()
})
