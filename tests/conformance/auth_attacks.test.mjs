import assert from 'node:assert/strict'
import { createHmac, randomBytes } from 'node:crypto'
import { test } from 'node:test'
import {
  claimsOf,
  countBy,
  dataOf,
  makeProject,
  newEmail,
  request,
  signIn,
  signUp,
} from './auth_people.mjs'
import { anonKey, asAnybody, serviceKey, signToken } from './clients.mjs'
import { startServer, temporaryFolder } from './server.mjs'
import { useServer } from './suite.mjs'

const project = makeProject({
  settings: '[auth]\nlimits.account_attempts = 7\nlimits.account_seconds = 60\n',
  migration: 'create table notes (id bigint primary key)',
})
const held = useServer(async () => {}, { project })

const passwordGrant = (body, more) =>
  request(held.server, 'POST', 'token?grant_type=password', { body, ...more })

test('so many wrong passwords and not one more, however many come at once', async (t) => {
  const { email } = await signUp(t, held.server)
  const guess = (_, i) => passwordGrant({ email, password: `guess number ${i}` })
  const answers = await Promise.all(Array.from({ length: 100 }, guess))
  assert.deepEqual(countBy(answers.map(({ status, body }) => `${status} ${body.code}`)), {
    '400 invalid_credentials': 7,
    '429 over_request_rate_limit': 93,
  })
  const right = await passwordGrant({ email, password: 'correct horse battery' })
  assert.equal(right.status, 429, 'nor the right one')
  const wait = Number(right.headers.get('retry-after'))
  assert.ok(wait > 0 && wait <= 60, `Retry-After ${wait}`)
  assert.equal(right.body.retry_after, wait)
  const other = await signUp(t, held.server)
  await signIn(t, held.server, other.email)
})

test('limits are the same for accounts that do not exist', async () => {
  const email = newEmail()
  const answers = await Promise.all(
    Array.from({ length: 10 }, () => passwordGrant({ email, password: 'a guess' })),
  )
  assert.deepEqual(countBy(answers.map(({ status }) => status)), { 400: 7, 429: 3 })
})

test('a refusal has the form of the API version that was asked for', async () => {
  const body = { email: newEmail(), password: 'wrong password' }
  const now = await passwordGrant(body)
  assert.deepEqual(now.body, { code: 'invalid_credentials', message: 'Invalid login credentials' })
  assert.equal(now.headers.get('x-supabase-api-version'), '2024-01-01')
  assert.equal(now.headers.get('x-sb-error-code'), 'invalid_credentials')
  const before = await passwordGrant(body, { headers: { 'x-supabase-api-version': '' } })
  assert.deepEqual(before.body, {
    code: 400,
    error_code: 'invalid_credentials',
    msg: 'Invalid login credentials',
  })
})

test('bodies that are none are refused', async () => {
  const cases = [
    { why: 'no address', body: { password: 'x' }, code: '400 validation_failed' },
    {
      why: 'two addresses',
      body: { email: newEmail(), phone: '+4915112345678', password: 'x' },
      code: '400 validation_failed',
    },
    {
      why: 'a number for a text',
      body: { email: 7, password: 'x' },
      code: '400 validation_failed',
    },
    { why: 'a list', body: [], code: '400 bad_json' },
    {
      why: 'very deep',
      body: JSON.parse('['.repeat(3000) + ']'.repeat(3000)),
      code: '400 bad_json',
    },
    {
      why: 'no such grant',
      target: 'token?grant_type=magic',
      body: {},
      code: '400 unsupported_grant_type',
    },
    { why: 'no such endpoint', target: 'nothing', body: {}, code: '404 not_found' },
  ]
  for (const { why, target = 'token?grant_type=password', body, code } of cases) {
    const answer = await request(held.server, 'POST', target, { body })
    assert.equal(`${answer.status} ${answer.body.code}`, code, why)
  }
})

const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url')
const signWith = (header, claims, key) => {
  const signed = `${encode(header)}.${encode(claims)}`
  return `${signed}.${createHmac('sha256', key).update(signed).digest('base64url')}`
}

