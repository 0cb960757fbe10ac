/// Sign-in by messages where it is strict: limits, one device, fresh proofs; and with a real mail server, or none.

import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { test } from 'node:test'
import { createClient } from '@supabase/supabase-js'
import { asAnybody } from './clients.mjs'
import {
  codeTo,
  linkTo,
  messagesTo,
  newAddress,
  newPhone,
  ok,
  openLink,
  projectWith,
  refused,
} from './flows.mjs'
import { runDunlin, startServer, temporaryFolder } from './server.mjs'
import { codeIn, linkIn, startMailServer } from './smtp.mjs'
import { useServer } from './suite.mjs'

const strict = `[auth]
confirm_email = true
sessions = "single-device"
secure_password_change = true
reauthentication_seconds = 0
[auth.limits]
message_pause_seconds = 60
address_messages_per_hour = 200
`
const held = useServer(undefined, { project: projectWith(strict) })
const password = 'a long enough secret'

const onDevice = (t, id, more = {}) =>
  asAnybody(t, held.server, { global: { headers: { 'X-Device-Id': id, ...more } } })

async function signUp(t, email = newAddress()) {
  const client = onDevice(t, 'first')
  ok(await client.auth.signUp({ email, password }))
  ok(
    await client.auth.verifyOtp({ email, token: await codeTo(held.server, email), type: 'signup' }),
  )
  return { client, email }
}

test('a second message has to wait, whether or not there is an account', async (t) => {
  const { client, email } = await signUp(t)
  for (const address of [email, newAddress('nobody')]) {
    ok(await client.auth.resetPasswordForEmail(address))
    const error = refused(
      await client.auth.resetPasswordForEmail(address),
      429,
      'over_email_send_rate_limit',
    )
    const wait = /^For security purposes, you can only request this after (\d+) seconds\.$/
    const seconds = Number(wait.exec(error.message)?.[1])
    assert.ok(seconds > 50 && seconds <= 60, error.message)
  }
  ok(await client.auth.resetPasswordForEmail(newAddress()), 'others do not wait')
})

test('one address asks for so many messages only', async (t) => {
  const project = projectWith('[auth.limits]\naddress_messages_per_hour = 3\n')
  const server = await startServer({ project, data: temporaryFolder(t) })
  t.after(() => server.stop())
  const client = asAnybody(t, server)
  for (let i = 0; i < 3; ++i) ok(await client.auth.resetPasswordForEmail(newAddress()))
  const error = await client.auth.resetPasswordForEmail(newAddress())
  refused(error, 429, 'over_request_rate_limit')
})

test('without confirmation an address changes at once, and nothing is sent', async (t) => {
  const server = await startServer({ project: projectWith(''), data: temporaryFolder(t) })
  t.after(() => server.stop())
  const client = asAnybody(t, server)
  ok(await client.auth.signInAnonymously())
  const email = newAddress()
  const { user } = ok(await client.auth.updateUser({ email, password }))
  assert.equal(user.email, email)
  assert.equal(user.is_anonymous, false)
  ok(await asAnybody(t, server).auth.signInWithPassword({ email, password }))
  assert.deepEqual(await messagesTo(server, email), [])
})

test('where one device is allowed, a code stays good until the other is signed out', async (t) => {
  const { client, email } = await signUp(t)
  const second = onDevice(t, 'second')
  ok(await second.auth.signInWithOtp({ email }))
  const proof = { email, token: await codeTo(held.server, email, 2), type: 'email' }
  refused(await second.auth.verifyOtp(proof), 409, 'session_conflict')
  assert.equal(ok(await client.auth.getUser()).user.email, email)
  ok(await onDevice(t, 'second', { 'X-Force-Sign-In': 'true' }).auth.verifyOtp(proof))
  assert.notEqual((await client.auth.getUser()).error, null, 'its session has ended')
})

test('a link is not used up by the session of another device', async (t) => {
  const { client, email } = await signUp(t)
  ok(await client.auth.signInWithOtp({ email }))
  const link = await linkTo(held.server, email, 2)
  const opened = await openLink(link, { 'X-Device-Id': 'second' })
  assert.equal(opened.fragment.error_code, 'session_conflict')
  ok(await client.auth.signOut())
  assert.equal((await openLink(link, { 'X-Device-Id': 'second' })).fragment.type, 'magiclink')
})

