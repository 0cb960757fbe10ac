import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { clinicProject, fixtureProject, runDunlin, temporaryFolder } from './server.mjs'

const root = path.resolve(import.meta.dirname, '../..')
const shop = path.join(import.meta.dirname, 'types_project')
const compilerOptions = {
  target: 'ES2023',
  lib: ['ES2023', 'DOM', 'DOM.Iterable'],
  module: 'ESNext',
  moduleResolution: 'bundler',
  strict: true,
  noEmit: true,
  skipLibCheck: true,
  types: [],
}

/** Below the root, so that packages are found from there. */
function compile(t, files) {
  mkdirSync(path.join(root, 'artifacts'), { recursive: true })
  const folder = mkdtempSync(path.join(root, 'artifacts/types-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, name), text)
  writeFileSync(path.join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions }))
  cpSync(path.join(shop, 'use.ts'), path.join(folder, 'use.ts'))
  if (files['use.ts'] !== undefined) writeFileSync(path.join(folder, 'use.ts'), files['use.ts'])
  const compiler = path.join(root, 'node_modules/typescript/bin/tsc')
  return spawnSync(process.execPath, [compiler, '-p', folder], { encoding: 'utf8' })
}

function typesOf(...words) {
  const { status, stdout, stderr } = runDunlin('types', ...words)
  assert.equal(status, 0, stderr)
  return stdout
}

test('an application compiles with the types, and wrong uses do not', (t) => {
  const types = typesOf(shop, '--schema', 'public,stats')
  const { stdout } = compile(t, { 'database.types.ts': types })
  assert.equal(stdout, '')
})

for (const project of [fixtureProject, clinicProject]) {
  test(`the types of ${path.relative(root, project)} are a database to supabase-js`, (t) => {
    const use = `import { createClient } from '@supabase/supabase-js'
      import type { Database } from './database.types'
      export const client = createClient<Database>('http://localhost', 'key')
      export const names: keyof Database['public']['Tables'] extends never ? never : true = true`
    const { stdout } = compile(t, { 'database.types.ts': typesOf(project), 'use.ts': use })
    assert.equal(stdout, '')
  })
}

test('they come from the migrations alone: no database is made', (t) => {
  const project = temporaryFolder(t)
  cpSync(shop, project, { recursive: true })
  const first = typesOf(project)
  assert.equal(typesOf(project), first)
  assert.match(first, /full_name/)
  const left = runDunlin('schema', project)
  assert.match(left.stderr, /no database/)
})

test('an enum of a schema that is not printed is written out', () => {
  assert.match(typesOf(shop, '--schema', 'stats'), /mood: "sad" \| "ok" \| "very happy" \| null/)
})

test('mistakes are told', (t) => {
  const broken = temporaryFolder(t)
  mkdirSync(path.join(broken, 'migrations'))
  writeFileSync(path.join(broken, 'migrations/0001_broken.sql'), 'create table (;')
  const cases = [
    { words: [shop, '--schema', 'nothing'], says: /there is no schema "nothing"/ },
    { words: [broken], says: /0001_broken\.sql:1:/ },
    { words: [path.join(shop, 'nowhere')], says: /nowhere/ },
  ]
  for (const { words, says } of cases) {
    const { status, stdout, stderr } = runDunlin('types', ...words)
    assert.notEqual(status, 0)
    assert.equal(stdout, '')
    assert.match(stderr, says)
  }
})
