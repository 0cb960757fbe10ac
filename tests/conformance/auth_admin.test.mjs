import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import path from 'node:path'
import { test } from 'node:test'
import { administrationOf, authFetch, newEmail, newUser, password, signIn } from './accounts.mjs'
import { anonKey, asService, serviceKey, signToken } from './clients.mjs'
import { useServer } from './suite.mjs'

const project = path.join(import.meta.dirname, 'admin_project')
const held = useServer(undefined, { project })

/// Of seed.sql.
const factorUser = '0b9b2f0a-6f0e-4f4e-8a4e-0000000000f1'
const factorId = '0b9b2f0a-6f0e-4f4e-8a4e-0000000000f2'

const nobody = '0b9b2f0a-6f0e-4f4e-8a4e-00000000dead'
/// Of "U*U".
const bcryptHash = '$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW'

/** Every endpoint, about the account `id`. */
const endpoints = (id) => [
  ['GET', 'admin/users'],
  ['POST', 'admin/users', { email: newEmail(), password }],
  ['GET', `admin/users/${id}`],
  ['PUT', `admin/users/${id}`, { role: 'service_role', email: newEmail() }],
  ['DELETE', `admin/users/${id}`, {}],
  ['GET', `admin/users/${id}/factors`],
  ['DELETE', `admin/users/${id}/factors/${factorId}`],
  ['GET', `admin/users/${id}/sessions`],
  ['DELETE', `admin/users/${id}/sessions`],
  ['DELETE', `admin/users/${id}/sessions/${nobody}`],
  ['GET', 'admin/audit'],
  ['GET', 'admin/audit/verify'],
]

test('every endpoint is for the service role only', async (t) => {
  const admin = administrationOf(held.server)
  const victim = await newUser(held.server)
  const client = await signIn(t, held.server, (await newUser(held.server)).email)
  const own = client.session.user.id
  const exp = Math.floor(Date.now() / 1000) + 3600
  const callers = [
    ['nobody', undefined, 401, 'no_authorization'],
    ['the public key', anonKey, 403, 'not_admin'],
    ['somebody signed in', client.session.access_token, 403, 'not_admin'],
    ['a token of the role anon', signToken({ role: 'anon', sub: own, exp }), 403, 'not_admin'],
    ['a token that is none', 'service_role', 403, 'bad_jwt'],
    ['an expired service token', signToken({ role: 'service_role', exp: 1 }), 403, 'bad_jwt'],
    ['a service token of another secret', `${serviceKey.slice(0, -4)}AAAA`, 403, 'bad_jwt'],
  ]
  const { total } = (await admin.listUsers()).data
  for (const [who, token, status, code] of callers) {
    for (const id of [victim.id, 'x']) {
      for (const [method, url, body] of endpoints(id)) {
        const answer = await authFetch(held.server, method, url, { token, body })
        assert.deepEqual(
          [answer.status, answer.body.code],
          [status, code],
          `${who}: ${method} ${url}`,
        )
      }
    }
  }
  assert.deepEqual((await admin.getUserById(victim.id)).data.user, victim)
  assert.equal((await admin.listUsers()).data.total, total)
  assert.equal((await client.auth.getUser()).error, null, 'and nobody was signed out')
})

