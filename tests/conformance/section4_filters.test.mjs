/// Every filter of the client, and what the grammar allows besides.

import assert from 'node:assert/strict'
import path from 'node:path'
import { test } from 'node:test'
import { asAnybody } from './clients.mjs'
import { checkExchange } from './exchange.mjs'
import { useServer } from './suite.mjs'

const project = path.join(import.meta.dirname, 'section4_project')
const held = useServer(async () => {}, { project })

/// Methods of the client on `things`; `ids` are those that remain.
const methods = [
  ['eq', (q) => q.eq('id', 2), [2]],
  ['eq of a boolean', (q) => q.eq('ok', true), [1, 4]],
  ['eq of a date', (q) => q.eq('born', '2001-01-01'), [1, 4]],
  ['eq of a moment in another zone', (q) => q.eq('seen', '2026-01-01T01:00:00+01:00'), [1]],
  ['eq of a range, in another form', (q) => q.eq('span', '(4,9]'), [2]],
  ['eq of an array', (q) => q.eq('tags', '{b,c}'), [2]],
  ['eq of a quoted column', (q) => q.eq('"odd name"', 'a,b'), [2]],
  ['neq', (q) => q.neq('size', 10), [1, 3]],
  ['gt', (q) => q.gt('size', 1.5), [2]],
  ['gte', (q) => q.gte('size', 1.5), [1, 2]],
  ['lt', (q) => q.lt('size', 0), [3]],
  ['lte of a moment', (q) => q.lte('seen', '2026-01-01T00:00:00Z'), [1]],
  ['like', (q) => q.like('word', '%cat%'), [1, 2, 3]],
  ['like with an escaped percent sign', (q) => q.like('word', '%100\\%%'), [3]],
  ['ilike', (q) => q.ilike('word', 'the%'), [1]],
  ['likeAllOf', (q) => q.likeAllOf('word', ['%cat%', '%dog%']), [2]],
  ['likeAnyOf', (q) => q.likeAnyOf('word', ['%fat%', 'Dogs%']), [1, 3]],
  ['ilikeAllOf', (q) => q.ilikeAllOf('word', ['%CAT%', '%DOG%']), [2, 3]],
  ['ilikeAnyOf', (q) => q.ilikeAnyOf('word', ['THE%', 'dogs%']), [1, 3]],
  ['regexMatch', (q) => q.regexMatch('word', '^(The|Dogs)'), [1, 3]],
  ['regexIMatch', (q) => q.regexIMatch('word', '^the'), [1]],
  ['is null', (q) => q.is('word', null), [4]],
  ['is true', (q) => q.is('ok', true), [1, 4]],
  ['is false', (q) => q.is('ok', false), [2]],
  ['isDistinct', (q) => q.isDistinct('size', 10), [1, 3, 4]],
  ['in', (q) => q.in('id', [1, 4, 99]), [1, 4]],
  ['in of texts with reserved characters', (q) => q.in('"odd name"', ['a,b', 'x.(y)']), [2, 3]],
  ['notIn', (q) => q.notIn('id', [1, 2]), [3, 4]],
  ['contains an array', (q) => q.contains('tags', ['b']), [1, 2]],
  ['contains JSON', (q) => q.contains('data', { l: [2] }), [1]],
  ['contains a range', (q) => q.contains('span', '[2,3)'), [1]],
  ['containedBy an array', (q) => q.containedBy('tags', ['a', 'b']), [1, 3]],
  ['containedBy JSON', (q) => q.containedBy('data', { k: 'y', n: 10, m: 1 }), [2]],
  ['containedBy a range', (q) => q.containedBy('span', '[0,15)'), [1, 2]],
  ['rangeGt', (q) => q.rangeGt('span', '[5,10)'), [3]],
  ['rangeGte', (q) => q.rangeGte('span', '[5,10)'), [2, 3]],
  ['rangeLt', (q) => q.rangeLt('span', '[5,10)'), [1]],
  ['rangeLte', (q) => q.rangeLte('span', '[5,10)'), [1, 2]],
  ['rangeAdjacent', (q) => q.rangeAdjacent('span', '[5,10)'), [1]],
  ['overlaps an array', (q) => q.overlaps('tags', ['c', 'z']), [2]],
  ['overlaps a range', (q) => q.overlaps('span', '[4,6)'), [1, 2]],
  ['textSearch', (q) => q.textSearch('found', 'cat & !dog'), [1]],
  ['textSearch of a text', (q) => q.textSearch('word', 'dogs', { config: 'english' }), [2, 3]],
  ['textSearch, plain', (q) => q.textSearch('found', 'the cats dog', { type: 'plain' }), [2, 3]],
  ['textSearch, a phrase', (q) => q.textSearch('found', 'fat cats', { type: 'phrase' }), [1]],
  ['textSearch, web', (q) => q.textSearch('found', 'cat -dog', { type: 'websearch' }), [1]],
  ['not eq', (q) => q.not('id', 'eq', 1), [2, 3, 4]],
  ['not is null', (q) => q.not('word', 'is', null), [1, 2, 3]],
  ['not in', (q) => q.not('id', 'in', '(1,2)'), [3, 4]],
  ['or', (q) => q.or('id.eq.1,size.lt.0'), [1, 3]],
  ['and in or', (q) => q.or('id.eq.4,and(ok.is.true,size.gt.1)'), [1, 4]],
  ['not and in or', (q) => q.or('not.and(id.gte.2,id.lte.3)'), [1, 4]],
  ['or in or', (q) => q.or('id.eq.4,or(id.eq.1,id.eq.2)'), [1, 2, 4]],
  ['a list in or', (q) => q.or('id.in.(1,2),id.eq.4'), [1, 2, 4]],
  ['an array in or', (q) => q.or('tags.cs.{b,c},id.eq.4'), [2, 4]],
  ['quotes in or', (q) => q.or('"odd name".eq."a,b","odd name".eq."x.(y)"'), [2, 3]],
  ['a negated condition in or', (q) => q.or('id.not.lt.4,word.not.is.null'), [1, 2, 3, 4]],
  ['match', (q) => q.match({ ok: true, born: '2001-01-01' }), [1, 4]],
  ['several on one column', (q) => q.gt('id', 1).lt('id', 4).neq('id', 3), [2]],
  ['a text in JSON', (q) => q.eq('data->>k', 'x'), [1]],
  ['a number in JSON', (q) => q.gt('data->n', 5), [2]],
  ['an element in JSON', (q) => q.eq('data->l->>1', '2'), [1]],
  ['null in JSON', (q) => q.is('data->>k', null), [3, 4]],
  ['a raw filter', (q) => q.filter('id', 'in', '(1,"2")'), [1, 2]],
]

