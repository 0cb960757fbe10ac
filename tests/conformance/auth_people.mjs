/// Projects and people for the tests of sign-in.

import { createHmac, randomUUID } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after } from 'node:test'
import { anonKey, asAnybody } from './clients.mjs'

export const password = 'correct horse battery'

/** A project folder for the tests of a file, which goes with them. */
export function makeProject({ migration, settings = '', seed }) {
  const folder = mkdtempSync(path.join(tmpdir(), 'dunlin-project-'))
  after(() => rmSync(folder, { recursive: true, force: true }))
  mkdirSync(path.join(folder, 'migrations'))
  writeFileSync(path.join(folder, 'migrations/0001_test.sql'), migration)
  writeFileSync(path.join(folder, 'dunlin.toml'), settings)
  if (seed !== undefined) writeFileSync(path.join(folder, 'seed.sql'), seed)
  return folder
}

export const newEmail = () => `${randomUUID()}@example.org`

/** The data of an answer of the client, which must not be an error. */
export function dataOf({ data, error }) {
  if (error) throw error
  return data
}

/** The code of the refusal that an answer of the client must be, with its status: `422 weak_password`. */
export const refusalOf = ({ error }) => (error === null ? 'none' : `${error.status} ${error.code}`)

/** Headers of a device, as an application sets them. */
export const deviceOptions = (id, more = {}) => ({
  global: { headers: { 'x-device-id': id, 'x-device-name': `the ${id}`, ...more } },
})

/** A client that has signed up. */
export async function signUp(t, server, options = {}, email = newEmail()) {
  const client = asAnybody(t, server, options)
  const { session, user } = dataOf(await client.auth.signUp({ email, password }))
  return { client, email, session, user }
}

/** A client that has signed in by password. */
export async function signIn(t, server, email, options = {}) {
  const client = asAnybody(t, server, options)
  const { session } = dataOf(await client.auth.signInWithPassword({ email, password }))
  return { client, email, session }
}

/** A request to `/auth/v1` without the client: status, headers and body as they are. */
export async function request(
  server,
  method,
  target,
  { token = anonKey, body, headers = {} } = {},
) {
  const response = await fetch(`${server.url}/auth/v1/${target}`, {
    method,
    headers: {
      apikey: anonKey,
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'x-supabase-api-version': '2024-01-01',
      ...headers,
    },
    body: body === undefined ? undefined : JSON.stringify(body),
  })
  const text = await response.text()
  return {
    status: response.status,
    headers: response.headers,
    body: text === '' ? null : JSON.parse(text),
  }
}

/** How often each text is there: `{ '200': 1, '429 over_request_rate_limit': 9 }`. */
export function countBy(texts) {
  const counts = {}
  for (const text of texts) counts[text] = (counts[text] ?? 0) + 1
  return counts
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

function bytesOfBase32(text) {
  let bits = ''
  for (const character of text) bits += alphabet.indexOf(character).toString(2).padStart(5, '0')
  return Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)))
}

/** What an authenticator app shows (RFC 6238) `ahead` steps of 30 s from now. Each works once: a test has this one and the next. */
export function totpCode(secret, ahead = 0) {
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + ahead))
  const mac = createHmac('sha1', bytesOfBase32(secret)).update(counter).digest()
  const number = mac.readUInt32BE(mac[19] & 15) & 0x7fffffff
  return String(number % 1_000_000).padStart(6, '0')
}

/** Sets up an authenticator app and shows its first code: the client's session is aal2 then. */
export async function addFactor(client, friendlyName = 'phone') {
  const enrolled = dataOf(await client.auth.mfa.enroll({ factorType: 'totp', friendlyName }))
  const { id, totp } = enrolled
  const session = dataOf(
    await client.auth.mfa.challengeAndVerify({ factorId: id, code: totpCode(totp.secret) }),
  )
  return { id, secret: totp.secret, session }
}

/** The claims of a token, unproved. */
export const claimsOf = (token) =>
  JSON.parse(Buffer.from(token.split('.')[1], 'base64url').toString())