test('ids that are none, or of nobody, or of another account are not found', async (t) => {
  const [ana, ben] = [await newUser(held.server), await newUser(held.server)]
  await signIn(t, held.server, ben.email)
  const { body } = await authFetch(held.server, 'GET', `admin/users/${ben.id}/sessions`, {
    token: serviceKey,
  })
  const session = body.sessions[0].id
  const cases = [
    ['no UUID', 'GET', 'admin/users/7', 'validation_failed', 'user_id must be an UUID'],
    [
      'a path',
      'GET',
      'admin/users/..%2f..%2fsettings',
      'validation_failed',
      'user_id must be an UUID',
    ],
    ['nobody', 'GET', `admin/users/${nobody}`, 'user_not_found', 'User not found'],
    ['nobody to change', 'PUT', `admin/users/${nobody}`, 'user_not_found', 'User not found'],
    ['nobody to delete', 'DELETE', `admin/users/${nobody}`, 'user_not_found', 'User not found'],
    [
      'factors of nobody',
      'GET',
      `admin/users/${nobody}/factors`,
      'user_not_found',
      'User not found',
    ],
    [
      'no factor id',
      'DELETE',
      `admin/users/${ana.id}/factors/7`,
      'validation_failed',
      'factor_id must be an UUID',
    ],
    [
      "another's factor",
      'DELETE',
      `admin/users/${ana.id}/factors/${factorId}`,
      'mfa_factor_not_found',
      'Factor not found',
    ],
    [
      "another's session",
      'DELETE',
      `admin/users/${ana.id}/sessions/${session}`,
      'session_not_found',
      'Session from session_id claim in JWT does not exist',
    ],
    [
      'no session id ends not all of them',
      'DELETE',
      `admin/users/${ben.id}/sessions/`,
      'validation_failed',
      'session_id must be an UUID',
    ],
    [
      'no such part',
      'GET',
      `admin/users/${ana.id}/secrets`,
      'not_found',
      `no such endpoint: GET /auth/v1/admin/users/${ana.id}/secrets`,
    ],
  ]
  for (const [why, method, url, code, message] of cases) {
    const answer = await authFetch(held.server, method, url, { token: serviceKey })
    assert.deepEqual([answer.status, answer.body], [404, { code, message }], why)
  }
  const after = await authFetch(held.server, 'GET', `admin/users/${ben.id}/sessions`, {
    token: serviceKey,
  })
  assert.equal(after.body.sessions.length, 1)
})

test('an account is made as it is asked for', async (t) => {
  const admin = administrationOf(held.server)
  const email = newEmail()
  const id = randomUUID()
  const { data, error } = await admin.createUser({
    id: id.toUpperCase(),
    email: email.toUpperCase(),
    phone: '+49 151 1234567',
    password,
    email_confirm: true,
    user_metadata: { full_name: 'Ana Müller' },
    app_metadata: { role: 'manager' },
  })
  assert.equal(error, null)
  assert.deepEqual(
    [data.user.id, data.user.email, data.user.phone, data.user.role],
    [id, email, '491511234567', 'authenticated'],
  )
  assert.deepEqual(data.user.app_metadata, {
    role: 'manager',
    provider: 'email',
    providers: ['email', 'phone'],
  })
  assert.deepEqual(data.user.user_metadata, { full_name: 'Ana Müller' })
  assert.ok(data.user.email_confirmed_at)
  assert.equal(data.user.phone_confirmed_at, undefined)
  assert.deepEqual(data.user.identities.map((one) => one.provider).sort(), ['email', 'phone'])
  const client = await signIn(t, held.server, email)
  assert.equal(client.session.user.app_metadata.role, 'manager')
  const { data: profiles } = await asService(t, held.server)
    .from('profiles')
    .select()
    .eq('user_id', id)
  assert.deepEqual(profiles, [{ user_id: id, email }], 'the project heard of it')
})

test('a hash is brought along from elsewhere', async (t) => {
  const { email } = await newUser(held.server, {
    password: undefined,
    password_hash: bcryptHash,
  })
  const client = await signIn(t, held.server, email, 'U*U')
  assert.ok(client.session)
  const again = await signIn(t, held.server, email, 'U*U')
  assert.ok(again.session, 'and its successor is as good')
})

test('accounts that cannot be are refused', async () => {
  const admin = administrationOf(held.server)
  const taken = await newUser(held.server, { phone: '+49 30 7654321' })
  const cases = [
    ['no address', {}, 400, 'validation_failed', /either an email or phone/],
    ['an address that is none', { email: 'nobody' }, 400, 'validation_failed', /invalid format/],
    [
      'taken, whatever the case',
      { email: taken.email.toUpperCase() },
      422,
      'email_exists',
      /^A user with this email address has already been registered$/,
    ],
    ['taken', { phone: '0049307654321' }, 400, 'validation_failed', /E.164/],
    [
      'taken',
      { phone: '+49307654321' },
      422,
      'phone_exists',
      /^Phone number already registered by another user$/,
    ],
    ['taken', { id: taken.id, email: newEmail() }, 422, 'user_already_exists', /id/],
    [
      'a password that is none',
      { email: newEmail(), password: 'short' },
      422,
      'weak_password',
      /6/,
    ],
    [
      'both',
      { email: newEmail(), password, password_hash: bcryptHash },
      400,
      'validation_failed',
      /Only a password or a password hash/,
    ],
    [
      'a hash that is none',
      { email: newEmail(), password_hash: 'md5' },
      400,
      'validation_failed',
      /bcrypt/,
    ],
    [
      'a role of the database',
      { email: newEmail(), role: 'postgres' },
      400,
      'validation_failed',
      /role must be/,
    ],
    [
      'for ever',
      { email: newEmail(), ban_duration: 'ever' },
      400,
      'validation_failed',
      /invalid format for ban duration/,
    ],
    ['another type', { email: 7 }, 400, 'validation_failed', /email must be a text/],
    [
      'another type',
      { email: newEmail(), email_confirm: 'yes' },
      400,
      'validation_failed',
      /email_confirm must be true or false/,
    ],
    [
      'another type',
      { email: newEmail(), app_metadata: [] },
      400,
      'validation_failed',
      /app_metadata must be an object/,
    ],
  ]
  const { total } = (await admin.listUsers()).data
  for (const [why, attributes, status, code, message] of cases) {
    const { error } = await admin.createUser(attributes)
    assert.deepEqual(
      [error?.status, error?.code],
      [status, code],
      `${why}: ${JSON.stringify(attributes)}`,
    )
    assert.match(error.message, message, why)
  }
  const { body } = await authFetch(held.server, 'POST', 'admin/users', {
    token: serviceKey,
    body: [],
  })
  assert.equal(body.code, 'bad_json')
  assert.equal((await admin.listUsers()).data.total, total, 'none was made')
})