for (const [why, filter, ids] of methods) {
  test(`filter: ${why}`, async (t) => {
    const query = asAnybody(t, held.server).from('things').select('id')
    const { data, error } = await filter(query).order('id')
    assert.equal(error, null)
    assert.deepEqual(
      data.map(({ id }) => id),
      ids,
    )
  })
}

/// What the client has no method for.
const grammar = [
  ['* is % in like', 'word=like.*cat*', [1, 2, 3]],
  ['eq(any)', 'id=eq(any).{1,3}', [1, 3]],
  ['gt(all)', 'id=gt(all).{1,2}', [3, 4]],
  ['lte(any)', 'id=lte(any).{1,2}', [1, 2]],
  ['match(any)', 'word=match(any).{^The,^Dogs}', [1, 3]],
  ['imatch(all)', 'word=imatch(all).{cat,DOG}', [2, 3]],
  ['like(all)', 'word=like(all).{*cat*,*dog*}', [2]],
  ['is.not_null', 'word=is.not_null', [1, 2, 3]],
  ['is.unknown', 'ok=is.unknown', [3]],
  ['not.is.true', 'ok=not.is.true', [2, 3]],
  ['is, in capitals', 'word=is.NULL', [4]],
  ['fts with a configuration', 'word=fts(simple).cat', [1, 2]],
  ['wfts(english)', 'word=wfts(english).%22fat+cats%22', [1]],
  ['and=()', 'and=(id.gt.1,id.lt.4)', [2, 3]],
  ['not.and=()', 'not.and=(id.gt.1,id.lt.4)', [1, 4]],
  ['not.or=()', 'not.or=(id.eq.1,id.eq.2)', [3, 4]],
  ['two trees', 'or=(id.eq.1,id.eq.2)&or=(id.eq.2,id.eq.3)', [2]],
  ['an empty list', 'id=in.()', []],
  ['an empty text', 'word=eq.', []],
  ['blanks around the commas of a tree', 'or=(id.eq.1,%20id.eq.2)', [1, 2]],
]

