/// Accounts for tests that need somebody signed in.

import { randomBytes } from 'node:crypto'
import { createClient } from '@supabase/supabase-js'
import { anonKey, serviceKey } from './clients.mjs'

export const password = 'three herons at dawn'

/** An address that nobody else has. */
export const newEmail = () => `${randomBytes(6).toString('hex')}@example.org`

const options = { auth: { persistSession: false, autoRefreshToken: false } }

/** The administration of `server`'s accounts, as an application's back end has it. */
export const administrationOf = (server) => createClient(server.url, serviceKey, options).auth.admin

/** A new account with a confirmed address; fails if it cannot be made. */
export async function newUser(server, attributes = {}) {
  const { data, error } = await administrationOf(server).createUser({
    email: newEmail(),
    password,
    email_confirm: true,
    ...attributes,
  })
  if (error) throw error
  return data.user
}

/** A client with a session of its own for `email`. Its connection ends with the test `t`. */
export async function signIn(t, server, email, secret = password) {
  const client = createClient(server.url, anonKey, options)
  t.after(() => client.realtime.disconnect())
  const { data, error } = await client.auth.signInWithPassword({ email, password: secret })
  if (error) throw error
  return Object.assign(client, { session: data.session })
}

/** A request to `/auth/v1/…` as it is sent, with the status and body that come back. */
export async function authFetch(server, method, path, { token, body, headers = {} } = {}) {
  const response = await fetch(`${server.url}/auth/v1/${path}`, {
    method,
    headers: {
      apikey: anonKey,
      'Content-Type': 'application/json',
      'X-Supabase-Api-Version': '2024-01-01',
      ...(token ? { Authorization: `Bearer ${token}` } : {}),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  return {
    status: response.status,
    headers: response.headers,
    body: text === '' ? undefined : JSON.parse(text),
  }
}
