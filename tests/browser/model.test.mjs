import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LiveTable } from '../../examples/clinic/front/src/live/live_table.ts'
import { placeAfterRow } from '../../examples/clinic/front/src/queue/positions.ts'

/// The parts of the clinic's pages that need no browser.

const sorted = (rows) => rows.toSorted((a, b) => a.position - b.position || (a.id < b.id ? -1 : 1))

function applied(rows, changes) {
  const positions = new Map(changes.map(({ id, position }) => [id, position]))
  return sorted(rows.map((row) => ({ ...row, position: positions.get(row.id) ?? row.position })))
}

test('a moved row lands where it was put, also when the numbers in between run out', () => {
  let rows = Array.from({ length: 6 }, (_, i) => ({ id: `r${i}`, position: i }))
  let seed = 12345
  const random = (below) => {
    seed = (seed * 1103515245 + 12345) % 2147483648
    return Math.floor((seed / 2147483648) * below)
  }
  let renumberings = 0
  for (let i = 0; i < 3000; i++) {
    // Mostly between the same two places, which uses the doubles up soonest.
    const moved = random(10) === 0 ? rows[random(6)] : rows[2 + random(2)]
    const others = rows.filter((row) => row !== moved)
    const index = random(10) === 0 ? random(6) : 1
    const changes = placeAfterRow(rows, moved.id, others[index - 1]?.id ?? null)
    if (changes.length > 1) renumberings++
    rows = applied(rows, changes)
    const wanted = [...others.slice(0, index), moved, ...others.slice(index)]
    assert.deepEqual(
      rows.map(({ id }) => id),
      wanted.map(({ id }) => id),
    )
  }
  assert.ok(renumberings > 0, 'the rare case was met')
})

test('rows of one position can be told apart and moved between', () => {
  const rows = [
    { id: 'a', position: 1 },
    { id: 'b', position: 1 },
    { id: 'c', position: 2 },
  ]
  const after = applied(rows, placeAfterRow(rows, 'c', 'a'))
  assert.deepEqual(
    after.map(({ id }) => id),
    ['a', 'c', 'b'],
  )
})

function table() {
  const shape = {
    name: 'rows',
    columns: ['id', 'word'],
    decode: (row) => row,
    compare: (a, b) => (a.id < b.id ? -1 : 1),
  }
  return new LiveTable(shape)
}
const words = (live) => live.rows().map(({ id, word }) => `${id}=${word}`)

test('changes that come while rows are fetched are newer than those rows', () => {
  const live = table()
  live.beginLoad()
  live.apply({ kind: 'put', row: { id: '1', word: 'new' } })
  live.apply({ kind: 'remove', id: '2' })
  live.finishLoad([
    { id: '1', word: 'old' },
    { id: '2', word: 'gone' },
  ])
  assert.deepEqual(words(live), ['1=new'])
})

test('what this page wrote during a fetch is not taken back by it', () => {
  const live = table()
  live.finishLoad([{ id: '1', word: 'old' }])
  live.beginLoad()
  live.confirm({ id: '1', word: 'mine' }, live.heard('1'))
  live.finishLoad([{ id: '1', word: 'old' }])
  assert.deepEqual(words(live), ['1=mine'])
})

test('an answer that was overtaken by a newer change does not undo it', () => {
  const live = table()
  live.finishLoad([{ id: '1', word: 'old' }])
  const heard = live.heard('1')
  live.apply({ kind: 'put', row: { id: '1', word: 'newer' } })
  live.confirm({ id: '1', word: 'older' }, heard)
  assert.deepEqual(words(live), ['1=newer'])
})

test('an unconfirmed value stays over what comes from the server', () => {
  const live = table()
  live.finishLoad([{ id: '1', word: 'old' }])
  live.overlay('1', { word: 'mine' })
  live.apply({ kind: 'put', row: { id: '1', word: 'theirs' } })
  assert.deepEqual(words(live), ['1=mine'])
  live.dropOverlay('1', ['word'])
  assert.deepEqual(words(live), ['1=theirs'])
})

test('only what others changed is marked', () => {
  const live = table()
  live.finishLoad([{ id: '1', word: 'old' }])
  assert.equal(live.mark('1', 'word'), 0, 'not the first load')
  live.overlay('1', { word: 'mine' })
  live.apply({ kind: 'put', row: { id: '1', word: 'mine' } })
  live.dropOverlay('1', ['word'])
  assert.equal(live.mark('1', 'word'), 0, 'not an echo')
  live.apply({ kind: 'put', row: { id: '1', word: 'theirs' } })
  assert.equal(live.mark('1', 'word'), 1)
  live.finishLoad([{ id: '1', word: 'missed' }])
  assert.equal(live.mark('1', 'word'), 2, 'and what was missed')
})
