import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { runDunlin } from '../conformance/server.mjs'
import { dunlinCatalogue, postgresCatalogue } from './catalogue.mjs'
import { migrationCases } from './migration_cases.mjs'
import { usePostgres } from './postgres.mjs'
import { projectFolder } from './projects.mjs'
import { Random, seed } from './random.mjs'
import { policyMigration } from './random_policies.mjs'
import { sampleMigration } from './sample_types.mjs'
import { writeSchema } from './write_schema.mjs'

const held = usePostgres()
const root = path.resolve(import.meta.dirname, '../..')

/** The migrations of a project in this repository, as one. */
function migrationsOf(folder) {
  const directory = path.join(root, folder, 'migrations')
  const names = readdirSync(directory).filter((name) => name.endsWith('.sql'))
  const texts = names.sort().map((name) => readFileSync(path.join(directory, name), 'utf8'))
  return { why: `the migrations of ${folder}`, sql: texts.join('\n') }
}

const projects = ['tests/conformance/project', 'tests/conformance/rxdb_project']
const generated = [
  { why: 'the tables of the random reads', sql: sampleMigration(new Random(seed), 3) },
  { why: 'the tables of the random writes', sql: writeSchema },
  { why: 'random policies', sql: policyMigration(new Random(seed + 4)) },
]

/** What `dunlin schema` prints after `dunlin migrate`. */
function migrated(sql) {
  const folder = projectFolder({ '0001_case.sql': sql })
  try {
    const words = [folder.project, '--data', folder.data]
    const applied = runDunlin('migrate', ...words)
    assert.equal(applied.status, 0, applied.stderr)
    const printed = runDunlin('schema', ...words)
    assert.equal(printed.status, 0, printed.stderr)
    return dunlinCatalogue(JSON.parse(printed.stdout))
  } finally {
    folder.remove()
  }
}

for (const { why, sql } of [...migrationCases, ...projects.map(migrationsOf), ...generated]) {
  test(`a migration makes what PostgreSQL makes of it: ${why}`, async () => {
    const database = await held.postgres.database()
    try {
      await database.run(sql)
      assert.deepEqual(migrated(sql), await postgresCatalogue(database))
    } finally {
      await database.close()
    }
  })
}
