/// Sign-in with another provider, a real one at loopback, and the unmodified client.

import assert from 'node:assert/strict'
import { request } from 'node:http'
import { after, test } from 'node:test'
import { authFetch, newUser, password } from './accounts.mjs'
import { Browser, freePort, idTokenFor, sha256 } from './browser.mjs'
import { asAnybody, asService } from './clients.mjs'
import { confirming, newAddress, ok, openLink, projectWith, refused } from './flows.mjs'
import { startOpenIdProvider } from './oidc.mjs'
import { useServer } from './suite.mjs'

const site = 'https://app.example.org'
const [port, strictPort] = await Promise.all([freePort(), freePort()])
const callback = `http://127.0.0.1:${port}/auth/v1/callback`
const provider = await startOpenIdProvider({
  redirectUris: [callback, `http://127.0.0.1:${strictPort}/auth/v1/callback`],
  person: {},
})
after(() => provider.stop())

const house = (name, more = '') => `[auth.external.${name}]
enabled = true
client_id = "${provider.clientId}"
client_secret = "${provider.clientSecret}"
issuer = "${provider.issuer}"
${more}
`
const held = useServer(undefined, {
  port,
  project: projectWith(confirming + house('house') + house('lenient', 'email_optional = true')),
})
const strict = useServer(undefined, {
  port: strictPort,
  project: projectWith(`[auth]
sign_ups = false
manual_linking = false
sessions = "single-device"
site_url = "${site}"
${house('house')}
[auth.external.forgotten]
client_id = "somebody"
`),
})

let people = 0
/** Somebody new at the provider; what signs in from now on is him. */
function somebody(claims = {}) {
  people += 1
  provider.person = {
    sub: `person-${people}`,
    email: newAddress(),
    email_verified: true,
    name: 'Ann Example',
    picture: 'https://cdn.example.org/ann.png',
    ...claims,
  }
  return provider.person
}

const withPkce = (t, server = held.server) =>
  asAnybody(t, server, {
    auth: { flowType: 'pkce', persistSession: false, autoRefreshToken: false },
  })

/** Where the client sends the browser. */
async function authorizeUrl(client, { provider: name = 'house', ...options } = {}) {
  return ok(await client.auth.signInWithOAuth({ provider: name, options })).url
}

/** From the client's button to the page of the application. */
const signInWith = async (client, options) =>
  new Browser(provider).signIn(await authorizeUrl(client, options))

/** As above, with the session in the client. */
async function enter(t, options) {
  const client = asAnybody(t, held.server)
  const { fragment } = await signInWith(client, options)
  assert.equal(fragment.error_description, undefined)
  return { client, user: ok(await client.auth.setSession(fragment)).user, fragment }
}

const claimsOf = (token) => JSON.parse(Buffer.from(token.split('.')[1], 'base64url'))

test('the settings name the providers', async () => {
  const { body } = await authFetch(held.server, 'GET', 'settings')
  const { house: ours, lenient, google, email } = body.external
  assert.deepEqual(
    { ours, lenient, google, email },
    { ours: true, lenient: true, google: false, email: true },
  )
  const { body: other } = await authFetch(strict.server, 'GET', 'settings')
  assert.equal(other.external.forgotten, undefined, 'not enabled')
})

test('the implicit flow makes an account, and finds it the next time', async (t) => {
  const ann = somebody()
  const first = await enter(t, { redirectTo: `${site}/in?a=b` })
  assert.equal(first.user.email, ann.email)
  assert.ok(first.user.email_confirmed_at)
  assert.deepEqual(first.user.app_metadata, { provider: 'house', providers: ['house'] })
  assert.equal(first.user.user_metadata.full_name, 'Ann Example')
  assert.equal(first.user.user_metadata.avatar_url, ann.picture)
  const [identity, ...others] = first.user.identities
  assert.deepEqual(others, [])
  assert.equal(identity.provider, 'house')
  assert.equal(identity.id, ann.sub)
  assert.equal(identity.identity_data.iss, provider.issuer)
  assert.equal(claimsOf(first.fragment.access_token).amr[0].method, 'oauth')
  ok(await first.client.auth.refreshSession())
  provider.person = { ...ann, name: 'Ann Married' }
  const second = await enter(t)
  assert.equal(second.user.id, first.user.id)
  assert.equal(second.user.user_metadata.full_name, 'Ann Married')
  assert.equal(second.user.identities.length, 1)
})

