/// Clients of @supabase/supabase-js, unmodified, in the roles an application has.

import { createHmac, randomUUID } from 'node:crypto'
import { createClient } from '@supabase/supabase-js'

/// The well-known secret of local development, which `dunlin serve --dev` uses.
const secret = 'super-secret-jwt-token-with-at-least-32-characters-long'
const keysExpireAt = 1983812996

/** A JSON Web Token as a sign-in service would give it (RFC 7519, HS256). */
export function signToken(claims) {
  const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const signed = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(claims)}`
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`
}

const keyOf = (role) => signToken({ iss: 'supabase-demo', role, exp: keysExpireAt })
export const anonKey = keyOf('anon')
export const serviceKey = keyOf('service_role')

/** A signed-in person: an id and a token. */
export function person(id = randomUUID(), claims = {}) {
  const exp = Math.floor(Date.now() / 1000) + 3600
  const token = signToken({ iss: 'test', role: 'authenticated', sub: id, exp, ...claims })
  return { id, token }
}

function connect(t, server, key, options) {
  const client = createClient(server.url, key, {
    auth: { persistSession: false, autoRefreshToken: false },
    ...options,
    realtime: { reconnectAfterMs: () => 50, ...options.realtime },
  })
  t.after(() => client.realtime.disconnect())
  return client
}

/** Nobody signed in. `t` is the test whose end closes the client. */
export const asAnybody = (t, server, options = {}) => connect(t, server, anonKey, options)

/** The application's own back end: no policy applies. */
export const asService = (t, server, options = {}) => connect(t, server, serviceKey, options)

/** A signed-in person. */
export const asPerson = (t, server, { token }, options = {}) =>
  connect(t, server, anonKey, { accessToken: async () => token, ...options })
