import assert from 'node:assert/strict'
import { test } from 'node:test'
import { canonicalJson, sortedRows } from './json_text.mjs'
import { isKnownPolicyDifference } from './known_differences.mjs'
import { usePostgres } from './postgres.mjs'
import { bothWith, rest } from './projects.mjs'
import { howMany, Random, seed } from './random.mjs'
import {
  people,
  policyMigration,
  policyRequest,
  policyTables,
  policyTypes,
} from './random_policies.mjs'
import { readSql, readUrl } from './read_query.mjs'
import { excerpts } from './shrink.mjs'
import { writeRequest, writeSql } from './write_request.mjs'

const schemaCount = howMany(12)
const requestCount = 120
const differencesShown = 10

const held = usePostgres()

const answerOf = (error, body) => {
  if (error) return `${error.code} ${error.message}`
  return body ? sortedRows(canonicalJson(body)) : 'done'
}

async function onPostgres(database, person, request) {
  const sql = request.method ? writeSql(request, policyTypes) : readSql(request, policyTypes)
  const { rows, error } = await database.as(person, sql)
  return answerOf(error, rows?.[0].body)
}

async function onDunlin(server, person, request) {
  const { target, options } = request.method ? writeRequest(request) : { target: readUrl(request) }
  const { text, error } = await rest(server, person, target, options)
  return answerOf(error, text)
}

/** What of one schema differs: requests one after another, then what is left in the tables. */
async function differencesOf(random, { database, server }) {
  const found = []
  for (let i = 0; i < requestCount; i++) {
    const person = random.of(people)
    const request = policyRequest(random)
    const expected = await onPostgres(database, person, request)
    const actual = await onDunlin(server, person, request)
    if (expected === actual || isKnownPolicyDifference(request, expected, actual)) continue
    found.push({
      person: person.email ?? person.role,
      request: JSON.stringify(request),
      ...excerpts(expected, actual),
    })
    // From here on the tables may differ.
    if (request.method) break
  }
  return found
}

test(`random policies show and admit what PostgreSQL does (DUNLIN_SEED=${seed})`, async () => {
  const random = new Random(seed + 3)
  const differences = []
  for (let i = 0; i < schemaCount && differences.length < differencesShown; i++) {
    const migration = policyMigration(random)
    const both = await bothWith(held.postgres, migration)
    const found = await differencesOf(random, both)
    for (const one of found) {
      const table = policyTables.find((name) => one.request.includes(`"${name}"`))
      const policies = migration.split('\n').filter((line) => line.includes(` on ${table} `))
      differences.push({
        ...one,
        policies: [
          ...policies,
          ...migration.split('\n').filter((line) => /on members|members enable/.test(line)),
        ],
      })
    }
    await both.close()
  }
  assert.equal(differences.length, 0, JSON.stringify(differences, null, 1))
})