for (const [why, query, ids] of grammar) {
  test(`grammar: ${why}`, () =>
    checkExchange(held.server, {
      ask: `GET things?select=id&order=id&${query}`,
      status: 200,
      json: ids.map((id) => ({ id })),
    }))
}

const orders = [
  ['ascending, nulls last', 'order=size', [3, 1, 2, 4]],
  ['descending, nulls first', 'order=size.desc', [4, 2, 1, 3]],
  ['nullsfirst', 'order=size.asc.nullsfirst', [4, 3, 1, 2]],
  ['nullslast', 'order=size.desc.nullslast', [2, 1, 3, 4]],
  ['only nullsfirst', 'order=size.nullsfirst', [4, 3, 1, 2]],
  ['two columns', 'order=born.desc.nullslast,id.desc', [2, 4, 1, 3]],
  ['a path in JSON', 'order=data->n.desc.nullslast,id', [2, 1, 3, 4]],
  ['JSON', 'order=data.nullsfirst', [4, 3, 2, 1]],
  ['a quoted column', 'order=%22odd%20name%22.desc.nullslast', [3, 1, 2, 4]],
]

for (const [why, query, ids] of orders) {
  test(`order: ${why}`, () =>
    checkExchange(held.server, {
      ask: `GET things?select=id&${query}`,
      status: 200,
      json: ids.map((id) => ({ id })),
    }))
}

test('order: rows by what they belong to, as its type is ordered', () =>
  checkExchange(held.server, {
    ask: 'GET marks?select=id,things()&order=things(span)',
    status: 200,
    json: [{ id: 2 }, { id: 3 }, { id: 1 }],
  }))

/// Values and columns of the select, without a relation.
const selects = [
  ['a cast', 'id::text', { id: '1' }],
  ['an alias', 'key:id', { key: 1 }],
  ['a path of JSON as JSON', 'data->l', { l: [1, 2] }],
  ['a path of JSON as text', 'data->l->>0', { l: '1' }],
  ['an alias of a path', 'first:data->l->0', { first: 1 }],
  ['a cast of a path', 'n:data->>n::integer', { n: 5 }],
  ['a quoted column', '%22odd%20name%22', { 'odd name': 'one' }],
  ['blanks between', 'id, ok', { id: 1, ok: true }],
  ['a range and an array', 'span,tags', { span: '[1,5)', tags: ['a', 'b'] }],
]

for (const [why, select, row] of selects) {
  test(`fields: ${why}`, () =>
    checkExchange(held.server, {
      ask: `GET things?id=eq.1&select=${select.replaceAll(' ', '%20')}`,
      status: 200,
      json: [row],
    }))
}

const aggregates = [
  ['of all rows', 'select=count(),size.sum(),low:size.min()', [{ count: 4, sum: 8.5, low: -3 }]],
  ['a cast of one', 'select=size.max()::text', [{ max: '10' }]],
  ['avg', 'select=size.avg()&id=lt.3', [{ avg: 5.75 }]],
  [
    'by the plain columns',
    'select=born,count()&order=born',
    [
      { born: '2001-01-01', count: 2 },
      { born: '2002-02-02', count: 1 },
      { born: null, count: 1 },
    ],
  ],
  ['of a column', 'select=ok.count()', [{ count: 3 }]],
  ['of nothing', 'select=count(),size.sum()&id=gt.9', [{ count: 0, sum: null }]],
]

for (const [why, query, json] of aggregates) {
  test(`aggregate: ${why}`, () =>
    checkExchange(held.server, { ask: `GET things?${query}`, status: 200, json }))
}