test('accounts are listed by page and found by a part of their names', async () => {
  const admin = administrationOf(held.server)
  const mark = newEmail().slice(0, 12)
  const made = []
  for (let i = 0; i < 5; ++i) {
    const user_metadata = i === 4 ? { full_name: `Dr. ${mark.toUpperCase()}` } : {}
    const email = i === 4 ? newEmail() : `${i}.${mark}@example.org`
    made.unshift((await newUser(held.server, { email, password: undefined, user_metadata })).id)
  }
  const { data } = await admin.listUsers({ page: 1, perPage: 2 })
  assert.deepEqual(
    data.users.map(({ id }) => id),
    made.slice(0, 2),
    'newest first',
  )
  assert.equal(data.nextPage, 2)
  assert.equal(data.lastPage, Math.min(9, Math.ceil(data.total / 2)))
  assert.equal(data.aud, 'authenticated')
  const second = await admin.listUsers({ page: 2, perPage: 2 })
  assert.deepEqual(
    second.data.users.map(({ id }) => id),
    made.slice(2, 4),
  )
  const past = await admin.listUsers({ page: 1000, perPage: 2 })
  assert.deepEqual([past.data.users, past.data.nextPage], [[], null])

  const list = (query) =>
    authFetch(held.server, 'GET', `admin/users?${query}`, { token: serviceKey })
  const found = await list(`filter=${mark}&per_page=3`)
  assert.deepEqual(
    found.body.users.map(({ id }) => id),
    made.slice(0, 3),
  )
  assert.equal(found.headers.get('x-total-count'), '5')
  assert.equal(
    found.headers.get('link'),
    `</auth/v1/admin/users?page=2&per_page=3&filter=${mark}>; rel="next", ` +
      `</auth/v1/admin/users?page=2&per_page=3&filter=${mark}>; rel="last"`,
  )
  const none = await list(`filter=${encodeURIComponent('%')}`)
  assert.deepEqual(none.body.users, [], 'a wildcard is a character')
  const much = await list('per_page=1000000')
  assert.equal(much.body.users.length, Number(much.headers.get('x-total-count')))
  for (const wrong of ['page=0', 'page=-1', 'page=x', 'per_page=0', 'page=99999999999999999999']) {
    const answer = await list(wrong)
    assert.deepEqual([answer.status, answer.body.code], [400, 'validation_failed'], wrong)
    assert.match(answer.body.message, /^Bad Pagination Parameters/, wrong)
  }
})

