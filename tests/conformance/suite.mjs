/// One server for the tests of a file.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before } from 'node:test'
import { startServer } from './server.mjs'

/**
 * Starts a server on a fresh database before the file's tests and stops it, cleanly, after them.
 * `prepare(server)` fills it; `options.project` is another project than the fixture. One hook does both: hooks of a file need not wait for each other.
 */
export function useServer(prepare = async () => {}, options = {}) {
  const data = mkdtempSync(path.join(tmpdir(), 'dunlin-test-'))
  const held = { server: undefined }
  before(async () => {
    held.server = await startServer({ ...options, data })
    await prepare(held.server)
  })
  after(async () => {
    await held.server?.stop()
    rmSync(data, { recursive: true, force: true })
  })
  return held
}
