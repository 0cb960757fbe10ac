import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  claimsOf,
  countBy,
  dataOf,
  deviceOptions,
  makeProject,
  newEmail,
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
  migration: `
    create table notes (id bigint generated always as identity primary key, word text not null);
    alter table notes enable row level security;
    create policy own on notes for all to authenticated using (true) with check (true);
    -- Time that passes for a test.
    create function age_refresh() returns void language sql security definer as $$
      update auth.sessions set refreshed_at = refreshed_at - interval '11 seconds'
        where user_id = auth.uid()
    $$;`,
})
const held = useServer(async () => {}, { project })

const refreshBy = async (t, token) =>
  asAnybody(t, held.server).auth.refreshSession({ refresh_token: token })
const isSignedIn = async ({ access_token }) =>
  (await request(held.server, 'GET', 'user', { token: access_token })).status === 200

test('sign-up and sign-in give a session for the account', async (t) => {
  const { client, email, user } = await signUp(t, held.server)
  assert.equal(user.identities[0].provider, 'email')
  const twice = await asAnybody(t, held.server).auth.signUp({ email, password })
  assert.equal(refusalOf(twice), '422 user_already_exists')
  const { session } = await signIn(t, held.server, email.toUpperCase())
  const claims = claimsOf(session.access_token)
  assert.deepEqual(
    [claims.sub, claims.role, claims.aal, claims.email],
    [user.id, 'authenticated', 'aal1', email],
  )
  assert.deepEqual(
    claims.amr.map(({ method }) => method),
    ['password'],
  )
  assert.equal(dataOf(await client.auth.getUser()).user.id, user.id)
  assert.equal(dataOf(await client.auth.getClaims()).claims.sub, user.id)
})

test('a wrong password and an unknown account are refused alike', async (t) => {
  const { email } = await signUp(t, held.server)
  const anybody = asAnybody(t, held.server)
  for (const credentials of [
    { email, password: 'wrong password' },
    { email: newEmail(), password },
  ]) {
    const { error } = await anybody.auth.signInWithPassword(credentials)
    assert.deepEqual(
      [error.status, error.code, error.message],
      [400, 'invalid_credentials', 'Invalid login credentials'],
    )
  }
  const short = await anybody.auth.signUp({ email: newEmail(), password: 'short' })
  assert.equal(refusalOf(short), '422 weak_password')
  assert.deepEqual(short.error.reasons, ['length'])
})

test('fifty refreshes at once give one successor', async (t) => {
  const { session } = await signUp(t, held.server)
  const refresh = () =>
    request(held.server, 'POST', 'token?grant_type=refresh_token', {
      body: { refresh_token: session.refresh_token },
    })
  const answers = await Promise.all(Array.from({ length: 50 }, refresh))
  assert.deepEqual(countBy(answers.map(({ status }) => status)), { 200: 50 })
  const successors = new Set(answers.map(({ body }) => body.refresh_token))
  assert.equal(successors.size, 1)
  assert.ok(!successors.has(session.refresh_token))
})

test('a refresh token that is used again later ends the session and its sockets', async (t) => {
  const { client, session } = await signUp(t, held.server)
  const followed = await follow(client, [{ table: 'notes' }])
  const { session: next } = dataOf(await refreshBy(t, session.refresh_token))
  dataOf(await refreshBy(t, session.refresh_token))
  assert.ok(await isSignedIn(session), 'the client may have lost the answer')
  const owner = asPerson(t, held.server, { token: next.access_token })
  dataOf(await owner.rpc('age_refresh'))
  assert.equal(
    refusalOf(await refreshBy(t, session.refresh_token)),
    '400 refresh_token_already_used',
  )
  assert.equal((await followed.untilRevoked()).message, 'session_revoked')
  assert.equal(refusalOf(await refreshBy(t, next.refresh_token)), '400 refresh_token_not_found')
  assert.equal(await isSignedIn(next), false)
  const { error } = await owner.from('notes').select()
  assert.equal(error.code, 'PGRST303')
})

