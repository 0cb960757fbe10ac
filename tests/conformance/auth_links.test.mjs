/// Links of mails, PKCE, invitations and the limits of sign-in by messages, with the unmodified client.

import assert from 'node:assert/strict'
import { request } from 'node:http'
import { test } from 'node:test'
import { anonKey, asAnybody, asService } from './clients.mjs'
import {
  atServer,
  codeTo,
  confirming,
  linkTo,
  messagesTo,
  messageTo,
  newAddress,
  ok,
  openLink,
  projectWith,
  refused,
} from './flows.mjs'
import { linkIn } from './smtp.mjs'
import { useServer } from './suite.mjs'

const held = useServer(undefined, { project: projectWith(confirming) })
const site = 'https://app.example.org'
const password = 'a long enough secret'

const withPkce = (t) =>
  asAnybody(t, held.server, {
    auth: { flowType: 'pkce', persistSession: false, autoRefreshToken: false },
  })

/** An account with a confirmed address. */
async function account(t, email = newAddress()) {
  ok(await asService(t, held.server).auth.admin.generateLink({ type: 'signup', email, password }))
  const client = asAnybody(t, held.server)
  ok(await client.auth.signInWithOtp({ email }))
  ok(await client.auth.verifyOtp({ email, token: await codeTo(held.server, email), type: 'email' }))
  ok(await client.auth.updateUser({ password }))
  return { client, email }
}

test('a link signs in once and leads to the application with the session', async (t) => {
  const email = newAddress()
  const client = asAnybody(t, held.server)
  ok(await client.auth.signUp({ email, password, options: { emailRedirectTo: `${site}/in?a=b` } }))
  const link = await linkTo(held.server, email)
  assert.equal((await fetch(link, { method: 'HEAD', redirect: 'manual' })).status, 405)
  const opened = await openLink(link)
  assert.equal(opened.status, 303)
  assert.equal(opened.to, `${site}/in`)
  assert.deepEqual(opened.query, { a: 'b' })
  assert.equal(opened.fragment.type, 'signup')
  assert.equal(opened.fragment.token_type, 'bearer')
  const { user } = ok(await client.auth.getUser(opened.fragment.access_token))
  assert.equal(user.email, email)
  ok(await client.auth.refreshSession({ refresh_token: opened.fragment.refresh_token }))
  const again = await openLink(link)
  assert.equal(again.to, `${site}/in`)
  assert.deepEqual(again.fragment, {
    error: 'access_denied',
    error_code: 'otp_expired',
    error_description: 'Email link is invalid or has expired',
  })
})

test('links lead to the application only', async (t) => {
  const { client, email } = await account(t)
  const cases = [
    [undefined, `${site}/`],
    [`${site}/deep/path`, `${site}/deep/path`],
    ['https://one.preview.example.org/x', 'https://one.preview.example.org/x'],
    ['https://evil.example.net/', `${site}/`],
    ['https://app.example.org.evil.net/', `${site}/`],
    ['//evil.example.net', `${site}/`],
    ['javascript:alert(1)', `${site}/`],
  ]
  let count = 1
  for (const [asked, expected] of cases) {
    ok(await client.auth.signInWithOtp({ email, options: { emailRedirectTo: asked } }))
    const link = await linkTo(held.server, email, ++count)
    assert.equal((await openLink(link)).to, expected, asked)
  }
  const bad = `${held.server.url}/auth/v1/verify?token=x&type=email&redirect_to=https://evil.net/`
  assert.equal((await openLink(bad)).to, `${site}/`, 'nor does a link that somebody else made')
})

test('links are made from the settings, not from what a request says of its host', async (t) => {
  const { email } = await account(t)
  const headers = { apikey: anonKey, 'x-forwarded-host': 'evil.net', host: 'evil.net' }
  const { hostname, port } = new URL(held.server.url)
  await new Promise((resolve, reject) => {
    const options = { hostname, port, path: '/auth/v1/recover', method: 'POST', headers }
    const sent = request(options, (answer) => answer.resume().on('end', resolve))
    sent.on('error', reject).end(JSON.stringify({ email }))
  })
  const { text, html } = await messageTo(held.server, email, 2)
  assert.ok(!text.includes('evil.net') && !html.includes('evil.net'))
  assert.equal(new URL(linkIn({ text })).hostname, '127.0.0.1')
})

test('PKCE: the link gives a code that only who began can use, once', async (t) => {
  const { email } = await account(t)
  const client = withPkce(t)
  ok(await client.auth.signInWithOtp({ email, options: { emailRedirectTo: `${site}/back?x=1` } }))
  const { to, query, fragment } = await openLink(await linkTo(held.server, email, 2))
  assert.equal(to, `${site}/back`)
  assert.deepEqual(fragment, {})
  assert.equal(query.x, '1')
  const exchange = (verifier) =>
    fetch(`${held.server.url}/auth/v1/token?grant_type=pkce`, {
      method: 'POST',
      headers: { apikey: anonKey },
      body: JSON.stringify({ auth_code: query.code, code_verifier: verifier }),
    })
  const stranger = await exchange('x'.repeat(43))
  assert.equal(stranger.status, 400)
  assert.equal(stranger.headers.get('x-sb-error-code'), 'bad_code_verifier')
  const { session } = ok(await client.auth.exchangeCodeForSession(query.code))
  assert.equal(session.user.email, email)
  const { amr } = JSON.parse(Buffer.from(session.access_token.split('.')[1], 'base64url'))
  assert.equal(amr[0].method, 'magiclink')
  assert.equal(
    (await exchange('x'.repeat(43))).headers.get('x-sb-error-code'),
    'flow_state_not_found',
  )
})

