/// The same migrations on both: a PostgreSQL database and a running Dunlin.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { anonKey, serviceKey, signToken } from '../conformance/clients.mjs'
import { startServer } from '../conformance/server.mjs'

/** A project folder with `migrations` ({name: text}), gone when `remove` is called. */
export function projectFolder(migrations) {
  const folder = mkdtempSync(path.join(tmpdir(), 'dunlin-differential-'))
  const project = path.join(folder, 'project')
  mkdirSync(path.join(project, 'migrations'), { recursive: true })
  for (const [name, text] of Object.entries(migrations)) {
    writeFileSync(path.join(project, 'migrations', name), text)
  }
  const data = path.join(folder, 'data')
  return { project, data, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

/** Both sides with `text` as their only migration; `settings` is Dunlin's dunlin.toml. Call `close` at the end. */
export async function bothWith(postgres, text, settings = '') {
  const folder = projectFolder({ '0001_schema.sql': text })
  writeFileSync(path.join(folder.project, 'dunlin.toml'), settings)
  const database = await postgres.database()
  try {
    await database.run(text)
    const server = await startServer(folder)
    const close = async () => {
      await database.close()
      await server.stop()
      folder.remove()
    }
    return { database, server, close }
  } catch (error) {
    await database.close()
    folder.remove()
    throw error
  }
}

const tokenLivesS = 3600

/** The headers of a request by `identity`: {role, sub, …claims}. */
export function headersOf(identity) {
  if (identity.role === 'service_role') return { apikey: serviceKey }
  if (identity.role === 'anon') return { apikey: anonKey }
  const exp = Math.floor(Date.now() / 1000) + tokenLivesS
  return { apikey: anonKey, authorization: `Bearer ${signToken({ ...identity, exp })}` }
}

/** A request to the data API: `{status, text, error}`, `error` the body when it is refused. */
export async function rest(server, identity, target, options = {}) {
  const headers = { ...headersOf(identity), ...options.headers }
  if (options.body !== undefined) headers['content-type'] ??= 'application/json'
  const answer = await fetch(`${server.url}/rest/v1/${target}`, { ...options, headers })
  const text = await answer.text()
  const error = answer.status >= 300 ? JSON.parse(text || '{}') : undefined
  return { status: answer.status, text, error, headers: answer.headers }
}