test('what is no attribute is never written', async () => {
  const extra = {
    aud: 'other',
    encrypted_password: 'x',
    is_super_admin: true,
    is_anonymous: true,
    confirmed_at: '2020-01-01T00:00:00Z',
    email_confirmed_at: '2020-01-01T00:00:00Z',
    banned_until: '2099-01-01T00:00:00Z',
    deleted_at: '2020-01-01T00:00:00Z',
    created_at: '2020-01-01T00:00:00Z',
    claims_changed_at: '2020-01-01T00:00:00Z',
    last_sign_in_at: '2020-01-01T00:00:00Z',
    raw_app_meta_data: { role: 'manager' },
    identities: [{ provider: 'google' }],
    factors: [{ id: nobody }],
  }
  const email = newEmail()
  const created = await authFetch(held.server, 'POST', 'admin/users', {
    token: serviceKey,
    body: { email, ...extra },
  })
  assert.equal(created.status, 200)
  const { id } = created.body
  const changed = await authFetch(held.server, 'PUT', `admin/users/${id}`, {
    token: serviceKey,
    body: { id: nobody, ...extra },
  })
  assert.equal(changed.status, 200)
  const { identities, created_at, updated_at, ...user } = changed.body
  assert.deepEqual(user, {
    id,
    aud: 'authenticated',
    role: 'authenticated',
    email,
    phone: '',
    app_metadata: { provider: 'email', providers: ['email'] },
    user_metadata: {},
    is_anonymous: false,
  })
  assert.deepEqual(
    identities.map(({ provider }) => provider),
    ['email'],
  )
  assert.ok(created_at > '2026' && updated_at > '2026')
})

test('a change is what the account is from then on', async (t) => {
  const admin = administrationOf(held.server)
  const user = await newUser(held.server, { user_metadata: { a: 1, b: 2 } })
  const client = await signIn(t, held.server, user.email)
  const email = newEmail()
  const { data, error } = await admin.updateUserById(user.id, {
    email,
    user_metadata: { a: null, c: 3 },
    app_metadata: { team: 7 },
  })
  assert.equal(error, null)
  assert.equal(data.user.email, email)
  assert.deepEqual(data.user.user_metadata, { b: 2, c: 3 }, 'merged, null removes')
  assert.deepEqual(data.user.app_metadata, { provider: 'email', providers: ['email'], team: 7 })
  assert.deepEqual(
    data.user.identities.map((one) => [one.email, one.identity_data.email]),
    [[email, email]],
  )
  assert.equal((await client.auth.getUser()).data.user.email, email, 'the session goes on')
  await assert.rejects(signIn(t, held.server, user.email), { code: 'invalid_credentials' })
  assert.ok((await signIn(t, held.server, email)).session)

  const other = await newUser(held.server)
  const taken = await admin.updateUserById(user.id, { email: other.email })
  assert.deepEqual([taken.error.status, taken.error.code], [422, 'email_exists'])
  const weak = await admin.updateUserById(user.id, { password: 'short' })
  assert.equal(weak.error.code, 'weak_password')
})

/** What is left of a session: its access token at the data API and at sign-in, and its refresh. */
async function remains(server, session) {
  const rest = await fetch(`${server.url}/rest/v1/news`, {
    headers: { apikey: anonKey, Authorization: `Bearer ${session.access_token}` },
  })
  const user = await authFetch(server, 'GET', 'user', { token: session.access_token })
  const refresh = await authFetch(server, 'POST', 'token?grant_type=refresh_token', {
    body: { refresh_token: session.refresh_token },
  })
  return [rest.status, user.body.code ?? user.status, refresh.body.code ?? refresh.status]
}

test('what takes an account away ends its sessions with the answer', async (t) => {
  const admin = administrationOf(held.server)
  const ended = [401, 'session_not_found', 'refresh_token_not_found']
  const alive = [200, 200, 200]
  const cases = [
    [
      'a new password',
      (id) => admin.updateUserById(id, { password: 'another long one' }),
      ended,
      'invalid_credentials',
    ],
    ['a ban', (id) => admin.updateUserById(id, { ban_duration: '24h' }), ended, 'user_banned'],
    ['deletion', (id) => admin.deleteUser(id), ended, 'invalid_credentials'],
    ['soft deletion', (id) => admin.deleteUser(id, true), ended, 'invalid_credentials'],
    [
      'the end of all sessions',
      (id) => authFetch(held.server, 'DELETE', `admin/users/${id}/sessions`, { token: serviceKey }),
      ended,
      undefined,
    ],
    [
      'a ban of no time',
      (id) => admin.updateUserById(id, { ban_duration: '0s' }),
      alive,
      undefined,
    ],
    [
      'another name',
      (id) => admin.updateUserById(id, { user_metadata: { name: 'x' } }),
      alive,
      undefined,
    ],
  ]
  for (const [why, act, left, signInCode] of cases) {
    const user = await newUser(held.server)
    const { session } = await signIn(t, held.server, user.email)
    const { error } = await act(user.id)
    assert.ok(!error, why)
    assert.deepEqual(await remains(held.server, session), left, why)
    const again = await signIn(t, held.server, user.email).catch((refusal) => refusal)
    assert.equal(again.code, signInCode, `${why}: signing in again`)
  }
})

