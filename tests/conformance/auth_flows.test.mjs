/// Codes by mail and text message: sign-up, sign-in, recovery, changes of address, all with the unmodified client.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { anonKey, asAnybody } from './clients.mjs'
import {
  codeTo,
  confirming,
  linkTo,
  messagesTo,
  messageTo,
  newAddress,
  newPhone,
  ok,
  openLink,
  projectWith,
  refused,
} from './flows.mjs'
import { useServer } from './suite.mjs'

const held = useServer(undefined, { project: projectWith(confirming) })
const password = 'a long enough secret'

/** Somebody with a confirmed address, signed in. */
async function signUp(t, email = newAddress()) {
  const client = asAnybody(t, held.server)
  ok(await client.auth.signUp({ email, password }))
  const token = await codeTo(held.server, email)
  ok(await client.auth.verifyOtp({ email, token, type: 'signup' }))
  return { client, email, mails: 1 }
}

test('who signs up is a user without a session until the code is shown, once', async (t) => {
  const email = newAddress()
  const client = asAnybody(t, held.server)
  const made = ok(await client.auth.signUp({ email, password, options: { data: { name: 'Ann' } } }))
  assert.equal(made.session, null)
  assert.equal(made.user.identities.length, 1)
  assert.equal(made.user.email_confirmed_at, undefined)
  refused(await client.auth.signInWithPassword({ email, password }), 400, 'email_not_confirmed')
  const token = await codeTo(held.server, email)
  const shown = ok(await client.auth.verifyOtp({ email, token, type: 'signup' }))
  assert.equal(shown.user.id, made.user.id)
  assert.ok(shown.user.email_confirmed_at)
  assert.equal(shown.user.identities[0].identity_data.email_verified, true)
  assert.equal(shown.session.user.user_metadata.name, 'Ann')
  refused(await client.auth.verifyOtp({ email, token, type: 'signup' }), 403, 'otp_expired')
  ok(await asAnybody(t, held.server).auth.signInWithPassword({ email, password }))
})

test('a confirmed address is answered like a new one, and gets no mail', async (t) => {
  const { email } = await signUp(t)
  const stranger = asAnybody(t, held.server)
  const again = ok(await stranger.auth.signUp({ email, password: 'another long secret' }))
  assert.equal(again.session, null)
  assert.deepEqual(again.user.identities, [])
  assert.equal(again.user.email, email)
  await signUp(t)
  assert.equal((await messagesTo(held.server, email)).length, 1)
  ok(await stranger.auth.signInWithPassword({ email, password }))
})

test('an unconfirmed address belongs to its last sign-up, whose code alone is good', async (t) => {
  const email = newAddress()
  const client = asAnybody(t, held.server)
  ok(await client.auth.signUp({ email, password: 'secret of a stranger' }))
  const first = await codeTo(held.server, email)
  ok(await client.auth.signUp({ email, password }))
  const second = await codeTo(held.server, email, 2)
  if (first !== second) {
    refused(
      await client.auth.verifyOtp({ email, token: first, type: 'signup' }),
      403,
      'otp_expired',
    )
  }
  ok(await client.auth.verifyOtp({ email, token: second, type: 'email' }))
  const stranger = asAnybody(t, held.server).auth
  const tried = await stranger.signInWithPassword({ email, password: 'secret of a stranger' })
  refused(tried, 400, 'invalid_credentials')
})

test('a magic link for an unconfirmed account drops the password that a stranger set', async (t) => {
  const email = newAddress()
  const stranger = asAnybody(t, held.server)
  ok(await stranger.auth.signUp({ email, password: 'secret of a stranger' }))
  const owner = asAnybody(t, held.server)
  ok(await owner.auth.signInWithOtp({ email }))
  const token = await codeTo(held.server, email, 2)
  ok(await owner.auth.verifyOtp({ email, token, type: 'email' }))
  const tried = await stranger.auth.signInWithPassword({ email, password: 'secret of a stranger' })
  refused(tried, 400, 'invalid_credentials')
})

