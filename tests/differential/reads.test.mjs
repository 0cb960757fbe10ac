import assert from 'node:assert/strict'
import { test } from 'node:test'
import { canonicalJson } from './json_text.mjs'
import { knownDifference } from './known_differences.mjs'
import { usePostgres } from './postgres.mjs'
import { bothWith, rest } from './projects.mjs'
import { howMany, Random, seed } from './random.mjs'
import { RandomQueries } from './random_query.mjs'
import { readSql, readUrl } from './read_query.mjs'
import { sampleMigration, sampleTypes } from './sample_types.mjs'
import { excerpts, kindOf, shrink } from './shrink.mjs'

const rowCount = 40
const readCount = howMany(3000)
const kindsShown = 25

const held = usePostgres((postgres) =>
  bothWith(postgres, sampleMigration(new Random(seed), rowCount)),
)

const anybody = { role: 'anon' }
const id = { sql: 'integer', values: ['1', '7', '40', '99'], wrong: [], operators: ['eq', 'in'] }
const types = { id, ...sampleTypes }

/** What one side says: the rows' JSON in one form, or the error's code and message. */
async function onPostgres(query) {
  const { rows, error } = await held.prepared.database.as(anybody, readSql(query, types))
  return error ? `${error.code} ${error.message}` : canonicalJson(rows[0].body)
}

async function onDunlin(query) {
  const { text, error } = await rest(held.prepared.server, anybody, readUrl(query))
  return error ? `${error.code} ${error.message}` : canonicalJson(text)
}

async function compare(query) {
  const expected = await onPostgres(query)
  const actual = await onDunlin(query)
  return {
    query,
    expected,
    actual,
    differs: expected !== actual && !knownDifference(query, expected, actual),
  }
}

/** The least query that shows the difference, by the text of its URL. */
async function describe({ query }) {
  const least = await shrink(query, async (candidate) => (await compare(candidate)).differs)
  const { expected, actual } = await compare(least)
  const target = decodeURIComponent(readUrl(least).replaceAll('+', ' '))
  return { target, kind: kindOf(target, expected, actual), ...excerpts(expected, actual) }
}

test(`random reads answer as PostgreSQL does (DUNLIN_SEED=${seed})`, async () => {
  const queries = new RandomQueries(new Random(seed + 1), 'samples', types)
  const kinds = new Map()
  let count = 0
  for (let i = 0; i < readCount; i++) {
    const found = await compare(queries.read())
    if (!found.differs) continue
    count++
    if (kinds.size >= kindsShown) continue
    const { kind, ...least } = await describe(found)
    if (!kinds.has(kind)) kinds.set(kind, least)
  }
  const shown = JSON.stringify([...kinds.values()], null, 1)
  assert.equal(count, 0, `${count} of ${readCount} differ: ${shown}`)
})
