import assert from 'node:assert/strict'
import { test } from 'node:test'
import { embedSql, embedUrl } from './embed_query.mjs'
import { canonicalJson } from './json_text.mjs'
import { usePostgres } from './postgres.mjs'
import { bothWith, rest } from './projects.mjs'
import { howMany, Random, seed } from './random.mjs'
import { embedTypes, RandomEmbeds } from './random_embed.mjs'
import { excerpts } from './shrink.mjs'

const readCount = howMany(1000)
const shownMost = 8

const settings = '[api]\naggregates = true\n'
const embeds = new RandomEmbeds(new Random(seed))
const held = usePostgres((postgres) => bothWith(postgres, embeds.migration(), settings))

const anybody = { role: 'anon' }

async function onPostgres(node) {
  const { rows, error } = await held.prepared.database.as(anybody, embedSql(node, embedTypes))
  return error ? `${error.code} ${error.message}` : canonicalJson(rows[0].body)
}

async function onDunlin(node) {
  const { text, error } = await rest(held.prepared.server, anybody, embedUrl(node))
  return error ? `${error.code} ${error.message}` : canonicalJson(text)
}

test(`random embeddings answer as lateral joins on PostgreSQL do (DUNLIN_SEED=${seed})`, async () => {
  const different = []
  for (let i = 0; i < readCount; i++) {
    const node = embeds.read()
    const [expected, actual] = await Promise.all([onPostgres(node), onDunlin(node)])
    if (expected === actual) continue
    different.push({ target: decodeURIComponent(embedUrl(node)), ...excerpts(expected, actual) })
  }
  different.sort((left, right) => left.target.length - right.target.length)
  const shown = JSON.stringify(different.slice(0, shownMost), null, 1)
  assert.equal(different.length, 0, `${different.length} of ${readCount} differ: ${shown}`)
})