test('a code by mail signs in, and makes an account only when asked to', async (t) => {
  const email = newAddress()
  const client = asAnybody(t, held.server)
  const unknown = await client.auth.signInWithOtp({ email, options: { shouldCreateUser: false } })
  assert.deepEqual([unknown.error?.status, unknown.error?.code], [422, 'otp_disabled'])
  ok(await client.auth.signInWithOtp({ email, options: { data: { name: 'Bob' } } }))
  const first = await codeTo(held.server, email)
  const made = ok(await client.auth.verifyOtp({ email, token: first, type: 'email' }))
  assert.equal(made.user.user_metadata.name, 'Bob')
  assert.deepEqual(made.session.user.app_metadata, { provider: 'email', providers: ['email'] })
  ok(await client.auth.signInWithOtp({ email, options: { shouldCreateUser: false } }))
  const token = await codeTo(held.server, email, 2)
  ok(await client.auth.verifyOtp({ email, token, type: 'magiclink' }))
  const mails = await messagesTo(held.server, email)
  assert.equal(mails.length, 2, 'nothing was sent while there was no account')
})

test('five codes are compared, however many come at once; the link still works', async (t) => {
  const { email } = await signUp(t)
  const client = asAnybody(t, held.server)
  ok(await client.auth.signInWithOtp({ email }))
  const token = await codeTo(held.server, email, 2)
  const wrong = Array.from({ length: 100 }, (_, i) =>
    String((Number(token) + i + 1) % 1_000_000).padStart(6, '0'),
  )
  const guess = (code) => client.auth.verifyOtp({ email, token: code, type: 'email' })
  for (const answer of await Promise.all(wrong.map(guess))) refused(answer, 403, 'otp_expired')
  refused(await guess(token), 403, 'otp_expired')
  const { fragment } = await openLink(await linkTo(held.server, email, 2))
  assert.equal(fragment.type, 'magiclink')
})

test('of many who show the right code at once one is signed in', async (t) => {
  const { email } = await signUp(t)
  const client = asAnybody(t, held.server)
  ok(await client.auth.signInWithOtp({ email }))
  const token = await codeTo(held.server, email, 2)
  const show = () => asAnybody(t, held.server).auth.verifyOtp({ email, token, type: 'email' })
  const answers = await Promise.all(Array.from({ length: 20 }, show))
  assert.equal(answers.filter(({ data }) => data.session).length, 1)
})

test('four wrong codes leave the right one good; a newer code replaces it', async (t) => {
  const { email } = await signUp(t)
  const client = asAnybody(t, held.server)
  ok(await client.auth.signInWithOtp({ email }))
  const token = await codeTo(held.server, email, 2)
  const wrong = token === '123456' ? '654321' : '123456'
  for (let i = 0; i < 4; ++i) {
    refused(await client.auth.verifyOtp({ email, token: wrong, type: 'email' }), 403, 'otp_expired')
  }
  const other = newAddress()
  refused(await client.auth.verifyOtp({ email: other, token, type: 'email' }), 403, 'otp_expired')
  ok(await client.auth.verifyOtp({ email, token, type: 'email' }))
  ok(await client.auth.signInWithOtp({ email }))
  const older = await codeTo(held.server, email, 3)
  ok(await client.auth.signInWithOtp({ email }))
  const newer = await codeTo(held.server, email, 4)
  if (older !== newer) {
    refused(await client.auth.verifyOtp({ email, token: older, type: 'email' }), 403, 'otp_expired')
  }
  ok(await client.auth.verifyOtp({ email, token: newer, type: 'email' }))
})

