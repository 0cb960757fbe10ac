/// Sign-in by messages: projects with settings of their own, what the outbox holds, links opened as a browser would.

import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { codeIn } from './smtp.mjs'

const timeoutMs = 4000

/** Confirmation as in production; no pauses between messages, and any number of them. */
export const confirming = `[auth]
confirm_email = true
confirm_phone = true
site_url = "https://app.example.org"
redirect_urls = ["https://*.preview.example.org/**"]
[auth.limits]
message_pause_seconds = 0
account_attempts = 1000
`

/** An empty project with this dunlin.toml. Removed when the process ends. */
export function projectWith(settings) {
  const folder = mkdtempSync(path.join(tmpdir(), 'dunlin-project-'))
  mkdirSync(path.join(folder, 'migrations'))
  writeFileSync(path.join(folder, 'dunlin.toml'), settings)
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** The data of an answer that must be no error. */
export function ok({ data, error }) {
  assert.equal(error, null)
  return data
}

/** The error of an answer that must be this one. */
export function refused({ error }, status, code) {
  assert.equal(`${error?.status} ${error?.code}`, `${status} ${code}`, error?.message)
  return error
}

/** An address that nobody has had before, without digits that could be taken for a code. */
export const newAddress = (name = 'ann') =>
  `${name}-${randomUUID().replace(/\d/g, (digit) => 'ghijklmnop'[digit])}@example.org`
export const newPhone = () => `49${Math.floor(1e9 + Math.random() * 9e9)}`

/** What the outbox holds for an address, oldest first. */
export async function messagesTo(server, to) {
  const answer = await fetch(`${server.url}/_/outbox?to=${encodeURIComponent(to)}`)
  return (await answer.json()).messages.reverse()
}

/** The `count`th message to an address; waits for it. */
export async function messageTo(server, to, count = 1) {
  const deadline = performance.now() + timeoutMs
  for (;;) {
    const found = await messagesTo(server, to)
    if (found.length >= count) return found[count - 1]
    if (performance.now() > deadline) throw new Error(`${found.length} messages came to ${to}`)
  }
}

export const codeTo = async (server, to, count) => codeIn(await messageTo(server, to, count))

/** The link of a message, at the port that the server really has. */
export async function linkTo(server, to, count) {
  const { text } = await messageTo(server, to, count)
  return atServer(server, /\S+\/auth\/v1\/verify\S+/.exec(text)[0])
}

export function atServer(server, link) {
  const { pathname, search } = new URL(link)
  return server.url + pathname + search
}

/** Where a link leads: the URL without what sign-in adds, and what it adds. */
export async function openLink(link, headers = {}) {
  const answer = await fetch(link, { redirect: 'manual', headers })
  const url = new URL(answer.headers.get('location'))
  const fragment = Object.fromEntries(new URLSearchParams(url.hash.slice(1)))
  const query = Object.fromEntries(url.searchParams)
  return { status: answer.status, to: url.origin + url.pathname, fragment, query }
}