test('a password needs a fresh proof: the nonce of a mail, or the present one', async (t) => {
  const { client, email } = await signUp(t)
  const change = (more) => client.auth.updateUser({ password: 'the new long secret', ...more })
  refused(await change(), 400, 'reauthentication_needed')
  refused(await change({ nonce: '123456' }), 422, 'reauthentication_not_valid')
  ok(await client.auth.reauthenticate())
  const nonce = await codeTo(held.server, email, 2)
  const wrong = nonce === '123456' ? '654321' : '123456'
  refused(await change({ nonce: wrong }), 422, 'reauthentication_not_valid')
  ok(await change({ nonce }))
  refused(await client.auth.updateUser({ password, nonce }), 422, 'reauthentication_not_valid')
  ok(await client.auth.updateUser({ password, current_password: 'the new long secret' }))
})

/** A server as an operator runs it, with keys of its own. */
async function startProduction(t, settings) {
  const project = projectWith(`[auth]\nsign_ups = true\n${settings}`)
  const data = temporaryFolder(t)
  const server = await startServer({ project, data, development: false })
  t.after(() => server.stop())
  const keys = JSON.parse(runDunlin('keys', project, '--data', data, '--format', 'json').stdout)
  const auth = { persistSession: false, autoRefreshToken: false }
  return { server, client: createClient(server.url, keys.anon_key, { auth }) }
}

test('codes and links come by a real mail server', async (t) => {
  const mailbox = await startMailServer({ user: 'clinic', password: 'sesame' })
  t.after(() => mailbox.stop())
  const { server, client } = await startProduction(
    t,
    `[auth.smtp]\nurl = "${mailbox.url}"\nfrom = "clinic@example.org"\nfrom_name = "The clinic"\n`,
  )
  const email = newAddress()
  ok(await client.auth.signUp({ email, password }))
  const mail = await mailbox.next(email)
  assert.equal(mail.from, 'clinic@example.org')
  assert.equal(mail.sender.name, 'The clinic')
  const token = codeIn(mail)
  assert.ok(mail.html.includes(token))
  const { pathname, search } = new URL(linkIn(mail))
  const opened = await openLink(server.url + pathname + search)
  assert.equal(opened.fragment.type, 'signup')
  refused(await client.auth.verifyOtp({ email, token, type: 'signup' }), 403, 'otp_expired')
  for (const secret of ['sesame', token, opened.fragment.access_token]) {
    assert.ok(!server.log.includes(secret))
  }
})

test('text messages leave by a webhook', async (t) => {
  const heard = []
  const webhook = createServer((request, response) => {
    let text = ''
    request.on('data', (more) => (text += more))
    request.on('end', () => {
      heard.push({ authorization: request.headers.authorization, ...JSON.parse(text) })
      response.end()
      webhook.emit('heard')
    })
  })
  await new Promise((resolve) => webhook.listen(0, '127.0.0.1', resolve))
  t.after(() => webhook.close())
  const { client } = await startProduction(
    t,
    `[auth.sms]\nwebhook_url = "http://127.0.0.1:${webhook.address().port}/sms"\nwebhook_secret = "sesame"\n`,
  )
  const phone = newPhone()
  const told = new Promise((resolve) => webhook.once('heard', resolve))
  ok(await client.auth.signInWithOtp({ phone, options: { channel: 'whatsapp' } }))
  await told
  const [{ code, text, ...rest }] = heard
  assert.deepEqual(rest, { authorization: 'Bearer sesame', phone, channel: 'whatsapp' })
  assert.ok(text.includes(code))
  ok(await client.auth.verifyOtp({ phone, token: code, type: 'sms' }))
})

test('without a mail server what needs mail is refused, and a warning says so', async (t) => {
  const { server, client } = await startProduction(t, '')
  const email = newAddress()
  refused(await client.auth.signUp({ email, password }), 422, 'email_provider_disabled')
  refused(await client.auth.signInWithOtp({ email }), 422, 'email_provider_disabled')
  refused(await client.auth.resetPasswordForEmail(email), 422, 'email_provider_disabled')
  const phone = newPhone()
  refused(await client.auth.signInWithOtp({ phone }), 422, 'phone_provider_disabled')
  assert.match(server.log, /no mail server \(auth\.smtp\.url\)/)
  assert.equal((await fetch(`${server.url}/_/outbox`)).status, 404)
})

test('the outbox is a page for who develops, and nothing for other origins', async () => {
  const url = `${held.server.url}/_/outbox`
  const page = await fetch(url, { headers: { accept: 'text/html' } })
  assert.match(page.headers.get('content-type'), /^text\/html/)
  assert.match(await page.text(), /<title>Outbox<\/title>/)
  const foreign = await fetch(url, { headers: { origin: 'https://evil.example.net' } })
  assert.equal(foreign.status, 403)
})