test('PKCE: sign-up, recovery and errors', async (t) => {
  const email = newAddress()
  const client = withPkce(t)
  assert.equal(ok(await client.auth.signUp({ email, password })).session, null)
  const link = await linkTo(held.server, email)
  const opened = await openLink(link)
  ok(await client.auth.exchangeCodeForSession(opened.query.code))
  const again = await openLink(link)
  assert.equal(again.query.error_code, 'otp_expired')
  assert.equal(again.fragment.error_code, 'otp_expired')
  const events = []
  client.auth.onAuthStateChange((event) => events.push(event))
  ok(await client.auth.resetPasswordForEmail(email))
  const recovery = await openLink(await linkTo(held.server, email, 2))
  const { redirectType } = ok(await client.auth.exchangeCodeForSession(recovery.query.code))
  assert.equal(redirectType, 'recovery')
  assert.ok(events.includes('PASSWORD_RECOVERY'))
})

test('PKCE: the hash of a link signs in a server, and so does the code', async (t) => {
  const { email } = await account(t)
  const client = withPkce(t)
  ok(await client.auth.signInWithOtp({ email }))
  const hash = new URL(await linkTo(held.server, email, 2)).searchParams.get('token')
  assert.ok(hash.startsWith('pkce_'))
  assert.ok(ok(await client.auth.verifyOtp({ token_hash: hash, type: 'email' })).session)
  ok(await client.auth.signInWithOtp({ email }))
  const token = await codeTo(held.server, email, 3)
  assert.ok(ok(await client.auth.verifyOtp({ email, token, type: 'email' })).session)
})

test('both links of a change of address are opened', async (t) => {
  const { client, email } = await account(t)
  const wished = newAddress('wished')
  const options = { emailRedirectTo: `${site}/changed` }
  ok(await client.auth.updateUser({ email: wished }, options))
  const first = await openLink(await linkTo(held.server, wished))
  assert.equal(first.to, `${site}/changed`)
  assert.match(first.fragment.message, /^Confirmation link accepted/)
  const second = await openLink(await linkTo(held.server, email, 2))
  assert.equal(second.fragment.type, 'email_change')
  const { user } = ok(await client.auth.getUser(second.fragment.access_token))
  assert.equal(user.email, wished)
})

test('an invitation makes an account, for the service role only', async (t) => {
  const email = newAddress()
  const admin = asService(t, held.server).auth.admin
  refused(await asAnybody(t, held.server).auth.admin.inviteUserByEmail(email), 403, 'not_admin')
  const options = { data: { name: 'Cleo' }, redirectTo: `${site}/welcome` }
  const { user } = ok(await admin.inviteUserByEmail(email, options))
  assert.ok(user.invited_at)
  const opened = await openLink(await linkTo(held.server, email))
  assert.equal(opened.to, `${site}/welcome`)
  assert.equal(opened.fragment.type, 'invite')
  refused(await admin.inviteUserByEmail(email), 422, 'email_exists')
})

test('an invitation drops the password of whoever signed up with the address', async (t) => {
  const email = newAddress()
  const stranger = asAnybody(t, held.server)
  ok(await stranger.auth.signUp({ email, password }))
  ok(await asService(t, held.server).auth.admin.inviteUserByEmail(email))
  await openLink(await linkTo(held.server, email, 2))
  refused(await stranger.auth.signInWithPassword({ email, password }), 400, 'invalid_credentials')
})

test('links are generated for the service role, and not sent', async (t) => {
  const admin = asService(t, held.server).auth.admin
  const { client, email } = await account(t)
  const fresh = newAddress('fresh')
  const wished = newAddress('wished')
  const redirectTo = `${site}/x`
  const generate = (given) => admin.generateLink({ email, options: { redirectTo }, ...given })
  refused(await client.auth.admin.generateLink({ type: 'recovery', email }), 403, 'not_admin')
  refused(await generate({ type: 'signup', password }), 422, 'email_exists')
  refused(await generate({ type: 'signup', email: fresh }), 400, 'validation_failed')
  refused(await generate({ type: 'recovery', email: fresh }), 404, 'user_not_found')
  refused(await generate({ type: 'other' }), 400, 'validation_failed')

  const recovery = ok(await generate({ type: 'recovery' }))
  assert.equal(recovery.user.email, email)
  assert.equal(recovery.properties.verification_type, 'recovery')
  assert.equal(recovery.properties.redirect_to, redirectTo)
  const opened = await openLink(atServer(held.server, recovery.properties.action_link))
  assert.equal(opened.fragment.type, 'recovery')

  const made = ok(await generate({ type: 'magiclink', email: fresh }))
  assert.equal(made.properties.verification_type, 'signup')
  const { hashed_token: hash, email_otp: token } = made.properties
  ok(await client.auth.verifyOtp({ email: fresh, token, type: 'signup' }))
  refused(await client.auth.verifyOtp({ token_hash: hash, type: 'signup' }), 403, 'otp_expired')

  for (const type of ['email_change_current', 'email_change_new']) {
    const { properties } = ok(await generate({ type, newEmail: wished }))
    assert.equal(properties.verification_type, type)
    const { hashed_token: change } = properties
    ok(await client.auth.verifyOtp({ token_hash: change, type: 'email_change' }))
  }
  ok(await asAnybody(t, held.server).auth.signInWithPassword({ email: wished, password }))
  assert.equal((await messagesTo(held.server, fresh)).length, 0)
})
