import assert from 'node:assert/strict'
import { test } from 'node:test'
import { asAnybody } from './clients.mjs'
import { useServer } from './suite.mjs'

const rows = [
  {
    id: 1,
    name: 'apple',
    price: 1.5,
    stock: 10,
    tags: ['red', 'sweet'],
    details: { kind: 'fruit', size: 2 },
  },
  {
    id: 2,
    name: 'Banana',
    price: 0.25,
    stock: 0,
    tags: ['yellow'],
    details: { kind: 'fruit', size: 9 },
  },
  { id: 3, name: '50% off, (really)', price: null, stock: 3, tags: [], details: null },
  {
    id: 4,
    name: 'dish_cloth "L"',
    price: 12,
    stock: -4,
    tags: ['red'],
    details: { kind: 'cloth' },
  },
  { id: 5, name: '', price: 10, stock: 3, tags: ['a,b', 'c"d'], details: { kind: null } },
]

const held = useServer(async (server) => {
  const client = asAnybody({ after() {} }, server)
  const { error } = await client.from('products').insert(rows)
  assert.equal(error, null)
})

const cases = [
  { why: 'eq', filter: (q) => q.eq('stock', 3), ids: [3, 5] },
  { why: 'eq of the empty text', filter: (q) => q.eq('name', ''), ids: [5] },
  {
    why: 'eq takes commas, parentheses and percent signs as they are',
    filter: (q) => q.eq('name', '50% off, (really)'),
    ids: [3],
  },
  { why: 'eq takes quotes as they are', filter: (q) => q.eq('name', 'dish_cloth "L"'), ids: [4] },
  { why: 'neq leaves nulls out', filter: (q) => q.neq('price', 10), ids: [1, 2, 4] },
  { why: 'gt compares numbers as numbers', filter: (q) => q.gt('price', 9), ids: [4, 5] },
  { why: 'gte', filter: (q) => q.gte('price', 10), ids: [4, 5] },
  { why: 'lt, of the negative', filter: (q) => q.lt('stock', 0), ids: [4] },
  { why: 'lte', filter: (q) => q.lte('price', 0.25), ids: [2] },
  { why: 'like heeds case', filter: (q) => q.like('name', 'b%'), ids: [] },
  { why: 'ilike does not', filter: (q) => q.ilike('name', 'b%'), ids: [2] },
  { why: 'like: _ is one character', filter: (q) => q.like('name', '_pple'), ids: [1] },
  { why: 'like: the backslash escapes', filter: (q) => q.like('name', '%\\%%'), ids: [3] },
  { why: 'likeAllOf', filter: (q) => q.likeAllOf('name', ['%a%', '%e']), ids: [1] },
  { why: 'likeAnyOf', filter: (q) => q.likeAnyOf('name', ['apple', 'Ban%']), ids: [1, 2] },
  { why: 'ilikeAnyOf', filter: (q) => q.ilikeAnyOf('name', ['APPLE', 'ban%']), ids: [1, 2] },
  { why: 'match', filter: (q) => q.filter('name', 'match', '^[a-d]'), ids: [1, 4] },
  { why: 'imatch', filter: (q) => q.filter('name', 'imatch', '^[a-b]'), ids: [1, 2] },
  { why: 'is null', filter: (q) => q.is('price', null), ids: [3] },
  { why: 'is not null', filter: (q) => q.not('price', 'is', null), ids: [1, 2, 4, 5] },
  {
    why: 'isdistinct counts nulls in',
    filter: (q) => q.filter('price', 'isdistinct', '10'),
    ids: [1, 2, 3, 4],
  },
  { why: 'in', filter: (q) => q.in('id', [1, 4, 99]), ids: [1, 4] },
  {
    why: 'in with commas and quotes',
    filter: (q) => q.in('name', ['50% off, (really)', 'dish_cloth "L"']),
    ids: [3, 4],
  },
  { why: 'in of nothing is nothing', filter: (q) => q.in('id', []), ids: [] },
  { why: 'contains', filter: (q) => q.contains('tags', ['red']), ids: [1, 4] },
  { why: 'contains, with quoting', filter: (q) => q.contains('tags', '{"a,b","c\\"d"}'), ids: [5] },
  { why: 'containedBy', filter: (q) => q.containedBy('tags', ['red', 'yellow']), ids: [2, 3, 4] },
  { why: 'overlaps', filter: (q) => q.overlaps('tags', ['yellow', 'sweet']), ids: [1, 2] },
  {
    why: 'contains, of JSON',
    filter: (q) => q.contains('details', { kind: 'fruit' }),
    ids: [1, 2],
  },
  { why: 'a text in JSON', filter: (q) => q.eq('details->>kind', 'cloth'), ids: [4] },
  { why: 'a number in JSON', filter: (q) => q.gt('details->size', 5), ids: [2] },
  { why: 'not', filter: (q) => q.not('stock', 'eq', 3), ids: [1, 2, 4] },
  { why: 'not in', filter: (q) => q.not('id', 'in', '(1,2)'), ids: [3, 4, 5] },
  {
    why: 'two filters are both needed',
    filter: (q) => q.gte('price', 1).lt('price', 11),
    ids: [1, 5],
  },
  { why: 'or', filter: (q) => q.or('stock.eq.10,price.is.null'), ids: [1, 3] },
  {
    why: 'or with a filter beside it',
    filter: (q) => q.or('id.eq.1,id.eq.2').gt('stock', 0),
    ids: [1],
  },
  {
    why: 'and within or',
    filter: (q) => q.or('id.eq.4,and(stock.eq.3,price.not.is.null)'),
    ids: [4, 5],
  },
  {
    why: 'or within and',
    filter: (q) => q.or('and(id.lt.3,or(name.eq.apple,name.eq.x))'),
    ids: [1],
  },
  { why: 'not and', filter: (q) => q.or('not.and(id.gt.1,id.lt.5)'), ids: [1, 5] },
  {
    why: 'a list within or',
    filter: (q) => q.or('id.in.(1,2),name.eq."50% off, (really)"'),
    ids: [1, 2, 3],
  },
  { why: 'match by an object', filter: (q) => q.match({ stock: 3, name: '' }), ids: [5] },
]

for (const { why, filter, ids } of cases) {
  test(`filter: ${why}`, async (t) => {
    const client = asAnybody(t, held.server)
    const { data, error } = await filter(client.from('products').select('id')).order('id')
    assert.equal(error, null)
    assert.deepEqual(
      data.map(({ id }) => id),
      ids,
    )
  })
}