test('a thief who refreshes first is found out by its victim', async (t) => {
  const { client, session } = await signUp(t, held.server)
  const thief = asAnybody(t, held.server)
  dataOf(await thief.auth.refreshSession({ refresh_token: session.refresh_token }))
  const { session: stolen } = dataOf(await thief.auth.refreshSession())
  assert.equal(refusalOf(await client.auth.refreshSession()), '400 refresh_token_already_used')
  assert.equal(await isSignedIn(stolen), false)
})

test('refresh tokens that were never given', async (t) => {
  const { session } = await signUp(t, held.server)
  const { refresh_token: token } = session
  const changed = token.slice(0, -2) + (token.endsWith('AA') ? 'BA' : 'AA')
  assert.equal(refusalOf(await refreshBy(t, changed)), '400 refresh_token_not_found')
  assert.equal(refusalOf(await refreshBy(t, 'short')), '400 validation_failed')
  assert.equal(refusalOf(await refreshBy(t, session.access_token)), '400 refresh_token_not_found')
  assert.ok(await isSignedIn(session), 'nobody can end a session by guessing')
})

test('sign-out ends this session, the others or all', async (t) => {
  const { email } = await signUp(t, held.server)
  const cases = [
    { why: 'this one', scope: 'local', left: [false, true, true] },
    { why: 'the others', scope: 'others', left: [true, false, false] },
    { why: 'all', scope: 'global', left: [false, false, false] },
  ]
  for (const { why, scope, left } of cases) {
    const people = await Promise.all([1, 2, 3].map(() => signIn(t, held.server, email)))
    const { error } = await people[0].client.auth.signOut({ scope })
    assert.equal(error, null, why)
    const signedIn = await Promise.all(people.map(({ session }) => isSignedIn(session)))
    assert.deepEqual(signedIn, left, why)
  }
})

test('a new password signs the other devices out', async (t) => {
  const { client, email, session } = await signUp(t, held.server)
  const other = await signIn(t, held.server, email)
  const followed = await follow(other.client, [{ table: 'notes' }])
  assert.equal(refusalOf(await client.auth.updateUser({ password })), '422 same_password')
  dataOf(await client.auth.updateUser({ password: 'a better passphrase' }))
  assert.equal((await followed.untilRevoked()).message, 'session_revoked')
  assert.deepEqual([await isSignedIn(other.session), await isSignedIn(session)], [false, true])
  const old = await asAnybody(t, held.server).auth.signInWithPassword({ email, password })
  assert.equal(refusalOf(old), '400 invalid_credentials')
})

test('the list of devices is one’s own, without keys, and live', async (t) => {
  const ann = await signUp(t, held.server, deviceOptions('desk'))
  const ben = await signUp(t, held.server)
  const topic = { keyOf: (row) => row.device_id ?? row.id }
  const binding = [{ schema: 'auth', table: 'sessions' }]
  const followed = await follow(ann.client, binding, topic)
  const unheard = await follow(ben.client, binding, topic)
  const second = await signIn(t, held.server, ann.email, deviceOptions('laptop'))
  await followed.until('INSERT laptop')
  const columns = Object.keys(followed.changes[0].new)
  for (const secret of ['refresh_key', 'refresh_generation', 'amr', 'factor_id']) {
    assert.ok(!columns.includes(secret), secret)
  }
  const { body } = await request(held.server, 'GET', 'sessions', {
    token: ann.session.access_token,
  })
  assert.deepEqual(
    body.sessions.map((one) => [one.device.id, one.current]),
    [
      ['laptop', false],
      ['desk', true],
    ],
  )
  const ended = `sessions/${body.sessions[0].id}`
  assert.equal(
    (await request(held.server, 'DELETE', ended, { token: ben.session.access_token })).status,
    404,
  )
  assert.equal(
    (await request(held.server, 'DELETE', ended, { token: ann.session.access_token })).status,
    204,
  )
  await followed.until(`DELETE ${body.sessions[0].id}`)
  assert.equal(await isSignedIn(second.session), false)
  await signIn(t, held.server, ben.email, deviceOptions('ben'))
  await unheard.until('INSERT ben')
  assert.deepEqual(unheard.lines, ['INSERT ben'])
})
