import assert from 'node:assert/strict'
import { test } from 'node:test'
import { asAnybody } from './clients.mjs'
import { useServer } from './suite.mjs'

const people = [
  { id: 1, email: 'ann@example.org' },
  { id: 2, email: 'bob@example.org' },
  { id: 3, email: 'cid@example.org' },
]
const written = [
  { id: 1, author_id: 1, title: 'Tide', pages: 90 },
  { id: 2, author_id: 1, title: 'Reed', pages: 120 },
  { id: 3, author_id: 2, title: 'Moor', pages: null },
]

const held = useServer()

async function withBooks(t) {
  const client = asAnybody(t, held.server)
  for (const [table, rows] of [
    ['authors', people],
    ['books', written],
  ]) {
    const { error } = await client.from(table).insert(rows)
    assert.equal(error, null)
  }
  t.after(async () => {
    await client.from('books').delete().gt('id', 0)
    await client.from('authors').delete().gt('id', 0)
  })
  return client
}

test('a select joins related tables both ways', async (t) => {
  const client = await withBooks(t)
  const books = await client.from('books').select('title,authors(email)').eq('id', 3).single()
  assert.deepEqual(books.data, { title: 'Moor', authors: { email: 'bob@example.org' } })
  const authors = await client.from('authors').select('id,books(title)').order('id')
  assert.deepEqual(authors.data, [
    { id: 1, books: [{ title: 'Tide' }, { title: 'Reed' }] },
    { id: 2, books: [{ title: 'Moor' }] },
    { id: 3, books: [] },
  ])
})

test('filters, order and limit on what is joined', async (t) => {
  const client = await withBooks(t)
  const query = client.from('authors').select('id,books(title)').order('id')
  const { data } = await query
    .gt('books.pages', 50)
    .order('title', { referencedTable: 'books' })
    .limit(1, { referencedTable: 'books' })
  assert.deepEqual(data, [
    { id: 1, books: [{ title: 'Reed' }] },
    { id: 2, books: [] },
    { id: 3, books: [] },
  ])
  const either = await client
    .from('authors')
    .select('id,books!inner(title)')
    .or('title.eq.Moor,pages.gt.100', { referencedTable: 'books' })
    .order('id')
  assert.deepEqual(either.data, [
    { id: 1, books: [{ title: 'Reed' }] },
    { id: 2, books: [{ title: 'Moor' }] },
  ])
})

test('rows without relatives, rows by their relatives, and how many there are', async (t) => {
  const client = await withBooks(t)
  const alone = await client.from('authors').select('id,books()').is('books', null)
  assert.deepEqual(alone.data, [{ id: 3 }])
  const ordered = await client
    .from('books')
    .select('id,...authors(email)', { count: 'exact' })
    .order('authors(email)', { ascending: false })
    .order('id')
  assert.deepEqual(
    ordered.data.map((row) => [row.id, row.email]),
    [
      [3, 'bob@example.org'],
      [1, 'ann@example.org'],
      [2, 'ann@example.org'],
    ],
  )
  assert.equal(ordered.count, 3)
  const counted = await client.from('authors').select('id,books(count)').order('id')
  assert.deepEqual(
    counted.data.map((row) => row.books),
    [[{ count: 2 }], [{ count: 1 }], [{ count: 0 }]],
  )
})

test('a write gives its rows with what belongs to them', async (t) => {
  const client = await withBooks(t)
  const { data, status } = await client
    .from('books')
    .insert({ id: 9, author_id: 3, title: 'New' })
    .select('title,authors(id)')
    .single()
  assert.deepEqual([status, data], [201, { title: 'New', authors: { id: 3 } }])
})

test('what cannot be joined is said with its code', async (t) => {
  const client = await withBooks(t)
  const missing = await client.from('authors').select('id,ledger(id)')
  assert.deepEqual([missing.status, missing.error.code], [400, 'PGRST200'])
  const off = await client.from('books').select('pages.sum()')
  assert.deepEqual([off.status, off.error.code], [400, 'PGRST123'])
})
