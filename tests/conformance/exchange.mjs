/// Plain requests, for what the client cannot say or does not show.

import assert from 'node:assert/strict'
import { anonKey } from './clients.mjs'

/** The body of a refusal. */
export const refusal = (code, message, details = null, hint = null) => ({
  code,
  details,
  hint,
  message,
})

/**
 * Sends one request as anybody and compares its answer. `row.ask` is `METHOD path` below /rest/v1/, with `row.headers` and
 * `row.body` (a text, or what becomes JSON). Compared are `row.status` and, where given, `row.text` or `row.json` and the headers
 * `row.gives`, null for one that must not be there.
 */
export async function checkExchange(server, row) {
  const space = row.ask.indexOf(' ')
  const body =
    row.body === undefined || typeof row.body === 'string' ? row.body : JSON.stringify(row.body)
  const answer = await fetch(`${server.url}/rest/v1/${row.ask.slice(space + 1)}`, {
    method: row.ask.slice(0, space),
    headers: { apikey: anonKey, 'Content-Type': 'application/json', ...row.headers },
    body,
  })
  const text = await answer.text()
  assert.equal(answer.status, row.status, text)
  if (row.text !== undefined) assert.equal(text, row.text)
  if (row.json !== undefined) assert.deepEqual(JSON.parse(text), row.json)
  for (const [name, value] of Object.entries(row.gives ?? {})) {
    assert.equal(answer.headers.get(name), value, name)
  }
}
