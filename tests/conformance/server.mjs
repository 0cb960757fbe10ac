/// Runs the real server on a project folder and a data folder, as an operator would.

import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

const root = path.resolve(import.meta.dirname, '../..')
const binary = process.env.DUNLIN_BINARY ?? path.join(root, 'build/release/bin/dunlin')
const readyTimeoutMs = 10_000
const stopTimeoutMs = 15_000

export const fixtureProject = path.join(import.meta.dirname, 'project')
export const clinicProject = path.join(root, 'examples/clinic')

/** An empty folder that goes when the test of context `t` is over. */
export function temporaryFolder(t) {
  const folder = mkdtempSync(path.join(tmpdir(), 'dunlin-test-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Runs a command of the binary to its end. */
export function runDunlin(...words) {
  return runDunlinWith('', ...words)
}

/** As runDunlin(), with `input` on standard input. */
export function runDunlinWith(input, ...words) {
  return spawnSync(binary, words, { input, encoding: 'utf8', timeout: readyTimeoutMs })
}

/** A server that has said it is ready. Port 0: any free one. Without `development` it has keys of its own. */
export async function startServer({
  project = fixtureProject,
  data,
  port = 0,
  development = true,
}) {
  const startedAt = performance.now()
  const words = ['serve', project, '--port', String(port), '--data', data]
  if (development) words.push('--dev')
  const child = spawn(binary, words, { stdio: ['ignore', 'pipe', 'pipe'] })
  const server = new Server(child)
  const url = await server.ready()
  server.url = url
  server.port = Number(new URL(url).port)
  server.startMs = performance.now() - startedAt
  return server
}

class Server {
  #child
  #ended
  #log = ''

  constructor(child) {
    this.#child = child
    this.#ended = new Promise((resolve) => {
      child.once('exit', (code, signal) => resolve({ code, signal }))
    })
    child.stderr.setEncoding('utf8').on('data', (text) => {
      this.#log = (this.#log + text).slice(-100_000)
    })
    // Whatever becomes of the test, the server must not outlive it.
    const kill = () => child.kill('SIGKILL')
    process.once('exit', kill)
    child.once('exit', () => process.removeListener('exit', kill))
  }

  /** The last of what it wrote to stderr. */
  get log() {
    return this.#log
  }

  get isRunning() {
    return this.#child.exitCode === null && this.#child.signalCode === null
  }

  ready() {
    return new Promise((resolve, reject) => {
      let text = ''
      const fail = (why) => reject(new Error(`the server ${why}\n${text}${this.#log}`))
      const timer = setTimeout(() => fail('was not ready in time'), readyTimeoutMs)
      this.#child.once('error', (error) => fail(`did not start: ${error.message}`))
      this.#ended.then(({ code }) => fail(`ended with ${code}`))
      this.#child.stdout.setEncoding('utf8').on('data', (more) => {
        text += more
        const url = /^dunlin ready at (\S+)$/m.exec(text)?.[1]
        if (url === undefined) return
        clearTimeout(timer)
        resolve(url)
      })
    })
  }

  /** Asks it to end, and fails unless it does so cleanly. */
  async stop() {
    if (!this.isRunning) return
    this.#child.kill('SIGTERM')
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), stopTimeoutMs)
    const { code, signal } = await this.#ended
    clearTimeout(timer)
    if (code !== 0) throw new Error(`SIGTERM led to ${signal ?? code}, not 0\n${this.#log}`)
  }

  /** kill -9. */
  async kill() {
    this.#child.kill('SIGKILL')
    await this.#ended
  }
}