test('a ban is lifted', async (t) => {
  const admin = administrationOf(held.server)
  const user = await newUser(held.server, { ban_duration: '1h30m' })
  const left = Date.parse(user.banned_until) - Date.now()
  assert.ok(left > 89 * 60_000 && left <= 90 * 60_000, `${left} ms`)
  await assert.rejects(signIn(t, held.server, user.email), { code: 'user_banned' })
  const { data } = await admin.updateUserById(user.id, { ban_duration: 'none' })
  assert.equal(data.user.banned_until, undefined)
  assert.ok((await signIn(t, held.server, user.email)).session)
})

test('one session ends, the others go on', async (t) => {
  const user = await newUser(held.server)
  const [first, second] = [
    await signIn(t, held.server, user.email),
    await signIn(t, held.server, user.email),
  ]
  const url = `admin/users/${user.id}/sessions`
  const list = async () =>
    (await authFetch(held.server, 'GET', url, { token: serviceKey })).body.sessions
  const idOf = ({ session }) => JSON.parse(atob(session.access_token.split('.')[1])).session_id
  assert.deepEqual((await list()).map(({ id }) => id).sort(), [idOf(first), idOf(second)].sort())
  const ended = await authFetch(held.server, 'DELETE', `${url}/${idOf(first)}`, {
    token: serviceKey,
  })
  assert.equal(ended.status, 204)
  assert.deepEqual(
    (await list()).map(({ id }) => id),
    [idOf(second)],
  )
  assert.equal((await remains(held.server, first.session))[0], 401)
  assert.equal((await remains(held.server, second.session))[0], 200)
})

test('who deletes an account is told what holds on to it', async (t) => {
  const admin = administrationOf(held.server)
  const service = asService(t, held.server)
  const user = await newUser(held.server)
  const { error: failure } = await service.from('invoices').insert({ author_id: user.id })
  assert.equal(failure, null)
  const { error } = await admin.deleteUser(user.id)
  assert.deepEqual([error.status, error.code], [409, 'conflict'])
  assert.match(error.message, /invoices/)
  const client = await signIn(t, held.server, user.email)
  assert.ok(client.session, 'nothing of it was done')

  assert.equal((await admin.deleteUser(user.id, true)).error, null)
  const { data } = await admin.getUserById(user.id)
  assert.ok(data.user.deleted_at)
  assert.deepEqual(
    [data.user.email, data.user.identities, data.user.app_metadata, data.user.user_metadata],
    ['', [], {}, {}],
    'nothing personal is left',
  )
  assert.equal((await admin.deleteUser(user.id, true)).error, null, 'once more changes nothing')
  const change = await admin.updateUserById(user.id, { email: newEmail(), password })
  assert.equal(change.error.code, 'user_not_found', 'nor does it come back')
  assert.ok((await newUser(held.server, { email: user.email })).id, 'the address is free')

  const gone = await newUser(held.server)
  assert.equal((await admin.deleteUser(gone.id)).error, null)
  assert.equal((await admin.getUserById(gone.id)).error.code, 'user_not_found')
  const { data: profiles } = await service.from('profiles').select().eq('user_id', gone.id)
  assert.deepEqual(profiles, [], 'what depends on it went along')
})

test('second factors are listed without secrets and taken away', async () => {
  const { mfa } = administrationOf(held.server)
  const listed = await mfa.listFactors({ userId: factorUser })
  assert.deepEqual(
    listed.data.factors.map(({ id, factor_type, status }) => [id, factor_type, status]),
    [[factorId, 'totp', 'verified']],
  )
  assert.ok(!JSON.stringify(listed.data).includes('canary-factor-secret'))
  const removed = await mfa.deleteFactor({ userId: factorUser, id: factorId })
  assert.deepEqual(removed.data, { data: { id: factorId }, error: null }, 'as the client wraps it')
  assert.deepEqual((await mfa.listFactors({ userId: factorUser })).data.factors, [])
  assert.equal(
    (await mfa.deleteFactor({ userId: factorUser, id: factorId })).error.code,
    'mfa_factor_not_found',
  )
})

test("a user's token is signed out by the service", async (t) => {
  const user = await newUser(held.server)
  const { session } = await signIn(t, held.server, user.email)
  const { error } = await administrationOf(held.server).signOut(session.access_token)
  assert.equal(error, null)
  assert.equal((await remains(held.server, session))[0], 401)
})
