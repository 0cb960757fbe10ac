/// The page /_/live of a real server, in windows of a real browser.

import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { chromium } from 'playwright-core'
import { fixtureProject, runDunlin, startServer, temporaryFolder } from '../conformance/server.mjs'
import { browserOptions } from './clinic.mjs'

const artifacts = path.resolve(import.meta.dirname, '../../artifacts/browser')

/** A server on a fresh database for one test, and a browser. */
export async function openInspector(t, { development = true } = {}) {
  const data = temporaryFolder(t)
  const inspector = new Inspector(data)
  t.after(() => inspector.close())
  inspector.server = await startServer({ project: fixtureProject, data, development })
  inspector.browser = await chromium.launch(browserOptions)
  return inspector
}

class Inspector {
  #data
  #problems = []

  constructor(data) {
    this.#data = data
  }

  async page(options = {}) {
    const context = await this.browser.newContext({
      viewport: { width: 1180, height: 900 },
      ...options,
    })
    const page = await context.newPage()
    page.setDefaultTimeout(8000)
    page.on('pageerror', (error) => this.#problems.push(String(error)))
    await page.goto(`${this.server.url}/_/live`)
    return page
  }

  /** As `dunlin keys` prints it. */
  serviceKey() {
    const { stdout } = runDunlin('keys', fixtureProject, '--data', this.#data, '--format', 'json')
    return JSON.parse(stdout).service_role_key
  }

  /** A copy of the window's picture for people to look at. */
  async picture(page, name) {
    mkdirSync(artifacts, { recursive: true })
    await page.screenshot({ path: path.join(artifacts, `${name}.png`) })
  }

  async close() {
    await this.browser?.close()
    await this.server?.stop()
    if (this.#problems.length > 0) throw new Error(`errors in the page: ${this.#problems}`)
  }
}
