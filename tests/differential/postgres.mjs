/// A private PostgreSQL 15: in a folder of its own, on a Unix socket, gone with this process.

import { spawn, spawnSync } from 'node:child_process'
import { chownSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before } from 'node:test'
import pg from 'pg'

const programs = '/usr/lib/postgresql/15/bin'
const startTimeoutMs = 60_000
const prelude = readFileSync(path.join(import.meta.dirname, 'prelude.sql'), 'utf8')

/// What is compared is text: PostgreSQL's own words for a value, not JavaScript's reading of them.
const asText = { getTypeParser: () => (text) => text }

/** PostgreSQL refuses to run as root; `setpriv` is not needed by anybody else. */
function account() {
  if (process.getuid() !== 0) return undefined
  const id = (flag) => Number(spawnSync('id', [flag, 'postgres'], { encoding: 'utf8' }).stdout)
  return { uid: id('-u'), gid: id('-g') }
}

/** Words that run `program` as that account, and end it when this process is killed. */
function wordsFor(program, user) {
  const words = ['setpriv', '--pdeathsig', 'QUIT']
  if (user) words.push('--reuid', `${user.uid}`, '--regid', `${user.gid}`, '--clear-groups')
  return [...words, path.join(programs, program)]
}

function initialise(data, user) {
  // C.UTF-8 orders text by its code points, as SQLite does (docs/guide/sql-expressions.md).
  const options = ['-D', data, '-U', 'postgres', '-A', 'trust', '--no-sync', '-E', 'UTF8']
  const [program, ...words] = [...wordsFor('initdb', user), ...options, '--locale=C.UTF-8']
  const done = spawnSync(program, words, { encoding: 'utf8' })
  if (done.status !== 0) throw new Error(`initdb failed: ${done.error ?? done.stderr}`)
}

/** Resolves when the server says that it takes connections; says what it said when it does not. */
function readyLine(child) {
  return new Promise((resolve, reject) => {
    let log = ''
    const timer = setTimeout(
      () => reject(new Error(`PostgreSQL not ready:\n${log}`)),
      startTimeoutMs,
    )
    child.once('exit', (code) => reject(new Error(`PostgreSQL ended with ${code}:\n${log}`)))
    child.once('error', reject)
    child.stderr.setEncoding('utf8').on('data', (text) => {
      log = (log + text).slice(-20_000)
      if (!log.includes('ready to accept connections')) return
      clearTimeout(timer)
      resolve()
    })
  })
}

export class Postgres {
  #folder
  #child
  #remove
  #databases = 0

  static async start() {
    const postgres = new Postgres()
    const user = account()
    postgres.#folder = mkdtempSync(path.join(tmpdir(), 'dunlin-postgres-'))
    if (user) chownSync(postgres.#folder, user.uid, user.gid)
    postgres.#remove = () => {
      postgres.#child?.kill('SIGKILL')
      rmSync(postgres.#folder, { recursive: true, force: true, maxRetries: 20 })
    }
    process.once('exit', postgres.#remove)
    await postgres.#run(user)
    return postgres
  }

  async #run(user) {
    const data = path.join(this.#folder, 'data')
    initialise(data, user)
    const settings = { listen_addresses: '', unix_socket_directories: this.#folder, fsync: 'off' }
    Object.assign(settings, { timezone: 'UTC', shared_buffers: '32MB', max_connections: '20' })
    // To compile a statement takes longer than to run it over a few rows.
    settings.jit = 'off'
    const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
    const [program, ...words] = [...wordsFor('postgres', user), '-D', data, ...flags]
    this.#child = spawn(program, words, { stdio: ['ignore', 'ignore', 'pipe'], cwd: this.#folder })
    await readyLine(this.#child)
    const first = await this.#connect('template1')
    await first.query(prelude)
    await first.end()
  }

  async #connect(database) {
    const client = new pg.Client({ host: this.#folder, user: 'postgres', database, types: asText })
    await client.connect()
    return client
  }

  /** A fresh database with the prelude in it and nothing else. */
  async database() {
    const name = `test_${++this.#databases}`
    const admin = await this.#connect('postgres')
    await admin.query(`create database ${name}`)
    await admin.end()
    return new Database(await this.#connect(name))
  }

  /** Ends it the fast way: nothing in it is worth keeping. */
  async stop() {
    const ended = new Promise((resolve) => this.#child.once('exit', resolve))
    this.#child.kill('SIGINT')
    await ended
    process.removeListener('exit', this.#remove)
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

/** What PostgREST would make of PostgreSQL's answer: rows, or an error's four words. */
export class Database {
  #client

  constructor(client) {
    this.#client = client
    // A session that ends with the server has nobody to tell.
    client.on('error', () => {})
  }

  close() {
    return this.#client.end()
  }

  /** As the owner of the schema, as migrations are run. Throws PostgreSQL's error. */
  async run(sql) {
    const results = await this.#client.query(sql)
    return (Array.isArray(results) ? results.at(-1) : results).rows
  }

  /**
   * One statement in a transaction of its own, with the role and claims that PostgREST would set.
   * @returns {Promise<{rows: object[]} | {error: {code, message, details, hint}}>}
   */
  async as(identity, sql) {
    const claims = JSON.stringify(identity)
    await this.#client.query('begin')
    try {
      await this.#client.query(
        "select set_config('role', $1, true), set_config('request.jwt.claims', $2, true)",
        [identity.role, claims],
      )
      const { rows } = await this.#client.query(sql)
      await this.#client.query('commit')
      return { rows }
    } catch (error) {
      await this.#client.query('rollback')
      if (error.code === undefined) throw error
      const { code, message, detail = null, hint = null } = error
      return { error: { code, message, details: detail, hint } }
    }
  }
}

/**
 * One PostgreSQL for the tests of a file; `prepare(postgres)` runs when it is there and gives what
 * is closed before it ends. One hook does both: hooks of a file need not wait for each other.
 */
export function usePostgres(prepare = async () => {}) {
  const held = { postgres: undefined, prepared: undefined }
  before(async () => {
    held.postgres = await Postgres.start()
    held.prepared = await prepare(held.postgres)
  })
  after(async () => {
    await held.prepared?.close()
    await held.postgres?.stop()
  })
  return held
}
