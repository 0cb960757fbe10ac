import assert from 'node:assert/strict'
import { test } from 'node:test'
import { conditionsOf, liveFilterOf } from './filter.ts'
import { compareRows, orderOf, orderText } from './order.ts'
import { isAfter } from './position.ts'
import { RowWindow } from './row_window.ts'

const types = { id: 'int8', name: 'text', mood: 'mood' }
const insert = (record) => ({ type: 'INSERT', record, old: {}, types })
const update = (record, old = { id: record.id }) => ({ type: 'UPDATE', record, old, types })
const remove = (id) => ({ type: 'DELETE', record: {}, old: { id }, types })

function windowOf(order, limit) {
  return new RowWindow({ table: 't', key: ['id'], order: orderOf(order), limit })
}
function idsOf(rows) {
  rows.show()
  return rows.rows.map(({ id }) => id)
}

const fullWindow = [
  {
    why: 'a row before the last comes in, the last goes out',
    change: insert({ id: 0 }),
    ids: [0, 1, 2],
  },
  { why: 'a row behind the last stays outside', change: insert({ id: 9 }), ids: [1, 2, 3] },
  { why: 'a row that leaves must be replaced', change: remove(2), ids: [1, 3], stale: true },
  { why: 'a row outside leaves', change: remove(9), ids: [1, 2, 3] },
  {
    why: 'the last is changed: others may come before it now',
    change: update({ id: 8 }, { id: 3 }),
    ids: [1, 2],
    stale: true,
  },
  { why: 'a row in the middle is changed in its place', change: update({ id: 2 }), ids: [1, 2, 3] },
  { why: 'a row from outside moves in', change: update({ id: 2.5 }, { id: 9 }), ids: [1, 2, 2.5] },
  {
    why: 'an incomplete row is read again',
    change: { ...insert({ id: 0 }), isPartial: true },
    ids: [1, 2, 3],
    stale: true,
  },
]
for (const { why, change, ids, stale = false } of fullWindow) {
  test(`a full window: ${why}`, () => {
    const rows = windowOf('id', 3)
    rows.replace([{ id: 1 }, { id: 2 }, { id: 3 }])
    assert.equal(rows.apply(change).stale, stale)
    assert.deepEqual(idsOf(rows), ids)
  })
}

test('a window that is not full knows all rows', () => {
  const rows = windowOf('id', 3)
  rows.replace([{ id: 1 }])
  for (const change of [insert({ id: 2 }), remove(1), insert({ id: 7 })])
    assert.equal(rows.apply(change).stale, false)
  assert.deepEqual(idsOf(rows), [2, 7])
})

test('values that only the server can order are read again', () => {
  const rows = windowOf('mood,id')
  rows.replace([{ id: 1, mood: 'sad' }])
  assert.equal(rows.apply(insert({ id: 2, mood: 'happy' })).stale, true)
})

test('a change that comes twice changes nothing', () => {
  const rows = windowOf('id')
  rows.replace([])
  for (const change of [insert({ id: 1 }), insert({ id: 1 }), remove(4)]) rows.apply(change)
  assert.deepEqual(idsOf(rows), [1])
})

test('many random changes give the rows that sorting gives', () => {
  const seed = Number(process.env.SEED ?? Math.trunc(Math.random() * 2 ** 31))
  let state = seed
  const random = (below) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0
    return (state >>> 8) % below
  }
  const order = orderOf('name.desc,id')
  const rows = new RowWindow({ table: 't', key: ['id'], order, limit: undefined })
  rows.replace([])
  const truth = new Map()
  for (let step = 0; step < 2000; step++) {
    const id = random(40)
    const record = { id, name: random(5) === 0 ? null : `n${random(9)}` }
    const isKnown = truth.has(id)
    const isRemoved = isKnown && random(3) === 0
    rows.apply(isRemoved ? remove(id) : isKnown ? update(record) : insert(record))
    if (isRemoved) truth.delete(id)
    else truth.set(id, record)
  }
  rows.show()
  const expected = [...truth.values()].sort((a, b) => compareRows(order, a, b))
  assert.deepEqual(rows.rows, expected, `SEED=${seed}`)
})

const filters = [
  { why: 'equality', conditions: [['status', 'eq.open']], live: 'status=eq.open' },
  {
    why: 'two conditions',
    conditions: [
      ['a', 'gt.1'],
      ['b', 'not.is.null'],
    ],
    live: 'a=gt.1,b=not.is.null',
  },
  {
    why: 'signs of the grammar',
    conditions: [['a', 'eq.x,(y)"z"\\']],
    live: 'a=eq."x,(y)\\"z\\"\\\\"',
  },
  { why: 'a list', conditions: [['a', 'in.(1,"2,3")']], live: 'a=in.(1,"2,3")' },
  { why: 'the REST API’s sign for any text', conditions: [['a', 'like.x*']], live: 'a=like.x%' },
  { why: 'not null', conditions: [['a', 'is.not_null']], live: 'a=not.is.null' },
  { why: 'or', conditions: [['or', '(a.eq.1,b.eq.2)']], live: undefined },
  { why: 'containment', conditions: [['a', 'cs.{1}']], live: undefined },
  { why: 'a path into JSON', conditions: [['a->>b', 'eq.1']], live: undefined },
  { why: 'any', conditions: [['a', 'eq(any).{1,2}']], live: undefined },
]
for (const { why, conditions, live } of filters) {
  test(`filter of ${why}`, () => {
    assert.equal(liveFilterOf(conditions), live)
    if (live !== undefined) assert.equal(liveFilterOf(conditionsOf(live)), live, 'there and back')
  })
}

const orders = [
  { text: 'name', gives: 'name.asc' },
  { text: 'name.desc,id.asc', gives: 'name.desc,id.asc' },
  { text: 'name.desc.nullslast', gives: 'name.desc.nullslast' },
  { text: 'name.nullsfirst', gives: 'name.asc.nullsfirst' },
  { text: 'author(name)', gives: undefined },
  { text: 'details->a', gives: undefined },
]
for (const { text, gives } of orders) {
  test(`order ${text}`, () => {
    const terms = orderOf(text)
    assert.equal(terms === undefined ? undefined : orderText(terms), gives)
  })
}

test('positions of one epoch are in the order of their numbers', () => {
  const cases = [
    ['1-10', '1-9', true],
    ['1-9', '1-10', false],
    ['1-9', '1-9', false],
    ['1-9', undefined, true],
    ['2-1', '1-9', true],
    ['1-18446744073709551615', '1-18446744073709551614', true],
  ]
  for (const [left, right, expected] of cases) assert.equal(isAfter(left, right), expected, left)
})
