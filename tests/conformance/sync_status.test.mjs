import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeProject } from './auth_people.mjs'
import { anonKey, asAnybody, asPerson, asService, person, serviceKey } from './clients.mjs'
import { follow } from './follow.mjs'
import { startServer, temporaryFolder } from './server.mjs'
import { useServer } from './suite.mjs'

/// Groups of tables, and who may see which subscriptions.

const project = makeProject({
  settings: `
    [groups]
    billing = ["patient_bills", "payments"]
    private = ["patient_bills", "secrets"]
    [live]
    admin_roles = ["owner", "admin"]`,
  migration: `
    create table patient_bills (id bigint primary key, amount numeric(10,2));
    create table payments (id bigint primary key, bill_id bigint);
    create table appointments (id bigint primary key);
    create table secrets (id bigint primary key);
    revoke all on secrets from anon, authenticated;`,
})
const held = useServer(undefined, { project })

async function ask(server, path, token, key = anonKey) {
  const headers = token ? { apikey: key, Authorization: `Bearer ${token}` } : {}
  const answer = await fetch(`${server.url}/${path}`, { headers })
  return { status: answer.status, body: await answer.json() }
}

test('a group is followed like a wildcard, and each change names its table', async (t) => {
  const followed = await follow(asAnybody(t, held.server), [{ table: 'group:billing' }])
  const service = asService(t, held.server)
  await service.from('appointments').insert({ id: 1 })
  await service.from('patient_bills').insert({ id: 1, amount: 20 })
  await service.from('payments').insert({ id: 2, bill_id: 1 })
  await service.from('patient_bills').delete().eq('id', 1)
  await followed.until('DELETE 1')
  assert.deepEqual(
    followed.changes.map(({ table, eventType }) => `${eventType} ${table}`),
    ['INSERT patient_bills', 'INSERT payments', 'DELETE patient_bills'],
  )
})

test('a group has for each reader the tables that he may read', async (t) => {
  const followed = await follow(asAnybody(t, held.server), [{ table: 'group:private' }])
  const service = asService(t, held.server)
  await service.from('secrets').insert({ id: 5 })
  await service.from('patient_bills').insert({ id: 6, amount: 1 })
  await followed.until('INSERT 6')
  assert.deepEqual(followed.lines, ['INSERT 6'])

  const all = await follow(service, [{ table: 'group:private' }], { topic: 'all' })
  await service.from('secrets').insert({ id: 7 })
  await all.until('INSERT 7')
})

test('what a group cannot have is refused with the reason', async (t) => {
  const cases = [
    ['an unknown group', { table: 'group:bills' }, /There is no such group of tables\.$/],
    ['a filter', { table: 'group:billing', filter: 'id=eq.1' }, /a filter needs one schema/],
    ['a select', { table: 'group:billing', select: ['id'] }, /Column selection is not supported/],
  ]
  for (const [why, binding, message] of cases) {
    const followed = await follow(asAnybody(t, held.server), [binding])
    const system = await followed.untilSystem()
    assert.equal(system.status, 'error', why)
    assert.match(system.message, message, why)
  }
})

test('groups are checked against the schema when the server starts', async (t) => {
  const wrong = makeProject({
    settings: '[groups]\nbilling = ["payments", "paymets"]\n',
    migration: 'create table payments (id bigint primary key);',
  })
  await assert.rejects(startServer({ project: wrong, data: temporaryFolder(t) }), (error) => {
    assert.match(
      error.message,
      /dunlin\.toml:2:11: groups\.billing: table "paymets": there is no such table/,
    )
    assert.match(error.message, /Perhaps you meant payments/)
    return true
  })
})

