/// Writes of the unmodified client in every form: what they answer, and what they leave behind.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { anonKey, asAnybody } from './clients.mjs'
import { useServer } from './suite.mjs'

const held = useServer(async (server) => {
  const client = asAnybody({ after() {} }, server)
  await client.from('authors').insert([
    { id: 1, email: 'one@x' },
    { id: 2, email: 'two@x' },
    { id: 3, email: 'three@x' },
  ])
})

const authors = (t) => asAnybody(t, held.server).from('authors')
const emails = async (t) => (await authors(t).select('email').order('id')).data.map((a) => a.email)

test('an upsert is 201 when something was new and 200 when all was there', async (t) => {
  const merged = await authors(t).upsert({ id: 1, email: 'uno@x' }).select()
  assert.deepEqual([merged.status, merged.data], [200, [{ id: 1, email: 'uno@x' }]])
  const mixed = await authors(t).upsert([
    { id: 1, email: 'one@x' },
    { id: 4, email: 'four@x' },
  ])
  assert.equal(mixed.status, 201)
  const ignored = await authors(t)
    .upsert({ id: 9, email: 'four@x' }, { onConflict: 'email', ignoreDuplicates: true })
    .select()
  assert.deepEqual([ignored.status, ignored.data], [201, []])
  await authors(t).delete().eq('id', 4)
})

test('a row twice in one upsert is refused as PostgreSQL refuses it', async (t) => {
  const rows = [
    { id: 7, email: 'a@x' },
    { id: 7, email: 'b@x' },
  ]
  const { error } = await authors(t).upsert(rows)
  assert.equal(error.code, '21000')
  assert.equal(error.message, 'ON CONFLICT DO UPDATE command cannot affect row a second time')
  assert.equal((await emails(t)).length, 3)
})

test('maxAffected refuses a wider write and leaves everything as it was', async (t) => {
  const wide = await authors(t).delete().gt('id', 0).maxAffected(2)
  assert.deepEqual(
    [wide.status, wide.error.code, wide.error.details],
    [400, 'PGRST124', 'The query affects 3 rows'],
  )
  assert.deepEqual(await emails(t), ['one@x', 'two@x', 'three@x'])
  const narrow = await authors(t).update({ email: 'uno@x' }).eq('id', 1).maxAffected(1)
  assert.equal(narrow.status, 204)
  await authors(t).update({ email: 'one@x' }).eq('id', 1)
})

test('rollback answers as if it were written', async (t) => {
  const ghost = await authors(t).insert({ id: 50, email: 'ghost@x' }).select().rollback()
  assert.deepEqual([ghost.status, ghost.data], [201, [{ id: 50, email: 'ghost@x' }]])
  const gone = await authors(t).delete().gt('id', 0).select('id').rollback()
  assert.equal(gone.data.length, 3)
  assert.deepEqual(await emails(t), ['one@x', 'two@x', 'three@x'])
})

test('single() on a write of several rows undoes it', async (t) => {
  const { status, error } = await authors(t).delete().gt('id', 1).select().single()
  assert.deepEqual([status, error.code], [406, 'PGRST116'])
  assert.equal((await emails(t)).length, 3)
})

test('a counted write gives its number', async (t) => {
  const counted = await authors(t).update({ email: 'two@x' }, { count: 'exact' }).eq('id', 2)
  assert.deepEqual([counted.status, counted.count], [204, 1])
  const inserted = await authors(t).insert(
    [
      { id: 60, email: 'a@y' },
      { id: 61, email: 'b@y' },
    ],
    { count: 'exact' },
  )
  assert.equal(inserted.count, 2)
  const removed = await authors(t).delete({ count: 'exact' }).gte('id', 60)
  assert.equal(removed.count, 2)
})

test('csv, stripped nulls and the plan', async (t) => {
  const client = asAnybody(t, held.server)
  const csv = await client.from('authors').select('id,email').eq('id', 1).csv()
  assert.equal(csv.data, 'id,email\n1,one@x')
  await client.from('products').insert({ id: 900, name: 'Mate' })
  const stripped = await client.from('products').select('id,price').eq('id', 900).stripNulls()
  assert.deepEqual(stripped.data, [{ id: 900 }])
  const plan = await client.from('authors').select().explain()
  assert.deepEqual([plan.status, plan.error.code], [406, 'PGRST107'])
})

test('numbers keep every digit', async () => {
  const headers = {
    apikey: anonKey,
    'Content-Type': 'application/json',
    Prefer: 'return=representation',
  }
  const body = '{"a_numeric":12345678901234567890.12345,"an_int8":9007199254740993}'
  const url = `${held.server.url}/rest/v1/kinds?select=a_numeric,an_int8`
  const answer = await fetch(url, { method: 'POST', headers, body })
  assert.equal(
    await answer.text(),
    '[{"a_numeric":12345678901234567890.12345,"an_int8":9007199254740993}]',
  )
})
