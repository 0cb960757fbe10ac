/// The clinic example, served by the real server, in windows of a real browser.

import { cpSync, existsSync, mkdirSync } from 'node:fs'
import path from 'node:path'
import { chromium } from 'playwright-core'
import { clinicProject, startServer, temporaryFolder } from '../conformance/server.mjs'

const root = path.resolve(import.meta.dirname, '../..')
const artifacts = path.join(root, 'artifacts/browser')
const flags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** For chromium.launch(). */
export const browserOptions = {
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: flags,
}

/** Accounts of seed.sql. One device each, so every window takes the next one of the team. */
const password = 'clinic-demo'
const team = ['elena.marchetti', 'ines.carvalho', 'noah.lindqvist', 'tomas.novak', 'amina.diallo']

/** Fills in the sign-in page. */
export async function signIn(page, who) {
  await page.getByLabel('E-mail').fill(`${who}@clinic.example`)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
}

/** A fresh clinic for one test: its own server, data and browser. */
export async function openClinic(t) {
  if (!existsSync(path.join(clinicProject, 'web/index.html'))) {
    throw new Error('the pages are not built: npm run build:web')
  }
  const data = temporaryFolder(t)
  const clinic = new Clinic(data)
  t.after(() => clinic.close())
  clinic.server = await startServer({ project: clinicProject, data })
  clinic.browser = await chromium.launch(browserOptions)
  return clinic
}

class Clinic {
  #data
  #problems = []
  #windows = 0

  constructor(data) {
    this.#data = data
  }

  /** A window of its own, as on another machine, on which the next of the team is signed in. */
  async window(hash = '#staff', options = {}) {
    const page = await this.page(hash, options)
    await signIn(page, this.nextOfTeam())
    await this.untilLive(page)
    return page
  }

  /** A window that shows the sign-in page. */
  async page(hash = '', options = {}) {
    const context = await this.browser.newContext({
      viewport: { width: 1180, height: 800 },
      ...options,
    })
    const page = await context.newPage()
    page.setDefaultTimeout(8000)
    page.on('pageerror', (error) => this.#problems.push(String(error)))
    await page.goto(this.server.url + hash)
    return page
  }

  nextOfTeam() {
    return team[this.#windows++ % team.length]
  }

  async untilLive(page) {
    await page.locator('.live-light[data-connection="live"]').waitFor()
  }

  async killServer() {
    await this.server.kill()
  }

  /** Starts it again where it was, on the same data. */
  async restartServer() {
    const { port } = this.server
    this.server = await startServer({ project: clinicProject, data: this.#data, port })
  }

  /** A copy of the window's picture for people to look at. */
  async picture(page, name) {
    mkdirSync(artifacts, { recursive: true })
    const file = path.join(artifacts, `${name}.png`)
    await page.screenshot({ path: file })
    return file
  }

  /** As picture(), and kept for the README when DUNLIN_KEEP_PICTURES is set. */
  async keptPicture(page, name) {
    const file = await this.picture(page, name)
    if (!process.env.DUNLIN_KEEP_PICTURES) return
    mkdirSync(path.join(root, 'docs/images'), { recursive: true })
    cpSync(file, path.join(root, `docs/images/${name}.png`))
  }

  async close() {
    await this.browser?.close()
    await this.server?.stop()
    if (this.#problems.length > 0) throw new Error(`errors in the page: ${this.#problems}`)
  }
}

/** The cell of the person whose name is `name`. */
export function cell(page, name, column) {
  return page
    .locator('tr', { has: page.getByRole('rowheader', { name, exact: true }) })
    .locator(`[data-column="${column}"]`)
}

/** The names in the waiting room, top to bottom. */
export function queueNames(page) {
  return page.locator('.card-name').allTextContents()
}

/** Waits until `read` gives `wanted`; fails with what it gave last. */
export async function eventually(read, wanted, timeoutMs = 8000) {
  const end = Date.now() + timeoutMs
  let last
  do {
    last = JSON.stringify(await read())
    if (last === JSON.stringify(wanted)) return
    await new Promise((resolve) => setTimeout(resolve, 25))
  } while (Date.now() < end)
  throw new Error(`expected ${JSON.stringify(wanted)}, got ${last}`)
}