test('everybody sees his own subscriptions, administrators all, everybody how many', async (t) => {
  // One of its own: the clients of other tests leave in their own time.
  const server = await startServer({ project, data: temporaryFolder(t) })
  t.after(() => server.stop())
  const [ann, bob] = [person(), person(undefined, { app_metadata: { role: 'dentist' } })]
  const owner = person(undefined, { app_metadata: { role: 'owner' } })
  const startedAt = Date.now()
  const appointments = { table: 'appointments' }
  const asAnn = asPerson(t, server, ann)
  await follow(asAnn, [appointments], { topic: 'appointments:patient:123' })
  await follow(asAnn, [], { topic: 'availability:7' })
  await follow(asPerson(t, server, bob), [appointments], { topic: 'appointments:dentist:9' })

  const own = await ask(server, 'api/sync/status', ann.token)
  assert.equal(own.status, 200)
  assert.deepEqual([own.body.status, own.body.activeSubscriptions], ['active', 2])
  const [first] = own.body.subscriptions
  assert.deepEqual(own.body.subscriptions.map((one) => one.channelName).sort(), [
    'appointments:patient:123',
    'availability:7',
  ])
  for (const { id, channelName, active, createdAt } of own.body.subscriptions) {
    const at = Date.parse(createdAt)
    assert.deepEqual([id, active], [`${channelName}-${at}`, true])
    assert.ok(at >= startedAt - 1 && at <= Date.now(), createdAt)
  }
  assert.deepEqual(Object.keys(first).sort(), ['active', 'channelName', 'createdAt', 'id'])

  assert.equal((await ask(server, 'api/sync/stats', ann.token)).status, 403)
  assert.equal((await ask(server, 'api/sync/stats', bob.token)).status, 403)
  const all = await ask(server, 'api/sync/stats', owner.token)
  assert.equal((await ask(server, 'api/sync/stats', serviceKey, serviceKey)).status, 200)
  assert.equal(all.status, 200)
  const { stats, roles, subscriptions } = all.body
  assert.deepEqual([stats.appointments, stats.availability], [2, 1])
  assert.equal(stats.total, 3)
  assert.deepEqual([roles.dentist, roles.authenticated], [1, 2])
  const ofBob = subscriptions.find(({ user }) => user === bob.id)
  assert.deepEqual([ofBob.channelName, ofBob.role], ['appointments:dentist:9', 'dentist'])

  const health = await ask(server, 'api/sync/health')
  assert.deepEqual(
    [health.status, health.body.status, health.body.service, health.body.activeSubscriptions],
    [200, 'healthy', 'realtime-sync', 3],
  )
  await asAnn.removeAllChannels()
  assert.equal((await ask(server, 'api/sync/status', ann.token)).body.activeSubscriptions, 0)
})

test('the numbers of live are in the metrics', async (t) => {
  const read = async () => {
    const text = await (await fetch(`${held.server.url}/metrics`)).text()
    return Object.fromEntries(
      [...text.matchAll(/^(dunlin_live_\w+) (\S+)$/gm)].map(([, name, value]) => [
        name,
        Number(value),
      ]),
    )
  }
  const before = await read()
  const followed = await follow(asAnybody(t, held.server), [{ table: 'appointments' }])
  await asService(t, held.server).from('appointments').insert({ id: 99 })
  await followed.until('INSERT 99')
  const now = await read()
  const gained = (name) => now[`dunlin_live_${name}`] - before[`dunlin_live_${name}`]
  assert.equal(gained('joins_total'), 1)
  assert.equal(gained('matches_total'), 1)
  assert.equal(gained('delivery_seconds_count'), 1)
  assert.ok(gained('frames_total') >= 3, 'the reply, the notice and the change')
  assert.ok(now.dunlin_live_delivery_seconds_sum > 0)
})

test('outside of --dev the inspector asks for the service key', async (t) => {
  const server = await startServer({ project, data: temporaryFolder(t), development: false })
  t.after(() => server.stop())
  const answer = await fetch(`${server.url}/_/live/state`)
  assert.equal(answer.status, 401)
  assert.equal((await fetch(`${server.url}/_/live`)).status, 200)
})