test('PKCE gives a code that only the client that began can exchange, once', async (t) => {
  const ann = somebody()
  const client = withPkce(t)
  const back = await signInWith(client, { redirectTo: `${site}/in?a=b` })
  assert.equal(back.status, 302)
  assert.equal(back.to, `${site}/in`)
  assert.deepEqual(Object.keys(back.query), ['a', 'code'])
  assert.deepEqual(back.fragment, {})
  const stolen = await authFetch(held.server, 'POST', 'token?grant_type=pkce', {
    body: { auth_code: back.query.code, code_verifier: 'x'.repeat(43) },
  })
  assert.equal(stolen.body.code, 'bad_code_verifier')
  const { session } = ok(await client.auth.exchangeCodeForSession(back.query.code))
  assert.equal(session.user.email, ann.email)
  const again = await authFetch(held.server, 'POST', 'token?grant_type=pkce', {
    body: { auth_code: back.query.code, code_verifier: 'x'.repeat(43) },
  })
  assert.equal(again.body.code, 'flow_state_not_found')
})

test('an answer is taken once, with its state, from the browser that asked', async (t) => {
  somebody()
  const client = asAnybody(t, held.server)
  const browser = new Browser(provider)
  const back = new URL(await browser.goAway(await authorizeUrl(client)))
  const other = new Browser(provider)
  const foreign = new URL(await other.goAway(await authorizeUrl(client)))
  const withState = (state) => {
    const url = new URL(back)
    if (state === undefined) url.searchParams.delete('state')
    else url.searchParams.set('state', state)
    return url.href
  }
  const cases = [
    { why: 'no state', url: withState(undefined), code: 'bad_oauth_state' },
    { why: 'empty state', url: withState(''), code: 'bad_oauth_state' },
    { why: 'made-up state', url: withState('x'.repeat(43)), code: 'bad_oauth_state' },
    {
      why: 'hash of the state',
      url: withState(sha256(back.searchParams.get('state'), 'hex')),
      code: 'bad_oauth_state',
    },
    { why: 'another browser', url: back.href, headers: {}, code: 'bad_oauth_state' },
    {
      why: "another browser's cookie",
      url: back.href,
      headers: other.headers,
      code: 'bad_oauth_state',
    },
    {
      why: 'forced sign-in to the account of who sent the link',
      url: foreign.href,
      code: 'bad_oauth_state',
    },
    { why: 'as it should be', url: back.href, code: undefined },
    { why: 'a second time', url: back.href, code: 'bad_oauth_state' },
    {
      why: 'the code with the state of another visit',
      url: withState(foreign.searchParams.get('state')),
      headers: other.headers,
      code: 'bad_oauth_callback',
    },
  ]
  for (const { why, url, headers = browser.headers, code } of cases) {
    const { to, query, fragment } = await openLink(url, headers)
    assert.equal(query.error_code, code, why)
    assert.equal(fragment.error_code, code, why)
    assert.equal(fragment.access_token === undefined, code !== undefined, why)
    assert.equal(to, `${site}/`, why)
  }
})

test('browsers are sent to the application only', async (t) => {
  const client = asAnybody(t, held.server)
  const cases = [
    { why: 'nothing said', redirectTo: undefined, to: `${site}/` },
    { why: 'the application', redirectTo: `${site}/deep/page`, to: `${site}/deep/page` },
    {
      why: 'in the list',
      redirectTo: 'https://a.preview.example.org/x',
      to: 'https://a.preview.example.org/x',
    },
    { why: 'foreign', redirectTo: 'https://evil.example.net/', to: `${site}/` },
    { why: 'foreign with our name', redirectTo: `${site}.evil.example.net/`, to: `${site}/` },
    { why: 'foreign behind our name', redirectTo: `${site}@evil.example.net/`, to: `${site}/` },
    { why: 'without scheme', redirectTo: '//evil.example.net', to: `${site}/` },
    { why: 'a program', redirectTo: 'javascript:alert(1)', to: `${site}/` },
  ]
  for (const { why, redirectTo, to } of cases) {
    somebody()
    const back = await signInWith(client, { redirectTo })
    assert.equal(back.to, to, why)
    assert.ok(back.fragment.access_token, why)
  }
})

