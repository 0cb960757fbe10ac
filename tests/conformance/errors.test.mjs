import assert from 'node:assert/strict'
import { test } from 'node:test'
import { anonKey, asAnybody, asPerson, person, signToken } from './clients.mjs'
import { useServer } from './suite.mjs'

const held = useServer(async (server) => {
  const client = asAnybody({ after() {} }, server)
  await client.from('authors').insert({ id: 1, email: 'one@x' })
  await client.from('books').insert({ id: 1, author_id: 1, title: 'First' })
})
const somebody = person()
const expired = person(undefined, { exp: Math.floor(Date.now() / 1000) - 60 })
const forged = { token: `${person().token.slice(0, -4)}AAAA` }
const roleless = { token: signToken({ sub: person().id, exp: 4_000_000_000, role: 'nobody' }) }

const cases = [
  {
    why: 'a primary key twice',
    status: 409,
    code: '23505',
    run: (c) => c.from('authors').insert({ id: 1, email: 'x@x' }),
  },
  {
    why: 'a unique value twice',
    status: 409,
    code: '23505',
    run: (c) => c.from('authors').insert({ id: 2, email: 'one@x' }),
  },
  {
    why: 'a reference to nothing',
    status: 409,
    code: '23503',
    run: (c) => c.from('books').insert({ id: 2, author_id: 9, title: 'x' }),
  },
  {
    why: 'deleting what is referred to',
    status: 409,
    code: '23503',
    run: (c) => c.from('authors').delete().eq('id', 1),
  },
  {
    why: 'a null where none may be',
    status: 400,
    code: '23502',
    run: (c) => c.from('books').insert({ id: 2, author_id: 1, title: null }),
  },
  {
    why: 'a check',
    status: 400,
    code: '23514',
    run: (c) => c.from('books').insert({ id: 2, author_id: 1, title: '' }),
  },
  {
    why: 'a check on update',
    status: 400,
    code: '23514',
    run: (c) => c.from('books').update({ pages: 0 }).eq('id', 1),
  },
  {
    why: 'a text that is no number',
    status: 400,
    code: '22P02',
    run: (c) => c.from('books').select().eq('id', 'one'),
  },
  {
    why: 'a text that is no uuid',
    status: 400,
    code: '22P02',
    run: (c) => c.from('ledger').insert({ id: 'x', writer: 1 }),
  },
  {
    why: 'no such label of an enum',
    status: 400,
    code: '22P02',
    run: (c) => c.from('kinds').insert({ a_mood: 'furious' }),
  },
  {
    why: 'a number too big',
    status: 400,
    code: '22003',
    run: (c) => c.from('kinds').insert({ an_int2: 40000 }),
  },
  {
    why: 'a text too long',
    status: 400,
    code: '22001',
    run: (c) => c.from('kinds').insert({ a_varchar: 'x'.repeat(11) }),
  },
  {
    why: 'no such date',
    status: 400,
    code: '22008',
    run: (c) => c.from('kinds').insert({ a_date: '2025-02-30' }),
  },
  {
    why: 'no such column to write',
    status: 400,
    code: 'PGRST204',
    run: (c) => c.from('books').insert({ id: 2, colour: 'red' }),
  },
  {
    why: 'no such column to read',
    status: 400,
    code: '42703',
    run: (c) => c.from('books').select('colour'),
  },
  {
    why: 'no such column to filter by',
    status: 400,
    code: '42703',
    run: (c) => c.from('books').select().eq('colour', 1),
  },
  {
    why: 'no such table',
    status: 404,
    code: 'PGRST205',
    run: (c) => c.from('boks').select(),
    hint: /books/,
  },
  {
    why: 'no such operator',
    status: 400,
    code: 'PGRST100',
    run: (c) => c.from('books').select().filter('id', 'near', 1),
  },
  {
    why: 'a broken or',
    status: 400,
    code: 'PGRST100',
    run: (c) => c.from('books').select().or('id.eq.1,('),
  },
  {
    why: 'several rows where one is wanted',
    status: 406,
    code: 'PGRST116',
    run: (c) => c.from('books').select().eq('id', 9).single(),
  },
  {
    why: 'anybody writing where policies forbid',
    status: 401,
    code: '42501',
    run: (c) => c.from('notes').insert({ body: 'x' }),
  },
  {
    why: 'writing for somebody else',
    as: somebody,
    status: 403,
    code: '42501',
    run: (c) => c.from('notes').insert({ body: 'x', owner_id: person().id }),
  },
  {
    why: 'an expired token',
    as: expired,
    status: 401,
    code: 'PGRST303',
    run: (c) => c.from('books').select(),
  },
  {
    why: 'a forged token',
    as: forged,
    status: 401,
    code: 'PGRST301',
    run: (c) => c.from('books').select(),
  },
  {
    why: 'a role that does not exist',
    as: roleless,
    status: 401,
    code: null,
    run: (c) => c.from('books').select(),
  },
]

for (const { why, as, status, code, hint, run } of cases) {
  test(`refused: ${why}`, async (t) => {
    const client = as === undefined ? asAnybody(t, held.server) : asPerson(t, held.server, as)
    const answer = await run(client)
    assert.ok(answer.error, 'it was not refused')
    const told = `${answer.error.code} ${answer.error.message}`
    assert.deepEqual([answer.status, code && answer.error.code], [status, code], told)
    assert.ok(answer.error.message.length > 0)
    if (hint !== undefined) assert.match(answer.error.hint, hint)
  })
}

test('a refused row of many leaves none behind', async (t) => {
  const client = asAnybody(t, held.server)
  const { error } = await client.from('authors').insert([
    { id: 50, email: 'fifty@x' },
    { id: 1, email: 'y@x' },
  ])
  assert.equal(error.code, '23505')
  assert.deepEqual((await client.from('authors').select().eq('id', 50)).data, [])
})

test('a request without a key is refused', async () => {
  const url = `${held.server.url}/rest/v1/books`
  assert.equal((await fetch(url)).status, 401)
  assert.equal((await fetch(url, { headers: { apikey: anonKey } })).status, 200)
  assert.equal((await fetch(url, { headers: { apikey: 'no key' } })).status, 401)
})

test('another origin may ask, and reads the headers the client needs', async () => {
  const headers = {
    origin: 'http://elsewhere.example',
    'access-control-request-method': 'PATCH',
    'access-control-request-headers': 'apikey,authorization,content-type,prefer,x-client-info',
  }
  const preflight = await fetch(`${held.server.url}/rest/v1/books`, { method: 'OPTIONS', headers })
  assert.equal(preflight.ok, true)
  assert.match(preflight.headers.get('access-control-allow-methods'), /PATCH/)
  const answer = await fetch(`${held.server.url}/rest/v1/books`, {
    headers: { apikey: anonKey, origin: headers.origin },
  })
  assert.ok(['*', headers.origin].includes(answer.headers.get('access-control-allow-origin')))
  assert.match(answer.headers.get('access-control-expose-headers'), /content-range/i)
})
