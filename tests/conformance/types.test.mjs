import assert from 'node:assert/strict'
import { test } from 'node:test'
import { asAnybody } from './clients.mjs'
import { follow } from './follow.mjs'
import { useServer } from './suite.mjs'

const held = useServer()

/// `reads` is what comes back when it is not what was sent; `text` is what `::text` gives.
const cases = [
  { column: 'a_bool', sent: true },
  { column: 'a_bool', sent: false },
  { column: 'an_int2', sent: -32768 },
  { column: 'an_int4', sent: 2147483647 },
  { column: 'an_int8', sent: 9007199254740991 },
  {
    column: 'an_int8',
    sent: '-9223372036854775808',
    reads: Number('-9223372036854775808'),
    text: '-9223372036854775808',
  },
  { column: 'a_float4', sent: 1.5 },
  { column: 'a_float8', sent: 0.1 },
  { column: 'a_float8', sent: -1e300 },
  {
    column: 'a_numeric',
    sent: '12345678901234567890.123456789',
    reads: Number('12345678901234567890.123456789'),
    text: '12345678901234567890.123456789',
  },
  { column: 'a_numeric', sent: 0 },
  { column: 'a_money', sent: 19.9, text: '19.90' },
  { column: 'a_money', sent: '0.005', reads: 0.01, text: '0.01' },
  { column: 'a_text', sent: '' },
  { column: 'a_text', sent: 'Grüße 🐦 "quoted" \\ and\nnew line\ttab' },
  { column: 'a_varchar', sent: 'ten chars!' },
  { column: 'a_char', sent: 'ab', reads: 'ab   ' },
  {
    column: 'a_uuid',
    sent: 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11',
    reads: 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11',
  },
  { column: 'a_date', sent: '2024-02-29' },
  { column: 'a_time', sent: '23:59:59.999999' },
  { column: 'a_timestamp', sent: '2024-02-29T12:34:56.789' },
  {
    column: 'a_timestamptz',
    sent: '2024-02-29T12:34:56.789+02:00',
    reads: '2024-02-29T10:34:56.789+00:00',
  },
  { column: 'a_timestamptz', sent: '1969-12-31T23:59:59Z', reads: '1969-12-31T23:59:59+00:00' },
  { column: 'an_interval', sent: '1 day 02:03:04' },
  { column: 'an_interval', sent: 'P2DT90M', reads: '2 days 01:30:00' },
  { column: 'a_json', sent: { b: 1, a: [null, 'x', 1.5] } },
  { column: 'a_jsonb', sent: { b: 1, a: [null, 'x', 1.5] } },
  { column: 'a_jsonb', sent: [1, [2, { three: 3 }]] },
  { column: 'a_jsonb', sent: 'a text' },
  { column: 'some_bytes', sent: '\\x00ff10' },
  { column: 'a_mood', sent: 'happy' },
  { column: 'some_texts', sent: ['a', 'b,c', '"q"', 'null', '', null, '{}'] },
  { column: 'some_texts', sent: [] },
  { column: 'some_ints', sent: [1, -2, 3] },
]

test('every type comes back as it went in, read and live', async (t) => {
  const client = asAnybody(t, held.server)
  const followed = await follow(client, [{ table: 'kinds' }])
  for (const { column, sent, reads = sent, text } of cases) {
    const why = `${column}: ${JSON.stringify(sent)}`
    const { data, error } = await client
      .from('kinds')
      .insert({ [column]: sent })
      .select()
      .single()
    assert.equal(error, null, `${why}: ${error?.message}`)
    assert.deepEqual(data[column], reads, why)
    if (text !== undefined) {
      const cast = await client.from('kinds').select(`${column}::text`).eq('id', data.id).single()
      assert.equal(cast.data[column], text, why)
    }
    await followed.until(`INSERT ${data.id}`)
    assert.deepEqual(followed.changes.at(-1).new, data, `${why}, live`)
  }
})

test('null is null in every column', async (t) => {
  const client = asAnybody(t, held.server)
  const { data } = await client.from('kinds').insert({}).select().single()
  for (const [column, value] of Object.entries(data)) {
    if (column !== 'id') assert.equal(value, null, column)
  }
})

test('values sort by their type, not by their text', async (t) => {
  const client = asAnybody(t, held.server)
  const sorted = [
    ['a_numeric', [-1, 2, 10]],
    ['a_mood', ['sad', 'ok', 'happy']],
    ['an_interval', ['00:00:01', '1 day', '30 days']],
    ['a_timestamptz', ['1969-01-01T00:00:00+00:00', '2000-01-01T00:00:00+00:00']],
  ]
  for (const [column, values] of sorted) {
    await client
      .from('kinds')
      .insert(values.toReversed().map((value) => ({ [column]: value, a_text: column })))
    const { data } = await client.from('kinds').select(column).eq('a_text', column).order(column)
    assert.deepEqual(
      data.map((row) => row[column]),
      values,
      column,
    )
  }
})

test('big numbers keep every digit that the client sends', async (t) => {
  const client = asAnybody(t, held.server)
  const digits = '12345678901234567890.000000000000000001'
  const { data } = await client.from('kinds').insert({ a_numeric: digits }).select('id').single()
  const { data: found } = await client
    .from('kinds')
    .select('id,a_numeric::text')
    .eq('a_numeric', digits)
  assert.deepEqual(found, [{ id: data.id, a_numeric: digits }])
})
