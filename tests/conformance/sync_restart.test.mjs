import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { asService, serviceKey } from './clients.mjs'
import { changesOf, FeedStream, lineOf, readFeed } from './feed.mjs'
import { startServer, temporaryFolder } from './server.mjs'

const ok = ({ error }) => assert.equal(error, null)

/** A project of one table whose server is stopped and started again. */
class Project {
  constructor(t) {
    this.t = t
    this.folder = temporaryFolder(t)
    mkdirSync(path.join(this.folder, 'migrations'))
    this.migrate('0001_things.sql', 'create table things (id int primary key, name text);')
  }

  migrate(name, sql) {
    writeFileSync(path.join(this.folder, 'migrations', name), sql)
  }

  /** Restarts; `between(database file)` runs while it is down. */
  async start(between = () => {}) {
    await this.server?.stop()
    const data = path.join(this.folder, 'data')
    between(path.join(data, 'dunlin.db'))
    this.server = await startServer({ project: this.folder, data })
    const { server } = this
    this.t.after(() => server.stop())
    this.service = asService(this.t, server)
  }

  insert(id) {
    return this.service.from('things').insert({ id, name: `n${id}` })
  }

  read(since) {
    return readFeed(this.server, serviceKey, { since, tables: 'things' })
  }
}

test('a position outlives the server; one of altered tables does not', async (t) => {
  const project = new Project(t)
  await project.start()
  const { position: begin } = await readFeed(project.server, serviceKey)
  for (const id of [1, 2, 3]) ok(await project.insert(id))
  const { position: middle } = await project.read(begin)

  await project.start()
  ok(await project.insert(4))
  const lines = changesOf(await project.read(begin)).map((change) => lineOf(change))
  assert.deepEqual(lines, ['INSERT 1', 'INSERT 2', 'INSERT 3', 'INSERT 4'], 'from the database')
  const { position: end } = await project.read(middle)

  project.migrate('0002_more.sql', 'alter table things add column more text;')
  await project.start()
  const refused = await project.read(begin)
  assert.equal(refused.status, 410)
  assert.match(refused.message, /altered/)
  assert.deepEqual((await project.read(end)).commits, [], 'nothing of the old shape lies behind it')
  ok(await project.insert(5))
  assert.deepEqual(
    changesOf(await project.read(end)).map(({ record }) => record),
    [{ id: 5, name: 'n5', more: null }],
  )
})

test('a position whose changes were trimmed has to begin anew', async (t) => {
  const project = new Project(t)
  await project.start()
  const { position: begin } = await readFeed(project.server, serviceKey)
  for (const id of [1, 2, 3]) ok(await project.insert(id))
  const first = await readFeed(project.server, serviceKey, {
    since: begin,
    tables: 'things',
    limit: '1',
  })
  await project.start((file) => {
    const database = new DatabaseSync(file)
    const sequence = Number(first.position.split('-')[1])
    database.prepare('update _dunlin_log set trimmed = ?').run(sequence)
    database.prepare('delete from _dunlin_changes where first <= ?').run(sequence)
    database.close()
  })
  const refused = await project.read(begin)
  assert.equal(refused.status, 410)
  assert.match(refused.message, /no longer in the log/)
  const lines = changesOf(await project.read(first.position)).map((change) => lineOf(change))
  assert.deepEqual(lines, ['INSERT 2', 'INSERT 3'])
})

test('who waits does not hold up a server that stops', async (t) => {
  const project = new Project(t)
  await project.start()
  const { position } = await readFeed(project.server, serviceKey)
  const waiting = readFeed(project.server, serviceKey, { since: position, wait: '55' })
  const stream = await FeedStream.open(t, project.server, serviceKey)
  ok(await project.service.from('things').insert({ id: 1, name: 'x' }))
  await stream.until(() => stream.changes.length === 1)
  const answer = await waiting
  const idle = readFeed(project.server, serviceKey, { since: answer.position, wait: '55' })
  const other = await readFeed(project.server, serviceKey, { since: answer.position })
  assert.equal(other.status, 200, 'the idle request was sent before this one')
  const begin = performance.now()
  await project.server.stop()
  assert.ok(performance.now() - begin < 5000)
  assert.deepEqual((await idle).commits, [])
  await stream.until(() => stream.ended)
})

test('a group stands for its tables', async (t) => {
  const project = new Project(t)
  project.migrate('0002_others.sql', 'create table others (id int primary key, name text);')
  project.migrate('0003_apart.sql', 'create table apart (id int primary key, name text);')
  writeFileSync(path.join(project.folder, 'dunlin.toml'), '[groups]\npair = ["things", "others"]\n')
  await project.start()
  const { position: since } = await readFeed(project.server, serviceKey)
  for (const table of ['things', 'apart', 'others']) {
    ok(await project.service.from(table).insert({ id: 1, name: 'x' }))
  }
  const read = (tables) => readFeed(project.server, serviceKey, { since, tables })
  assert.deepEqual(
    changesOf(await read('group:pair')).map(({ table }) => table),
    ['things', 'others'],
  )
  assert.equal((await read('group:none')).status, 400)
})
