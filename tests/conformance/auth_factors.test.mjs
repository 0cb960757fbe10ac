import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  addFactor,
  claimsOf,
  countBy,
  dataOf,
  makeProject,
  refusalOf,
  request,
  signIn,
  signUp,
  totpCode,
} from './auth_people.mjs'
import { asAnybody, asPerson } from './clients.mjs'
import { follow } from './follow.mjs'
import { useServer } from './suite.mjs'

const project = makeProject({
  settings: '[auth]\nfactors_max = 3\n',
  migration: `
    create table vault (id bigint generated always as identity primary key, word text not null);
    alter table vault enable row level security;
    create policy sure on vault for all to authenticated using ((auth.jwt() ->> 'aal') = 'aal2')
      with check ((auth.jwt() ->> 'aal') = 'aal2');
    -- Time that passes for a test.
    create function age_challenges() returns void language sql security definer as $$
      update auth.mfa_challenges set created_at = created_at - interval '5 minutes'
    $$;`,
})
const held = useServer(async () => {}, { project })

const wordsOf = async (client) =>
  dataOf(await client.from('vault').select('word')).map((row) => row.word)
const levelOf = async (client) => {
  const level = dataOf(await client.auth.mfa.getAuthenticatorAssuranceLevel())
  return `${level.currentLevel} ${level.nextLevel}`
}

test('an authenticator app is set up, and takes the session to aal2', async (t) => {
  const { client } = await signUp(t, held.server)
  const events = []
  client.auth.onAuthStateChange((event) => events.push(event))
  const { id, type, totp } = dataOf(
    await client.auth.mfa.enroll({ factorType: 'totp', friendlyName: 'phone', issuer: 'Clinic' }),
  )
  assert.equal(type, 'totp')
  assert.match(totp.qr_code, /^data:image\/svg\+xml;utf-8,<svg /)
  assert.match(totp.secret, /^[A-Z2-7]{32}$/)
  assert.match(totp.uri, /^otpauth:\/\/totp\/Clinic:.*secret=[A-Z2-7]{32}/)
  const begun = dataOf(await client.auth.mfa.listFactors())
  assert.deepEqual([begun.all.length, begun.totp.length], [1, 0])
  assert.equal(begun.all[0].status, 'unverified')
  assert.equal(await levelOf(client), 'aal1 aal1')
  const challenge = dataOf(await client.auth.mfa.challenge({ factorId: id }))
  assert.ok(challenge.expires_at > Date.now() / 1000 + 200)
  const code = totpCode(totp.secret)
  dataOf(await client.auth.mfa.verify({ factorId: id, challengeId: challenge.id, code }))
  assert.equal(await levelOf(client), 'aal2 aal2')
  const { all, totp: verified } = dataOf(await client.auth.mfa.listFactors())
  assert.deepEqual([all.length, verified[0].friendly_name], [1, 'phone'])
  assert.ok(!JSON.stringify(all).includes(totp.secret), 'shown once')
  assert.ok(events.includes('MFA_CHALLENGE_VERIFIED'))
  const { session } = dataOf(await client.auth.getSession())
  const methods = claimsOf(session.access_token).amr.map((entry) => entry.method)
  assert.deepEqual(methods, ['totp', 'password'])
  const { session: refreshed } = dataOf(await client.auth.refreshSession())
  assert.equal(claimsOf(refreshed.access_token).aal, 'aal2')
})