test('where the provider sends the browser back to does not depend on headers', async () => {
  const location = await new Promise((resolve, reject) => {
    const headers = {
      host: 'evil.example.net',
      'x-forwarded-host': 'evil.example.net',
      'x-forwarded-proto': 'https',
    }
    request(`${held.server.url}/auth/v1/authorize?provider=house`, { headers }, (answer) => {
      answer.resume()
      resolve(answer.headers.location)
    })
      .on('error', reject)
      .end()
  })
  assert.equal(new URL(location).searchParams.get('redirect_uri'), callback)
})

test('a verified address links to the account that has confirmed it', async (t) => {
  const user = await newUser(held.server)
  const ann = somebody({ email: user.email.toUpperCase() })
  const entered = await enter(t)
  assert.equal(entered.user.id, user.id)
  assert.deepEqual(entered.user.app_metadata.providers, ['email', 'house'])
  assert.deepEqual(entered.user.identities.map((one) => one.provider).sort(), ['email', 'house'])
  ok(await asAnybody(t, held.server).auth.signInWithPassword({ email: user.email, password }))
  provider.person = { ...ann, email: newAddress(), email_verified: false }
  assert.equal((await enter(t)).user.id, user.id, 'known by the subject, whatever the address is')
})

test('an address that is not verified opens no account', async (t) => {
  const user = await newUser(held.server)
  for (const claims of [
    { email_verified: false },
    { email_verified: undefined },
    { email_verified: 'no' },
  ]) {
    somebody({ email: user.email, ...claims })
    const { query } = await signInWith(asAnybody(t, held.server))
    assert.equal(query.error_code, 'provider_email_needs_verification')
    const { user: other } = await enter(t, { provider: 'lenient' })
    assert.notEqual(other.id, user.id)
    assert.equal(other.email, '', 'the address stays with who has proved it')
  }
  const { data } = await asService(t, held.server).auth.admin.getUserById(user.id)
  assert.equal(data.user.identities.length, 1)
})

test('who waits in an account for the owner of its address is shut out', async (t) => {
  const attacker = asAnybody(t, held.server)
  const email = newAddress()
  ok(await attacker.auth.signUp({ email, password, options: { data: { name: 'trap' } } }))
  somebody({ email })
  const { user } = await enter(t)
  assert.equal(user.email, email)
  assert.deepEqual(
    user.identities.map((one) => one.provider),
    ['house'],
  )
  assert.deepEqual(user.app_metadata, { provider: 'house', providers: ['house'] })
  assert.equal(user.user_metadata.name, 'Ann Example')
  refused(await attacker.auth.signInWithPassword({ email, password }), 400, 'invalid_credentials')
})

test('an address of an account with a proved telephone number is not taken over', async (t) => {
  const email = newAddress()
  const admin = asService(t, held.server).auth.admin
  ok(await admin.createUser({ email, phone: `49${Date.now()}`, phone_confirm: true, password }))
  somebody({ email })
  const { query } = await signInWith(asAnybody(t, held.server))
  assert.equal(query.error_code, 'email_exists')
})

test('the banned stay out', async (t) => {
  somebody()
  const { user } = await enter(t)
  ok(await asService(t, held.server).auth.admin.updateUserById(user.id, { ban_duration: '1h' }))
  assert.equal((await signInWith(asAnybody(t, held.server))).query.error_code, 'user_banned')
  assert.equal((await signInWith(withPkce(t))).query.error_code, 'user_banned')
  const known = await newUser(held.server, { ban_duration: '1h' })
  somebody({ email: known.email })
  assert.equal((await signInWith(asAnybody(t, held.server))).query.error_code, 'user_banned')
})

test('what the provider refuses comes back to the application', async (t) => {
  const url = new URL(await authorizeUrl(withPkce(t), { redirectTo: `${site}/in` }))
  const away = await openLink(url.href)
  const { query, to } = await openLink(
    `${callback}?${new URLSearchParams({ state: away.query.state, error: 'access_denied', error_description: 'not today\r\n' })}`,
  )
  assert.equal(to, `${site}/in`)
  assert.equal(query.error, 'access_denied')
  assert.equal(query.error_code, 'bad_oauth_callback')
  assert.equal(query.error_description, 'house refused the sign-in: access_denied: not today  ')
})

