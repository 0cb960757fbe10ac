import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  countBy,
  dataOf,
  deviceOptions,
  makeProject,
  password,
  refusalOf,
  request,
  signIn,
  signUp,
} from './auth_people.mjs'
import { asAnybody, asPerson } from './clients.mjs'
import { follow } from './follow.mjs'
import { useServer } from './suite.mjs'

const project = makeProject({
  settings: '[auth]\nsessions = "single-device"\n\n[auth.roles.patient]\nsessions = "many"\n',
  migration: `
    create table notes (id bigint generated always as identity primary key, word text not null);
    create function become(wanted text) returns void language sql security definer as $$
      update auth.users set raw_app_meta_data = jsonb_build_object('role', wanted) where id = auth.uid()
    $$;`,
})
const held = useServer(async () => {}, { project })
const force = { 'x-force-sign-in': 'true' }

const tryIn = (t, email, device, more = {}) =>
  asAnybody(t, held.server, deviceOptions(device, more)).auth.signInWithPassword({
    email,
    password,
  })
const isSignedIn = async ({ access_token }) =>
  (await request(held.server, 'GET', 'user', { token: access_token })).status === 200

test('a second device is told of the first', async (t) => {
  const platform = { 'x-device-platform': 'Windows' }
  const { email, session } = await signUp(t, held.server, deviceOptions('desk', platform))
  const refused = await tryIn(t, email, 'laptop')
  assert.equal(refusalOf(refused), '409 session_conflict')
  assert.match(refused.error.message, /^This account is signed in on the desk, last active \d{4}-/)
  const { body } = await request(held.server, 'POST', 'token?grant_type=password', {
    body: { email, password },
  })
  const { device, address } = body.session
  assert.deepEqual(
    [device.id, device.name, device.platform, address],
    ['desk', 'the desk', 'Windows', '127.0.0.1'],
  )
  assert.ok(!JSON.stringify(body).includes(session.refresh_token))
  const wrong = await request(held.server, 'POST', 'token?grant_type=password', {
    body: { email, password: 'wrong password' },
  })
  assert.equal(wrong.body.code, 'invalid_credentials', 'who has no password learns nothing')
  assert.equal(wrong.body.session, undefined)
  assert.ok(await isSignedIn(session))
})

test('force ends the first device, its sockets are told and stay out', async (t) => {
  const { client, email, session } = await signUp(t, held.server, deviceOptions('desk'))
  const followed = await follow(client, [{ table: 'notes' }])
  const forced = dataOf(await tryIn(t, email, 'laptop', force))
  const notice = await followed.untilRevoked()
  assert.deepEqual(
    [notice.extension, notice.status, notice.message],
    ['session', 'error', 'session_revoked'],
  )
  assert.deepEqual([await isSignedIn(session), await isSignedIn(forced.session)], [false, true])
  const again = asPerson(t, held.server, { token: session.access_token })
  await again.realtime.setAuth()
  const status = await new Promise((resolve) => {
    again
      .channel('again')
      .on('postgres_changes', { schema: 'public', table: 'notes', event: '*' }, () => {})
      .subscribe((state) => resolve(state))
  })
  assert.equal(status, 'CHANNEL_ERROR')
  assert.equal(refusalOf(await client.auth.refreshSession()), '400 refresh_token_not_found')
})

test('the same device takes its own place', async (t) => {
  const { email, session } = await signUp(t, held.server, deviceOptions('desk'))
  const { session: next } = dataOf(await tryIn(t, email, 'desk'))
  assert.deepEqual([await isSignedIn(session), await isSignedIn(next)], [false, true])
  assert.equal(
    refusalOf(await tryIn(t, email, '')),
    '409 session_conflict',
    'a silent one is another',
  )
})

test('a role may have many devices, and keeps one when it changes', async (t) => {
  const { client, email } = await signUp(t, held.server, deviceOptions('desk'))
  dataOf(await client.rpc('become', { wanted: 'patient' }))
  dataOf(await tryIn(t, email, 'laptop'))
  const { client: third } = await signIn(t, held.server, email, deviceOptions('phone'))
  dataOf(await third.rpc('become', { wanted: 'staff' }))
  assert.equal(refusalOf(await tryIn(t, email, 'tablet')), '409 session_conflict')
  const { session } = dataOf(await tryIn(t, email, 'tablet', force))
  const { body } = await request(held.server, 'GET', 'sessions', { token: session.access_token })
  assert.deepEqual(
    body.sessions.map((one) => one.device.id),
    ['tablet'],
    'all others ended',
  )
})

test('of eight devices at once, one gets in', async (t) => {
  const { client, email } = await signUp(t, held.server)
  await client.auth.signOut()
  const attempts = Array.from({ length: 8 }, (_, i) => tryIn(t, email, `device ${i}`))
  assert.deepEqual(countBy((await Promise.all(attempts)).map(refusalOf)), {
    none: 1,
    '409 session_conflict': 7,
  })
})