test('what was got before the second factor stays at aal1 or ends', async (t) => {
  const { client, email, session: before } = await signUp(t, held.server)
  const other = await signIn(t, held.server, email)
  const stolen = asPerson(t, held.server, { token: before.access_token })
  const { secret } = await addFactor(client)
  await client.from('vault').insert({ word: email })
  assert.ok((await wordsOf(client)).includes(email))
  assert.deepEqual(await wordsOf(stolen), [], 'the token from before says aal1')
  const { error } = await stolen.from('vault').insert({ word: 'stolen' })
  assert.equal(error.code, '42501')
  const changed = await request(held.server, 'PUT', 'user', {
    token: before.access_token,
    body: { password: 'another good one' },
  })
  assert.equal(`${changed.status} ${changed.body.code}`, '401 insufficient_aal')
  const enrolled = await request(held.server, 'POST', 'factors', {
    token: before.access_token,
    body: { factor_type: 'totp', friendly_name: 'thief' },
  })
  assert.equal(`${enrolled.status} ${enrolled.body.code}`, '403 insufficient_aal')
  const thief = asAnybody(t, held.server)
  const refreshed = await thief.auth.refreshSession({ refresh_token: before.refresh_token })
  assert.equal(refusalOf(refreshed), '400 refresh_token_not_found')
  assert.equal(refusalOf(await other.client.auth.getUser()), '400 undefined', 'signed out')
  assert.equal(
    (await request(held.server, 'GET', 'user', { token: other.session.access_token })).status,
    403,
  )
  assert.equal(dataOf(await client.auth.getUser()).user.email, email, 'its own session goes on')
  const again = await signIn(t, held.server, email)
  assert.equal(await levelOf(again.client), 'aal1 aal2')
  assert.deepEqual(await wordsOf(again.client), [])
  const [factor] = dataOf(await again.client.auth.mfa.listFactors()).totp
  const shown = { factorId: factor.id, code: totpCode(secret) }
  const replayed = await again.client.auth.mfa.challengeAndVerify(shown)
  assert.equal(refusalOf(replayed), '422 mfa_verification_failed', 'a code is good once')
  dataOf(await again.client.auth.mfa.challengeAndVerify({ ...shown, code: totpCode(secret, 1) }))
  assert.ok((await wordsOf(again.client)).includes(email))
})

test('live, a policy asks for the level as well', async (t) => {
  const { client, session: before } = await signUp(t, held.server)
  const low = asPerson(t, held.server, { token: before.access_token })
  const unheard = await follow(low, [{ table: 'vault' }], { keyOf: (row) => row.word })
  const { id } = await addFactor(client)
  const heard = await follow(client, [{ table: 'vault' }], { keyOf: (row) => row.word })
  await client.from('vault').insert({ word: 'first' })
  await heard.until('INSERT first')
  const { session } = dataOf(await client.auth.getSession())
  dataOf(await client.auth.mfa.unenroll({ factorId: id }))
  const old = asPerson(t, held.server, { token: session.access_token })
  assert.deepEqual(await wordsOf(old), [], 'its token still says aal2')
  const other = await signUp(t, held.server)
  await addFactor(other.client)
  const witness = await follow(other.client, [{ table: 'vault' }], { keyOf: (row) => row.word })
  await other.client.from('vault').insert({ word: 'second' })
  await witness.until('INSERT second')
  assert.deepEqual([unheard.lines, heard.lines], [[], ['INSERT first']])
})

test('a factor is removed at aal2 only, and the level goes with it', async (t) => {
  const { client, email } = await signUp(t, held.server)
  const { id } = await addFactor(client)
  const low = await signIn(t, held.server, email)
  const refused = await low.client.auth.mfa.unenroll({ factorId: id })
  assert.equal(refusalOf(refused), '422 insufficient_aal')
  assert.equal(dataOf(await client.auth.mfa.unenroll({ factorId: id })).id, id)
  const { session } = dataOf(await client.auth.refreshSession())
  assert.equal(claimsOf(session.access_token).aal, 'aal1')
  assert.deepEqual(
    claimsOf(session.access_token).amr.map(({ method }) => method),
    ['password'],
  )
  assert.equal(await levelOf(client), 'aal1 aal1')
  assert.equal(
    refusalOf(await client.auth.mfa.unenroll({ factorId: id })),
    '404 mfa_factor_not_found',
  )
})

