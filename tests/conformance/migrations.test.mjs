import assert from 'node:assert/strict'
import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { asAnybody } from './clients.mjs'
import { fixtureProject, runDunlin, startServer, temporaryFolder } from './server.mjs'

/** A project of the test's own, with its migrations by name, and a folder for its data. */
function project(t, migrations) {
  const folder = path.join(temporaryFolder(t), 'project')
  mkdirSync(path.join(folder, 'migrations'), { recursive: true })
  for (const [name, text] of Object.entries(migrations)) {
    writeFileSync(path.join(folder, 'migrations', name), text)
  }
  return { folder, data: temporaryFolder(t) }
}

const serve = ({ folder, data }) =>
  runDunlin('serve', folder, '--port', '0', '--data', data, '--dev')

const bad = [
  {
    why: 'bad syntax',
    text: 'create table good (id int primary key);\n\ncreate tabel bad (id int);',
    place: '0001_bad.sql:3:8',
    says: /syntax error/,
  },
  {
    why: 'an unknown type',
    text: 'create table t (\n  id int primary key,\n  place geography\n);',
    place: '0001_bad.sql:3:9',
    says: /geography/,
  },
  {
    why: 'a loop in a function',
    text: 'create function f() returns int language plpgsql as $$\nbegin\n  loop\n  end loop;\nend $$;',
    place: '0001_bad.sql:3:3',
    says: /loop/i,
  },
  {
    why: 'a policy on an unknown column',
    text: 'create table t (id int primary key);\ncreate policy p on t using (owner = 1);',
    place: '0001_bad.sql:2:29',
    says: /owner/,
  },
]

for (const { why, text, place, says } of bad) {
  test(`a migration is refused with its place: ${why}`, (t) => {
    const { folder, data } = project(t, { '0001_bad.sql': text })
    const { status, stderr } = serve({ folder, data })
    assert.notEqual(status, 0)
    assert.ok(stderr.includes(place), stderr)
    assert.match(stderr, says)
  })
}

test('a refused migration leaves nothing; mended, it is applied', async (t) => {
  const { folder, data } = project(t, {
    '0001_good.sql': 'create table good (id int primary key);',
    '0002_bad.sql': 'create table half (id int primary key);\ncreate table half (id int);',
  })
  const refused = serve({ folder, data })
  assert.notEqual(refused.status, 0)
  assert.match(refused.stderr, /0002_bad\.sql:2:\d+/)

  writeFileSync(
    path.join(folder, 'migrations/0002_bad.sql'),
    'create table half (id int primary key);',
  )
  const server = await startServer({ project: folder, data })
  t.after(() => server.stop())
  const client = asAnybody(t, server)
  assert.deepEqual((await client.from('half').select()).data, [])
})

test('a migration that was changed after it was applied is noticed', async (t) => {
  const { folder, data } = project(t, { '0001_first.sql': 'create table t (id int primary key);' })
  await (await startServer({ project: folder, data })).stop()
  const file = path.join(folder, 'migrations/0001_first.sql')
  writeFileSync(file, 'create table t (id int primary key, more text);')
  const { status, stderr } = serve({ folder, data })
  assert.notEqual(status, 0)
  assert.match(stderr, /0001_first\.sql.*changed/)
})

test('a later migration keeps the rows and changes the table', async (t) => {
  const { folder, data } = project(t, { '0001_first.sql': 'create table t (id int primary key);' })
  const first = await startServer({ project: folder, data })
  await asAnybody(t, first).from('t').insert({ id: 1 })
  await first.stop()
  writeFileSync(
    path.join(folder, 'migrations/0002_more.sql'),
    "alter table t add column word text not null default 'none';",
  )
  const second = await startServer({ project: folder, data })
  t.after(() => second.stop())
  const { data: rows } = await asAnybody(t, second).from('t').select()
  assert.deepEqual(rows, [{ id: 1, word: 'none' }])
})

test('keys prints what the client needs', async (t) => {
  const folder = path.join(temporaryFolder(t), 'project')
  cpSync(fixtureProject, folder, { recursive: true })
  const { status, stdout } = runDunlin('keys', folder, '--dev', '--format', 'json')
  assert.equal(status, 0)
  const keys = JSON.parse(stdout)
  const { anonKey, serviceKey } = await import('./clients.mjs')
  const role = (token) => JSON.parse(Buffer.from(token.split('.')[1], 'base64url')).role
  assert.deepEqual([role(keys.anon_key), role(keys.service_role_key)], ['anon', 'service_role'])
  assert.deepEqual([keys.anon_key, keys.service_role_key], [anonKey, serviceKey])
})
