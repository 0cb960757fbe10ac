import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
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
} from './auth_people.mjs'
import { startServer, temporaryFolder } from './server.mjs'
import { useServer } from './suite.mjs'

const project = makeProject({
  settings: '[auth]\n',
  migration: `
    create function link(person uuid, address text) returns void language sql security definer as $$
      insert into auth.identities (user_id, provider_id, provider, identity_data, email)
        values (person, gen_random_uuid()::text, 'github', '{}', address)
    $$;`,
})
const held = useServer(async () => {}, { project })
const withCodes = {
  auth: { persistSession: false, autoRefreshToken: false, experimental: { recoveryCodes: true } },
}

/** Somebody with an authenticator app and ten codes. */
async function careful(t, server = held.server) {
  const person = await signUp(t, server, withCodes)
  const factor = await addFactor(person.client)
  const made = dataOf(
    await person.client.auth.mfa.recoveryCodes.generate({ friendlyName: 'paper' }),
  )
  return { ...person, factor, made, recovery: person.client.auth.mfa.recoveryCodes }
}

test('ten codes stand in for the app, each once', async (t) => {
  const { email, made, recovery } = await careful(t)
  assert.equal(new Set(made.codes).size, 10)
  assert.deepEqual([made.type, made.friendly_name, made.total], ['recovery_code', 'paper', 10])
  for (const code of made.codes) assert.match(code, /^[a-z2-7]{10}$/)
  const { client } = await signIn(t, held.server, email, withCodes)
  const [first, second] = made.codes
  const typed = ` ${first.slice(0, 4).toUpperCase()}-${first.slice(4)} `
  const session = dataOf(await client.auth.mfa.recoveryCodes.verify({ code: typed }))
  const claims = claimsOf(session.access_token)
  assert.equal(claims.aal, 'aal2')
  assert.deepEqual(
    claims.amr.map(({ method }) => method),
    ['mfa/recovery_code', 'password'],
  )
  assert.equal(refusalOf(await recovery.verify({ code: first })), '422 mfa_verification_failed')
  assert.equal(dataOf(await recovery.getStatus()).remaining, 9)
  const tries = Array.from({ length: 5 }, () => recovery.verify({ code: second }))
  const outcomes = countBy((await Promise.all(tries)).map(refusalOf))
  assert.equal(outcomes.none, 1, `at once: ${JSON.stringify(outcomes)}`)
})

test('the codes are replaced and removed at aal2', async (t) => {
  const { client, email, made, recovery } = await careful(t)
  const low = (await signIn(t, held.server, email, withCodes)).client.auth.mfa.recoveryCodes
  assert.equal(refusalOf(await low.generate()), '403 insufficient_aal')
  assert.equal(refusalOf(await low.regenerate()), '403 insufficient_aal')
  assert.equal(refusalOf(await low.unenroll()), '403 insufficient_aal')
  assert.equal(dataOf(await low.getStatus()).remaining, 10)
  assert.equal(refusalOf(await recovery.generate()), '422 mfa_verified_factor_exists')
  const replaced = dataOf(await recovery.regenerate())
  assert.equal(replaced.id, made.id)
  assert.equal(refusalOf(await low.verify({ code: made.codes[0] })), '422 mfa_verification_failed')
  const { all } = dataOf(await client.auth.mfa.listFactors())
  assert.deepEqual(
    all.map((factor) => factor.factor_type),
    ['totp', 'recovery_code'],
  )
  assert.equal(dataOf(await recovery.unenroll()).id, made.id)
  assert.equal(refusalOf(await recovery.getStatus()), '404 mfa_factor_not_found')
  assert.equal(refusalOf(await recovery.regenerate()), '404 mfa_factor_not_found')
})

test('a lost app: sign in by a code, remove the app, set up another', async (t) => {
  const { email, made, factor } = await careful(t)
  const { client } = await signIn(t, held.server, email, withCodes)
  dataOf(await client.auth.mfa.recoveryCodes.verify({ code: made.codes[3] }))
  dataOf(await client.auth.mfa.unenroll({ factorId: factor.id }))
  const { user } = dataOf(await client.auth.getUser())
  assert.equal(user.factors, undefined, 'codes never stand alone')
  const { session } = dataOf(await client.auth.refreshSession())
  assert.equal(claimsOf(session.access_token).aal, 'aal1')
  const again = await addFactor(client, 'new phone')
  assert.equal(claimsOf(again.session.access_token).aal, 'aal2')
})

test('guesses at codes are counted apart from those at the app', async (t) => {
  const { email, made, factor } = await careful(t)
  const { session } = await signIn(t, held.server, email)
  const guess = (code) =>
    request(held.server, 'POST', 'factors/recovery-codes/verify', {
      token: session.access_token,
      body: { code },
    })
  const answers = await Promise.all(Array.from({ length: 30 }, () => guess('aaaaa-aaaaa')))
  assert.deepEqual(countBy(answers.map(({ status, body }) => `${status} ${body.code}`)), {
    '422 mfa_verification_failed': 5,
    '429 mfa_recovery_codes_locked': 25,
  })
  assert.equal((await guess(made.codes[0])).status, 429)
  const challenged = await request(held.server, 'POST', `factors/${factor.id}/challenge`, {
    token: session.access_token,
  })
  assert.equal(challenged.status, 200)
})

test('neither secrets nor codes are in the data folder or in the log', async (t) => {
  const data = temporaryFolder(t)
  const server = await startServer({ project, data })
  const { factor, made } = await careful(t, server)
  await server.stop()
  const names = readdirSync(data, { recursive: true, withFileTypes: true })
  const files = names.filter((entry) => entry.isFile())
  assert.ok(files.some((entry) => entry.name.startsWith('dunlin.db')))
  const texts = files.map((entry) =>
    readFileSync(path.join(entry.parentPath, entry.name), 'latin1'),
  )
  for (const canary of [factor.secret, ...made.codes]) {
    for (const text of [...texts, server.log]) assert.ok(!text.includes(canary))
  }
})

test('an identity is unlinked while another stays', async (t) => {
  const { client, user, email } = await signUp(t, held.server)
  const [own] = dataOf(await client.auth.getUserIdentities()).identities
  assert.equal(
    refusalOf(await client.auth.unlinkIdentity(own)),
    '422 single_identity_not_deletable',
  )
  dataOf(await client.rpc('link', { person: user.id, address: 'ann@github.example' }))
  const unknown = { ...own, identity_id: user.id }
  assert.equal(refusalOf(await client.auth.unlinkIdentity(unknown)), '422 identity_not_found')
  const { identities } = dataOf(await client.auth.getUserIdentities())
  assert.deepEqual(
    identities.map(({ provider }) => provider),
    ['email', 'github'],
  )
  dataOf(await client.auth.unlinkIdentity(own))
  const { user: after } = dataOf(await client.auth.getUser())
  assert.deepEqual(
    after.identities.map(({ provider }) => provider),
    ['github'],
  )
  assert.deepEqual(after.app_metadata, { provider: 'github', providers: ['github'] })
  assert.equal(after.email, 'ann@github.example')
  const { error } = await client.auth.signInWithPassword({
    email,
    password: 'correct horse battery',
  })
  assert.equal(error.code, 'invalid_credentials', 'that address is no longer a way in')
})