test('a forgotten password is replaced; who asks for a stranger learns nothing', async (t) => {
  const { email } = await signUp(t)
  const client = asAnybody(t, held.server)
  const nobody = newAddress()
  assert.deepEqual(ok(await client.auth.resetPasswordForEmail(nobody)), {})
  assert.deepEqual(ok(await client.auth.resetPasswordForEmail(email)), {})
  const token = await codeTo(held.server, email, 2)
  assert.deepEqual(await messagesTo(held.server, nobody), [])
  const events = []
  client.auth.onAuthStateChange((event) => events.push(event))
  ok(await client.auth.verifyOtp({ email, token, type: 'recovery' }))
  assert.ok(events.includes('PASSWORD_RECOVERY'))
  ok(await client.auth.updateUser({ password: 'the new long secret' }))
  const other = asAnybody(t, held.server).auth
  refused(await other.signInWithPassword({ email, password }), 400, 'invalid_credentials')
  ok(await other.signInWithPassword({ email, password: 'the new long secret' }))
})

test('a message is sent again with a new code', async (t) => {
  const email = newAddress()
  const client = asAnybody(t, held.server)
  ok(await client.auth.signUp({ email, password }))
  await messageTo(held.server, email)
  ok(await client.auth.resend({ type: 'signup', email }))
  const token = await codeTo(held.server, email, 2)
  ok(await client.auth.verifyOtp({ email, token, type: 'signup' }))
  ok(await client.auth.resend({ type: 'signup', email }))
  ok(await client.auth.resend({ type: 'signup', email: newAddress() }))
  refused(await client.auth.resend({ type: 'recovery', email }), 400, 'validation_failed')
  await signUp(t)
  assert.equal((await messagesTo(held.server, email)).length, 2, 'nothing is left to confirm')
})

test('both addresses agree before an account has another one', async (t) => {
  for (const newFirst of [true, false]) {
    const { client, email } = await signUp(t)
    const wished = newAddress('wished')
    const asked = ok(await client.auth.updateUser({ email: wished }))
    assert.equal(asked.user.email, email)
    assert.equal(asked.user.new_email, wished)
    const codes = [
      { email: wished, token: await codeTo(held.server, wished) },
      { email, token: await codeTo(held.server, email, 2) },
    ]
    const [first, second] = newFirst ? codes : codes.reverse()
    const half = ok(await client.auth.verifyOtp({ ...first, type: 'email_change' }))
    assert.equal(half.session, null)
    assert.equal(ok(await client.auth.getUser()).user.email, email)
    const again = await client.auth.verifyOtp({ ...first, type: 'email_change' })
    refused(again, 403, 'otp_expired')
    const whole = ok(await client.auth.verifyOtp({ ...second, type: 'email_change' }))
    assert.equal(whole.user.email, wished)
    assert.equal(whole.user.new_email, undefined)
    assert.equal(whole.user.identities[0].identity_data.email, wished)
    ok(await asAnybody(t, held.server).auth.signInWithPassword({ email: wished, password }))
  }
})

test('agreement to one change is none to another; a taken address is refused', async (t) => {
  const { client, email } = await signUp(t)
  const taken = await signUp(t)
  const occupied = await client.auth.updateUser({ email: taken.email })
  refused(occupied, 422, 'email_exists')
  ok(await client.auth.updateUser({ email: newAddress('first') }))
  const token = await codeTo(held.server, email, 2)
  ok(await client.auth.verifyOtp({ email, token, type: 'email_change' }))
  const second = newAddress('second')
  ok(await client.auth.updateUser({ email: second }))
  const code = await codeTo(held.server, second)
  const half = ok(await client.auth.verifyOtp({ email: second, token: code, type: 'email_change' }))
  assert.equal(half.session, null)
  assert.equal(ok(await client.auth.getUser()).user.email, email)
})