test('tokens that prove nothing open no endpoint', async (t) => {
  const { session, user } = await signUp(t, held.server)
  const claims = claimsOf(session.access_token)
  const key = randomBytes(32)
  const [header, payload, signature] = session.access_token.split('.')
  const raised = encode({ ...claims, role: 'service_role', aal: 'aal2' })
  const kid = (name) => signWith({ alg: 'HS256', typ: 'JWT', kid: name }, claims, key)
  const cases = {
    'not signed': `${encode({ alg: 'none', typ: 'JWT' })}.${payload}.`,
    'claims changed': `${header}.${raised}.${signature}`,
    'signature cut off': `${header}.${payload}.${signature.slice(0, 20)}`,
    'another key': signWith({ alg: 'HS256', typ: 'JWT' }, claims, key),
    'kid that leads elsewhere': kid('../../../etc/passwd'),
    'kid of nobody': kid('none'),
    'key in the header': signWith(
      { alg: 'HS256', typ: 'JWT', jwk: { kty: 'oct', k: key.toString('base64url') } },
      claims,
      key,
    ),
    'key elsewhere': signWith(
      { alg: 'HS256', typ: 'JWT', jku: 'http://127.0.0.1:1/keys' },
      claims,
      key,
    ),
    expired: signToken({ ...claims, exp: 1_600_000_000 }),
    'another audience of nobody': signToken({ ...claims, sub: '' }),
    'no token at all': 'Bearer',
    huge: 'a'.repeat(7000),
  }
  for (const [why, token] of Object.entries(cases)) {
    for (const [method, target] of [
      ['GET', 'user'],
      ['PUT', 'user'],
      ['POST', 'logout'],
      ['GET', 'sessions'],
      ['POST', 'factors'],
      ['DELETE', `factors/${user.id}`],
      ['GET', 'factors/recovery-codes'],
      ['DELETE', `user/identities/${user.id}`],
    ]) {
      const { status } = await request(held.server, method, target, { token })
      assert.ok(status === 401 || status === 403, `${why}: ${method} ${target}: ${status}`)
    }
  }
  for (const token of [anonKey, serviceKey]) {
    assert.equal(
      (await request(held.server, 'GET', 'user', { token })).status,
      403,
      'a key is nobody',
    )
  }
  assert.equal(
    (await request(held.server, 'GET', 'user', { token: session.access_token })).status,
    200,
  )
})

test('a client gets the session it is given, not one it chose', async (t) => {
  const chosen = '20000000-0000-4000-8000-000000000001'
  const body = {
    email: newEmail(),
    password: 'correct horse battery',
    session_id: chosen,
    id: chosen,
    role: 'service_role',
    app_metadata: { role: 'admin' },
    aud: 'x',
    email_confirmed_at: '2020-01-01',
  }
  const made = await request(held.server, 'POST', 'signup', {
    body,
    headers: { cookie: `session_id=${chosen}` },
  })
  assert.equal(made.status, 200)
  const claims = claimsOf(made.body.access_token)
  assert.notEqual(claims.session_id, chosen)
  assert.notEqual(claims.sub, chosen)
  assert.deepEqual(
    [claims.role, claims.aud, claims.app_metadata.role],
    ['authenticated', 'authenticated', undefined],
  )
  const { session } = await signIn(t, held.server, body.email)
  assert.notEqual(
    claimsOf(session.access_token).session_id,
    claims.session_id,
    'each sign-in another',
  )
  const changed = await request(held.server, 'PUT', 'user', {
    token: session.access_token,
    body: { role: 'service_role', app_metadata: { role: 'admin' }, data: { nickname: 'Ann' } },
  })
  assert.deepEqual(
    [changed.body.role, changed.body.app_metadata.role],
    ['authenticated', undefined],
  )
  assert.equal(changed.body.user_metadata.nickname, 'Ann')
})

test('no password, token or key is in the log', async (t) => {
  const server = await startServer({ project, data: temporaryFolder(t) })
  const canary = `canary-${randomBytes(8).toString('hex')}`
  const email = newEmail()
  const client = asAnybody(t, server)
  const { session } = dataOf(await client.auth.signUp({ email, password: canary }))
  await client.auth.signInWithPassword({ email, password: `${canary}-wrong` })
  await client.auth.refreshSession()
  await asAnybody(t, server).auth.refreshSession({ refresh_token: `${session.refresh_token}x` })
  await request(server, 'POST', `token?grant_type=password&password=${canary}&apikey=${anonKey}`, {
    body: { email: canary },
  })
  await request(server, 'GET', 'user', { token: `${session.access_token}${canary}` })
  await request(server, 'POST', 'token?grant_type=refresh_token', {
    body: { refresh_token: { canary } },
  })
  await client.auth.updateUser({ password: `${canary}-next` })
  await client.auth.signOut()
  await server.stop()
  assert.match(server.log, /\/auth\/v1\/token/)
  for (const secret of [canary, session.access_token, session.refresh_token, anonKey]) {
    assert.ok(!server.log.includes(secret), secret.slice(0, 10))
  }
})