test('a form is an answer as well, and a look ahead is none', async (t) => {
  somebody()
  const client = withPkce(t)
  const back = new URL(await new Browser(provider).goAway(await authorizeUrl(client)))
  assert.equal((await fetch(back, { method: 'HEAD', redirect: 'manual' })).status, 405)
  const answer = await fetch(callback, {
    method: 'POST',
    body: back.searchParams,
    redirect: 'manual',
  })
  assert.equal(answer.status, 303)
  const { searchParams } = new URL(answer.headers.get('location'))
  ok(await client.auth.exchangeCodeForSession(searchParams.get('code')))
})

test('requests that cannot be carried out are refused', async () => {
  const challenge = `code_challenge=${'x'.repeat(43)}&code_challenge_method=s256`
  const cases = [
    { why: 'no provider', path: 'authorize' },
    { why: 'unknown provider', path: 'authorize?provider=google' },
    { why: 'half a challenge', path: 'authorize?provider=house&code_challenge_method=s256' },
    {
      why: 'bad challenge',
      path: 'authorize?provider=house&code_challenge=x&code_challenge_method=s256',
    },
    { why: 'our own parameter', path: 'authorize?provider=house&state=mine' },
    {
      why: 'another way back',
      path: 'authorize?provider=house&redirect_uri=https://evil.example.net',
    },
    {
      why: 'a URL for anybody, without PKCE',
      path: 'authorize?provider=house&skip_http_redirect=true',
    },
  ]
  for (const { why, path } of cases) {
    const { status, body } = await authFetch(held.server, 'GET', path)
    assert.equal(`${status} ${body.code}`, '400 validation_failed', why)
  }
  const given = await authFetch(
    held.server,
    'GET',
    `authorize?provider=house&skip_http_redirect=true&${challenge}`,
  )
  assert.ok(given.body.url.startsWith(`${provider.issuer}/`))
  const web3 = await authFetch(held.server, 'POST', 'token?grant_type=web3', { body: {} })
  assert.equal(web3.body.code, 'unsupported_grant_type')
})

test('scopes and parameters of the application reach the provider', async (t) => {
  const url = await authorizeUrl(asAnybody(t, held.server), {
    scopes: 'calendar, contacts',
    queryParams: { prompt: 'consent', login_hint: 'ann@example.org' },
  })
  const { query } = await openLink(url)
  assert.equal(query.scope, 'openid email profile calendar contacts')
  assert.equal(query.prompt, 'consent')
  assert.equal(query.login_hint, 'ann@example.org')
  assert.equal(query.code_challenge_method, 'S256')
  assert.equal(query.redirect_to, undefined)
})

test('sign-in with an ID token of the application', async (t) => {
  const ann = somebody()
  const client = asAnybody(t, held.server)
  const nonce = 'a nonce of the application'
  const tokens = await idTokenFor(provider, provider.clientId, callback, nonce)
  const foreign = await idTokenFor(provider, provider.otherClientId, callback, nonce)
  const token = tokens.id_token
  const forged = `${token.slice(0, -10)}${token.at(-10) === 'A' ? 'B' : 'A'}${token.slice(-9)}`
  const cases = [
    { why: 'another nonce', given: { token, nonce: 'another' } },
    { why: 'no nonce', given: { token } },
    { why: 'the hash of the nonce', given: { token, nonce: sha256(nonce, 'hex') } },
    { why: "another application's token", given: { token: foreign.id_token, nonce } },
    { why: 'a broken signature', given: { token: forged, nonce } },
    { why: 'no token', given: { token: '', nonce } },
    { why: 'nonsense', given: { token: 'a.b.c', nonce } },
    { why: 'a provider that is not enabled', given: { token, nonce, provider: 'google' } },
  ]
  for (const { why, given } of cases) {
    const { error } = await client.auth.signInWithIdToken({ provider: 'house', ...given })
    assert.equal(`${error?.status} ${error?.code}`, '400 validation_failed', why)
  }
  const given = { provider: 'house', token, nonce, access_token: tokens.access_token }
  const { user } = ok(await client.auth.signInWithIdToken(given))
  assert.equal(user.email, ann.email)
  assert.equal((await enter(t)).user.id, user.id, 'the same person by the browser')
})

