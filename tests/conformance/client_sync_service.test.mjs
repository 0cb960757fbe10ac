import assert from 'node:assert/strict'
import path from 'node:path'
import { test } from 'node:test'
import { createSyncService } from '@dunlin/client'
import { useServer } from './suite.mjs'
import { connect, watch } from './watched.mjs'

const held = useServer(undefined, { project: path.join(import.meta.dirname, 'client_project') })

/** Looks at `values` again and again until `isTrue`. */
const looker = (t) =>
  watch(t, {
    getSnapshot: () => ({}),
    subscribe(listener) {
      const timer = setInterval(listener, 20)
      return () => clearInterval(timer)
    },
  })

function appointmentLog() {
  const log = []
  return {
    log,
    onAppointmentCreated: ({ id }) => log.push(`created ${id}`),
    onAppointmentUpdated: ({ id, status }) => log.push(`updated ${id} ${status}`),
    onAppointmentDeleted: (id) => log.push(`deleted ${id}`),
    onError: (error) => log.push(`error ${error.message}`),
  }
}

test('appointments come to the patient, the dentist and whoever sees all', async (t) => {
  const client = connect(t, held.server.url)
  const service = createSyncService(client)
  const [patient, dentist, other, all] = [
    appointmentLog(),
    appointmentLog(),
    appointmentLog(),
    appointmentLog(),
  ]
  const subscription = service.subscribeToAppointments('123', 'patient', patient)
  service.subscribeToAppointments('7', 'dentist', dentist)
  service.subscribeToAppointments('124', 'patient', other)
  service.subscribeToAllAppointments(all)
  assert.match(subscription.id, /^appointments:patient:123-\d{13}$/)
  assert.deepEqual(
    service.getActiveSubscriptions().map(({ channelName, active }) => [channelName, active]),
    [
      ['appointments:patient:123', true],
      ['appointments:dentist:7', true],
      ['appointments:patient:124', true],
      ['appointments:all', true],
    ],
  )
  await watch(t, client.status).untilStatus('live')

  const appointments = client.from('appointments')
  await appointments.insert({ id: 1, patient_id: '123', dentist_id: '7' }).throwOnError()
  await appointments.update({ status: 'confirmed' }).eq('id', 1)
  await appointments.update({ patient_id: '124' }).eq('id', 1)
  await appointments.delete().eq('id', 1)
  const looking = looker(t)
  await looking.until(() => all.log.at(-1) === 'deleted 1')
  await looking.until(() => other.log.length === 2 && dentist.log.length === 4)
  assert.deepEqual(patient.log, ['created 1', 'updated 1 confirmed', 'deleted 1'])
  assert.deepEqual(other.log, ['created 1', 'deleted 1'])
  assert.deepEqual(all.log, [
    'created 1',
    'updated 1 confirmed',
    'updated 1 confirmed',
    'deleted 1',
  ])
  assert.deepEqual(dentist.log, all.log)

  service.unsubscribe(subscription)
  service.unsubscribe(subscription)
  assert.equal(service.getActiveSubscriptionsCount(), 3)
  service.unsubscribeAll()
  assert.deepEqual(service.getActiveSubscriptions(), [])
  await watch(t, client.status).untilStatus('idle')
})

test('availability comes for one dentist and for all', async (t) => {
  const client = connect(t, held.server.url)
  const service = createSyncService(client, { availability: { table: 'dentists' } })
  await client.from('dentists').insert([{ id: '1' }, { id: '2' }])
  const one = []
  const all = []
  const into = (list) => ({ onAvailabilityChanged: (id, free) => list.push([id, free]) })
  const { channelName } = service.subscribeToAvailability('1', into(one))
  service.subscribeToGlobalAvailability(into(all))
  assert.equal(channelName, 'availability:1')
  await watch(t, client.status).untilStatus('live')
  const free = (id, availability) => client.from('dentists').update({ availability }).eq('id', id)
  await free('1', { mon: ['9:00'] })
  await free('2', { tue: [] })
  await looker(t).until(() => all.length === 2 && one.length === 1)
  assert.deepEqual(one, [['1', { mon: ['9:00'] }]])
  assert.deepEqual(all, [
    ['1', { mon: ['9:00'] }],
    ['2', { tue: [] }],
  ])
})

test('tables and columns may have other names', async (t) => {
  const client = connect(t, held.server.url)
  const service = createSyncService(client, {
    appointments: { table: 'visits', key: 'number', patient: 'visitor' },
  })
  const { log, ...callbacks } = appointmentLog()
  service.subscribeToAppointments('a,b', 'patient', callbacks)
  await watch(t, client.status).untilStatus('live')
  await client.from('visits').insert({ number: 5, visitor: 'a,b' }).throwOnError()
  await client.from('visits').delete().eq('number', 5)
  await looker(t).until(() => log.length === 2)
  assert.equal(log[1], 'deleted 5')
})

test('what cannot be followed is told to onError', async (t) => {
  const client = connect(t, held.server.url)
  const service = createSyncService(client, { appointments: { table: 'nowhere' } })
  const { log, ...callbacks } = appointmentLog()
  service.subscribeToAllAppointments(callbacks)
  await looker(t).until(() => log.some((line) => line.startsWith('error') && /nowhere/.test(line)))
})

test('the heartbeat asks beside the client’s own', async (t) => {
  const client = connect(t, held.server.url)
  const service = createSyncService(client)
  service.subscribeToAllAppointments({})
  await watch(t, client.status).untilStatus('live')
  let beats = 0
  client.realtime.onHeartbeat((status) => {
    if (status === 'ok') beats++
    assert.notEqual(status, 'timeout')
  })
  service.startHeartbeat(20)
  t.after(() => service.stopHeartbeat())
  await looker(t).until(() => beats >= 3)
})

test('a group is heard under the name of its event', async (t) => {
  const client = connect(t, held.server.url)
  const [byGroup, byEvent] = [[], []]
  const line = ({ event, table, type, record, old }) =>
    `${event} ${table} ${type} ${record.id ?? old.id}`
  t.after(client.group('billing', (change) => byGroup.push(line(change))))
  t.after(client.on('billing_change_immediate', (change) => byEvent.push(line(change))))
  await watch(t, client.status).untilStatus('live')
  assert.equal(client.getChannels().length, 1, 'one channel for both')
  await client.from('patient_bills').insert({ id: 1 }).throwOnError()
  await client.from('appointments').insert({ id: 9 }).throwOnError()
  await client.from('payments').insert({ id: 2, bill_id: 1 }).throwOnError()
  await client.from('patient_bills').delete().eq('id', 1)
  const looking = looker(t)
  await looking.until(() => byGroup.length === 4)
  assert.deepEqual(byGroup, [
    'billing_change_immediate patient_bills INSERT 1',
    'billing_change_immediate payments INSERT 2',
    'billing_change_immediate patient_bills DELETE 1',
    'billing_change_immediate payments DELETE 2',
  ])
  assert.deepEqual(byEvent, byGroup)
  assert.throws(() => client.on('something', () => {}), /no such event/)
})

test('a group that is not in dunlin.toml is told of', async (t) => {
  const client = connect(t, held.server.url)
  const problems = []
  t.after(
    client.follow({
      table: 'group:nothing',
      onChange() {},
      onProblem: (reason) => problems.push(reason),
    }),
  )
  await looker(t).until(() => problems.some((reason) => /nothing/.test(reason)))
})
