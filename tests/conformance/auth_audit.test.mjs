import assert from 'node:assert/strict'
import { cpSync } from 'node:fs'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { administrationOf, authFetch, newUser, password, signIn } from './accounts.mjs'
import { serviceKey } from './clients.mjs'
import { startServer, temporaryFolder } from './server.mjs'

const project = path.join(import.meta.dirname, 'admin_project')

const asked = async (server, url) => {
  const { status, body } = await authFetch(server, 'GET', url, { token: serviceKey })
  assert.equal(status, 200)
  return body
}

test('what administration does is in the audit log, without secrets', async (t) => {
  const server = await startServer({ project, data: temporaryFolder(t) })
  const admin = administrationOf(server)
  const user = await newUser(server, { user_metadata: { note: 'canary-metadata' } })
  const { session } = await signIn(t, server, user.email)
  await admin.updateUserById(user.id, {
    password: 'canary-password 1',
    app_metadata: { role: 'x' },
  })
  await admin.updateUserById(user.id, { ban_duration: '24h' })
  await admin.deleteUser(user.id)
  const { entries } = await asked(server, 'admin/audit')
  assert.deepEqual(
    entries.map(({ action, payload }) => [action, payload]),
    [
      ['admin_user_deleted', { user_id: user.id, soft: false, sessions: 0 }],
      ['admin_user_changed', { user_id: user.id, changed: ['ban_duration'], sessions: 0 }],
      [
        'admin_user_changed',
        { user_id: user.id, changed: ['password', 'app_metadata'], sessions: 1 },
      ],
      ['sign_in', { method: 'password', device: '' }],
      ['admin_user_created', { user_id: user.id }],
    ],
  )
  assert.deepEqual([entries[0].actor_id, entries[0].ip_address], ['', '127.0.0.1'])
  const told = JSON.stringify(entries) + server.log
  for (const secret of [
    password,
    'canary',
    session.access_token,
    session.refresh_token,
    serviceKey,
  ]) {
    assert.ok(!told.includes(secret))
  }
  const page = await asked(server, 'admin/audit?page=2&per_page=2')
  assert.deepEqual(
    page.entries.map(({ id }) => id),
    entries.slice(2, 4).map(({ id }) => id),
  )
  await server.stop()
})

test('whoever changes, removes or moves an entry of the log is found out', async (t) => {
  const data = temporaryFolder(t)
  const first = await startServer({ project, data })
  for (let i = 0; i < 4; ++i) await newUser(first, { password: undefined })
  const whole = await asked(first, 'admin/audit/verify')
  const { entries } = await asked(first, 'admin/audit')
  assert.deepEqual(whole, { intact: true, entries: 4, last_hash: entries[0].hash })
  await first.stop()

  const ids = entries.map(({ id }) => id).reverse()
  const table = '"auth.audit_log_entries"'
  const cases = [
    ['changed', `update ${table} set payload = '{}' where id = ${ids[1]}`, ids[1]],
    ['removed', `delete from ${table} where id = ${ids[0]}`, ids[1]],
  ]
  for (const [why, statement, broken] of cases) {
    const copy = temporaryFolder(t)
    cpSync(data, copy, { recursive: true })
    const database = new DatabaseSync(path.join(copy, 'dunlin.db'))
    database.exec(statement)
    database.close()
    const server = await startServer({ project, data: copy })
    const found = await asked(server, 'admin/audit/verify')
    assert.deepEqual([found.intact, found.first_broken_id], [false, broken], why)
    await server.stop()
  }
})