test('linking an identity to the account one is in', async (t) => {
  const client = asAnybody(t, held.server)
  const anonymous = ok(await client.auth.signInAnonymously())
  const ann = somebody()
  const link = async (from) =>
    new Browser(provider).signIn(ok(await from.auth.linkIdentity({ provider: 'house' })).url)
  const { fragment } = await link(client)
  const { user } = ok(await client.auth.setSession(fragment))
  assert.equal(user.id, anonymous.user.id)
  assert.equal(user.email, ann.email)
  assert.equal(user.is_anonymous, false)
  assert.deepEqual(
    user.identities.map((one) => one.provider),
    ['house'],
  )
  assert.equal(
    claimsOf(fragment.access_token).session_id,
    claimsOf(anonymous.session.access_token).session_id,
  )
  assert.equal((await link(client)).query.error_description, 'Identity is already linked')
  const other = asAnybody(t, held.server)
  ok(await other.auth.signInAnonymously())
  const taken = await link(other)
  assert.equal(taken.query.error_code, 'identity_already_exists')
  assert.equal(taken.query.error_description, 'Identity is already linked to another user')
  refused(await asAnybody(t, held.server).auth.linkIdentity({ provider: 'house' }), 403, 'bad_jwt')
})

test('linking with PKCE, and with an ID token', async (t) => {
  const user = await newUser(held.server)
  const client = withPkce(t)
  ok(await client.auth.signInWithPassword({ email: user.email, password }))
  somebody()
  const { url } = ok(await client.auth.linkIdentity({ provider: 'house' }))
  const { query } = await new Browser(provider).signIn(url)
  const { session } = ok(await client.auth.exchangeCodeForSession(query.code))
  assert.equal(session.user.id, user.id)
  const nonce = 'once'
  somebody()
  const { id_token: token } = await idTokenFor(provider, provider.clientId, callback, nonce)
  const linked = ok(await client.auth.linkIdentity({ provider: 'lenient', token, nonce }))
  assert.deepEqual(linked.user.app_metadata.providers, ['email', 'house', 'lenient'])
  assert.equal(linked.user.email, user.email)
})

test('nothing is linked once the session that asked has ended', async (t) => {
  const client = asAnybody(t, held.server)
  const { user } = ok(await client.auth.signInAnonymously())
  somebody()
  const { url } = ok(await client.auth.linkIdentity({ provider: 'house' }))
  await client.auth.signOut()
  assert.equal((await new Browser(provider).signIn(url)).query.error_code, 'bad_oauth_state')
  const { data } = await asService(t, held.server).auth.admin.getUserById(user.id)
  assert.deepEqual(data.user.identities ?? [], [])
})

test('without sign-ups only those who have an account come in, on one device', async (t) => {
  somebody()
  const client = asAnybody(t, strict.server)
  const nobody = await signInWith(client)
  assert.equal(nobody.query.error_code, 'signup_disabled')
  assert.equal(nobody.query.error, 'access_denied')
  const user = await newUser(strict.server)
  somebody({ email: user.email })
  const first = (await signInWith(client)).fragment
  ok(await client.auth.setSession(first))
  const { query } = await signInWith(client)
  assert.equal(query.error, 'access_denied')
  assert.equal(query.error_code, 'session_conflict')
  assert.match(query.error_description, /^This account is signed in on another device/)
  assert.ok((await signInWith(client, { queryParams: { force: 'true' } })).fragment.access_token)
  const evicted = await authFetch(strict.server, 'GET', 'user', { token: first.access_token })
  assert.equal(`${evicted.status} ${evicted.body.code}`, '403 session_not_found')
  const pkce = withPkce(t, strict.server)
  const refusedCode = (await signInWith(pkce)).query.code
  assert.equal((await pkce.auth.exchangeCodeForSession(refusedCode)).error.code, 'session_conflict')
  const forced = (await signInWith(pkce, { queryParams: { force: 'true' } })).query.code
  ok(await pkce.auth.exchangeCodeForSession(forced))
  refused(await pkce.auth.linkIdentity({ provider: 'house' }), 404, 'manual_linking_disabled')
})

test('what must stay secret is in no log', async (t) => {
  somebody()
  const browser = new Browser(provider)
  const back = new URL(await browser.goAway(await authorizeUrl(asAnybody(t, held.server))))
  const { fragment } = await openLink(back.href, browser.headers)
  const secrets = [
    back.searchParams.get('state'),
    back.searchParams.get('code'),
    ...browser.cookies.values(),
    fragment.access_token,
    fragment.refresh_token,
    provider.clientSecret,
  ]
  for (const secret of secrets) assert.ok(!held.server.log.includes(secret))
})