test('an anonymous account becomes somebody’s by an address, then by a password', async (t) => {
  const client = asAnybody(t, held.server)
  const { user } = ok(await client.auth.signInAnonymously())
  const early = await client.auth.updateUser({ password })
  refused(early, 422, 'validation_failed')
  const email = newAddress()
  ok(await client.auth.updateUser({ email }))
  const token = await codeTo(held.server, email)
  const shown = ok(await client.auth.verifyOtp({ email, token, type: 'email_change' }))
  assert.equal(shown.user.id, user.id)
  assert.equal(shown.user.is_anonymous, false)
  assert.deepEqual(shown.user.app_metadata.providers, ['email'])
  assert.equal(shown.user.identities.length, 1)
  ok(await client.auth.updateUser({ password }))
  ok(await asAnybody(t, held.server).auth.signInWithPassword({ email, password }))
})

test('codes by text message sign up, sign in and change the number', async (t) => {
  const phone = newPhone()
  const client = asAnybody(t, held.server)
  const made = ok(await client.auth.signUp({ phone, password }))
  assert.equal(made.session, null)
  const first = await codeTo(held.server, phone)
  ok(await client.auth.verifyOtp({ phone, token: first, type: 'sms' }))
  const sent = ok(await client.auth.signInWithOtp({ phone: `+${phone}` }))
  assert.ok(sent.messageId)
  const token = await codeTo(held.server, phone, 2)
  ok(await client.auth.verifyOtp({ phone, token, type: 'sms' }))
  const wished = newPhone()
  assert.equal(ok(await client.auth.updateUser({ phone: wished })).user.new_phone, wished)
  const code = await codeTo(held.server, wished)
  const changed = ok(
    await client.auth.verifyOtp({ phone: wished, token: code, type: 'phone_change' }),
  )
  assert.equal(changed.user.phone, wished)
})

test('what is not a proof is refused with its reason', async () => {
  const post = (path, body) =>
    fetch(`${held.server.url}/auth/v1/${path}`, {
      method: 'POST',
      headers: { apikey: anonKey, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  const email = newAddress()
  const cases = [
    ['no type', 'verify', { email, token: '123456' }, 'validation_failed'],
    ['unknown type', 'verify', { email, token: '123456', type: 'x' }, 'validation_failed'],
    ['no token', 'verify', { email, type: 'email' }, 'validation_failed'],
    ['no address', 'verify', { token: '123456', type: 'email' }, 'validation_failed'],
    ['hash and address', 'verify', { email, token_hash: 'x', type: 'email' }, 'validation_failed'],
    ['mail by sms', 'verify', { email, token: '123456', type: 'sms' }, 'validation_failed'],
    ['a number', 'verify', { email, token: 123456, type: 'email' }, 'validation_failed'],
    ['nobody', 'otp', {}, 'validation_failed'],
    ['no mail address', 'otp', { email: 'ann' }, 'validation_failed'],
    ['no ASCII', 'otp', { email: 'änn@example.org' }, 'validation_failed'],
    ['half a challenge', 'otp', { email, code_challenge: 'x' }, 'validation_failed'],
    ['pigeon post', 'otp', { phone: newPhone(), channel: 'pigeon' }, 'validation_failed'],
    ['a text', 'otp', { email, create_user: 'yes' }, 'validation_failed'],
    ['no address', 'recover', {}, 'validation_failed'],
    ['no JSON', 'recover', undefined, 'validation_failed'],
    ['no type', 'resend', { email }, 'validation_failed'],
  ]
  for (const [why, path, body, code] of cases) {
    const answer = await post(path, body)
    assert.equal(answer.status, 400, why)
    assert.equal((await answer.json()).error_code, code, why)
  }
})

test('the log names no code and no link', async (t) => {
  const { email } = await signUp(t)
  const client = asAnybody(t, held.server)
  ok(await client.auth.signInWithOtp({ email }))
  const link = await linkTo(held.server, email, 2)
  const opened = await openLink(link)
  await client.auth.verifyOtp({ email, token: '000000', type: 'email' })
  const code = await codeTo(held.server, email, 2)
  const secrets = [new URL(link).searchParams.get('token'), opened.fragment.access_token]
  for (const secret of [...secrets, opened.fragment.refresh_token, `"${code}"`, ` ${code}`]) {
    assert.ok(secret && !held.server.log.includes(secret))
  }
})