test('what cannot be set up is refused', async (t) => {
  const { client } = await signUp(t, held.server)
  const enroll = async (params) => refusalOf(await client.auth.mfa.enroll(params))
  const totp = (friendlyName) => enroll({ factorType: 'totp', friendlyName })
  assert.equal(
    await enroll({ factorType: 'phone', phone: '+4915112345678' }),
    '422 mfa_phone_enroll_not_enabled',
  )
  assert.equal(await enroll({ factorType: 'webauthn' }), '422 mfa_webauthn_enroll_not_enabled')
  assert.equal(await enroll({ factorType: 'pigeon' }), '400 validation_failed')
  assert.equal(await totp('x'.repeat(201)), '400 validation_failed')
  assert.equal(await totp('one'), 'none')
  assert.equal(await totp('one'), '422 mfa_factor_name_conflict')
  assert.equal(await totp('two'), 'none')
  assert.equal(await totp('three'), 'none')
  assert.equal(await totp('four'), '422 too_many_enrolled_mfa_factors')
  const guest = asAnybody(t, held.server)
  dataOf(await guest.auth.signInAnonymously())
  assert.equal(
    refusalOf(await guest.auth.mfa.enroll({ factorType: 'totp' })),
    '403 no_authorization',
  )
})

test('challenges are of one factor, of one person and of five minutes', async (t) => {
  const [ann, ben] = [await signUp(t, held.server), await signUp(t, held.server)]
  const { id, secret } = await addFactor(ann.client)
  const second = dataOf(
    await ann.client.auth.mfa.enroll({ factorType: 'totp', friendlyName: 'tablet' }),
  )
  const challenge = dataOf(await ann.client.auth.mfa.challenge({ factorId: id }))
  const code = totpCode(secret, 1)
  const verify = async (who, factorId, challengeId = challenge.id) =>
    refusalOf(await who.client.auth.mfa.verify({ factorId, challengeId, code }))
  assert.equal(await verify(ben, id), '404 mfa_factor_not_found')
  assert.equal(await verify(ann, second.id), '422 mfa_factor_not_found')
  assert.equal(await verify(ann, id, id), '422 mfa_factor_not_found')
  assert.equal(
    refusalOf(await ben.client.auth.mfa.challenge({ factorId: id })),
    '404 mfa_factor_not_found',
  )
  assert.equal(
    refusalOf(await ben.client.auth.mfa.unenroll({ factorId: id })),
    '404 mfa_factor_not_found',
  )
  dataOf(await ann.client.rpc('age_challenges'))
  assert.equal(await verify(ann, id), '422 mfa_challenge_expired')
  const fresh = dataOf(await ann.client.auth.mfa.challenge({ factorId: id }))
  assert.equal(await verify(ann, id, fresh.id), 'none')
  assert.equal(await verify(ann, id, fresh.id), '422 mfa_challenge_expired', 'used')
})

test('five wrong codes in five minutes, however many come at once', async (t) => {
  const { client, email } = await signUp(t, held.server)
  const { id, secret } = await addFactor(client)
  const { client: guesser, session } = await signIn(t, held.server, email)
  const { id: challengeId } = dataOf(await guesser.auth.mfa.challenge({ factorId: id }))
  const guess = (code) =>
    request(held.server, 'POST', `factors/${id}/verify`, {
      token: session.access_token,
      body: { challenge_id: challengeId, code },
    })
  // One letter is never right.
  const answers = await Promise.all(Array.from({ length: 100 }, (_, i) => guess(`x${10_000 + i}`)))
  assert.deepEqual(countBy(answers.map(({ status, body }) => `${status} ${body.code}`)), {
    '422 mfa_verification_failed': 5,
    '429 over_request_rate_limit': 95,
  })
  const late = await guess(totpCode(secret, 1))
  assert.equal(late.status, 429, 'the right one comes too late')
  const wait = Number(late.headers.get('retry-after'))
  assert.ok(wait > 200 && wait <= 300, `Retry-After ${wait}`)
})
