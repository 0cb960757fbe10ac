import assert from 'node:assert/strict'
import path from 'node:path'
import { test } from 'node:test'
import { asAnybody } from './clients.mjs'
import { useServer } from './suite.mjs'

const project = path.join(import.meta.dirname, 'section4_project')
const held = useServer(async () => {}, { project })

/// Each asks with the unmodified client; `data` is the whole answer.
const answers = [
  {
    why: 'to-one is an object, null without a row',
    ask: (c) => c.from('films').select('title, directors(name)').order('id'),
    data: [
      { title: 'Cléo from 5 to 7', directors: { name: 'Varda' } },
      { title: 'Rashomon', directors: { name: 'Kurosawa' } },
      { title: 'Ikiru', directors: { name: 'Kurosawa' } },
      { title: 'Lost', directors: null },
    ],
  },
  {
    why: 'to-many is an array, empty without rows',
    ask: (c) => c.from('directors').select('name, films(title)').order('id'),
    data: [
      { name: 'Varda', films: [{ title: 'Cléo from 5 to 7' }] },
      { name: 'Kurosawa', films: [{ title: 'Rashomon' }, { title: 'Ikiru' }] },
      { name: 'Nobody', films: [] },
    ],
  },
  {
    why: 'one-to-one from the other side is an object',
    ask: (c) => c.from('films').select('id, technical_specs(runtime)').in('id', [2, 3]).order('id'),
    data: [
      { id: 2, technical_specs: { runtime: '88 mins' } },
      { id: 3, technical_specs: null },
    ],
  },
  {
    why: 'many-to-many goes through its junction',
    ask: (c) =>
      c
        .from('films')
        .select('title, actors(name)')
        .eq('id', 2)
        .order('name', { referencedTable: 'actors' }),
    data: [{ title: 'Rashomon', actors: [{ name: 'Mifune' }, { name: 'Shimura' }] }],
  },
  {
    why: 'the junction itself, with what is behind it',
    ask: (c) => c.from('actors').select('name, roles(part, films(title))').eq('id', 1),
    data: [{ name: 'Mifune', roles: [{ part: 'Tajomaru', films: { title: 'Rashomon' } }] }],
  },
  {
    why: 'an alias',
    ask: (c) => c.from('films').select('name:title, by:directors(who:name)').eq('id', 1),
    data: [{ name: 'Cléo from 5 to 7', by: { who: 'Varda' } }],
  },
  {
    why: 'inner leaves out who has none',
    ask: (c) => c.from('directors').select('name, films!inner(id)').order('id'),
    data: [
      { name: 'Varda', films: [{ id: 1 }] },
      { name: 'Kurosawa', films: [{ id: 2 }, { id: 3 }] },
    ],
  },
  {
    why: 'inner with a filter of its own',
    ask: (c) =>
      c.from('films').select('title, directors!inner(name)').eq('directors.country', 'FR'),
    data: [{ title: 'Cléo from 5 to 7', directors: { name: 'Varda' } }],
  },
  {
    why: 'a filter without inner only empties the relation',
    ask: (c) =>
      c
        .from('films')
        .select('id, directors(name)')
        .eq('directors.country', 'FR')
        .order('id')
        .limit(2),
    data: [
      { id: 1, directors: { name: 'Varda' } },
      { id: 2, directors: null },
    ],
  },
  {
    why: 'relation=is.null finds who has none',
    ask: (c) => c.from('directors').select('name, films()').is('films', null),
    data: [{ name: 'Nobody' }],
  },
  {
    why: 'not.is.null finds who has some',
    ask: (c) => c.from('directors').select('name, films()').not('films', 'is', null).order('id'),
    data: [{ name: 'Varda' }, { name: 'Kurosawa' }],
  },
  {
    why: 'order and limit inside of a relation',
    ask: (c) =>
      c
        .from('directors')
        .select('id, films(title)')
        .eq('id', 2)
        .order('year', { referencedTable: 'films', ascending: false })
        .limit(1, { referencedTable: 'films' }),
    data: [{ id: 2, films: [{ title: 'Ikiru' }] }],
  },
  {
    why: 'or inside of a relation',
    ask: (c) =>
      c
        .from('directors')
        .select('id, films(id)')
        .eq('id', 2)
        .or('year.eq.1950,title.eq.Lost', { referencedTable: 'films' }),
    data: [{ id: 2, films: [{ id: 2 }] }],
  },
  {
    why: 'rows are ordered by a to-one relation',
    ask: (c) =>
      c
        .from('films')
        .select('id, directors(name)')
        .not('director_id', 'is', null)
        .order('directors(name)')
        .order('id'),
    data: [
      { id: 2, directors: { name: 'Kurosawa' } },
      { id: 3, directors: { name: 'Kurosawa' } },
      { id: 1, directors: { name: 'Varda' } },
    ],
  },
  {
    why: 'spread lifts the columns of a to-one relation',
    ask: (c) =>
      c.from('films').select('title, ...directors(director:name)').in('id', [1, 4]).order('id'),
    data: [
      { title: 'Cléo from 5 to 7', director: 'Varda' },
      { title: 'Lost', director: null },
    ],
  },
  {
    why: 'spread of a to-many relation gives arrays',
    ask: (c) => c.from('directors').select('name, ...films(titles:title)').eq('id', 1),
    data: [{ name: 'Varda', titles: ['Cléo from 5 to 7'] }],
  },
  {
    why: 'two relations to one table, told apart by constraint and by column',
    ask: (c) =>
      c
        .from('orders')
        .select('id, billing:addresses!billing(city), shipping:addresses!shipping_id(city)')
        .eq('id', 1),
    data: [{ id: 1, billing: { city: 'Tokyo' }, shipping: { city: 'Paris' } }],
  },
  {
    why: 'a column is a relation too',
    ask: (c) => c.from('orders').select('id, billing_id(city)').eq('id', 2),
    data: [{ id: 2, billing_id: { city: 'Paris' } }],
  },
  {
    why: 'to itself, both ways',
    ask: (c) =>
      c
        .from('employees')
        .select('name, boss:manager_id(name), team:employees!manager_id(name)')
        .eq('id', 2),
    data: [{ name: 'Bob', boss: { name: 'Ada' }, team: [{ name: 'Di' }] }],
  },
  {
    why: 'a view has the relations of its table',
    ask: (c) => c.from('old_films').select('title, directors(name)').order('id'),
    data: [
      { title: 'Rashomon', directors: { name: 'Kurosawa' } },
      { title: 'Ikiru', directors: { name: 'Kurosawa' } },
    ],
  },
]

for (const { why, ask, data } of answers) {
  test(`select: ${why}`, async (t) => {
    const { data: found, error } = await ask(asAnybody(t, held.server))
    assert.equal(error, null)
    assert.deepEqual(found, data)
  })
}

/// Without `hint` where it is a guess at another name.
const refusals = [
  {
    why: 'no relation between the two',
    ask: (c) => c.from('films').select('*, addresses(*)'),
    status: 400,
    error: {
      code: 'PGRST200',
      details:
        "Searched for a foreign key relationship between 'films' and 'addresses' in the schema 'public', but no matches were found.",
      message: "Could not find a relationship between 'films' and 'addresses' in the schema cache",
    },
  },
  {
    why: 'no relation by that hint',
    ask: (c) => c.from('films').select('*, directors!nothing(*)'),
    status: 400,
    error: {
      code: 'PGRST200',
      details:
        "Searched for a foreign key relationship between 'films' and 'directors' using the hint 'nothing' in the schema 'public', but no matches were found.",
      message: "Could not find a relationship between 'films' and 'directors' in the schema cache",
    },
  },
  {
    why: 'more than one relation',
    ask: (c) => c.from('orders').select('*, addresses(*)'),
    status: 300,
    error: {
      code: 'PGRST201',
      details: [
        {
          cardinality: 'many-to-one',
          embedding: 'orders with addresses',
          relationship: 'billing using orders(billing_id) and addresses(id)',
        },
        {
          cardinality: 'many-to-one',
          embedding: 'orders with addresses',
          relationship: 'shipping using orders(shipping_id) and addresses(id)',
        },
      ],
      hint: "Try changing 'addresses' to one of the following: 'addresses!billing', 'addresses!shipping'. Find the desired relationship in the 'details' key.",
      message:
        "Could not embed because more than one relationship was found for 'orders' and 'addresses'",
    },
  },
  {
    why: 'a filter on what is not embedded',
    ask: (c) => c.from('films').select('*').eq('directors.name', 'x'),
    status: 400,
    error: {
      code: 'PGRST108',
      details: null,
      hint: "Verify that 'directors' is included in the 'select' query parameter.",
      message: "'directors' is not an embedded resource in this request",
    },
  },
  {
    why: 'order by a to-many relation',
    ask: (c) => c.from('directors').select('*, films(*)').order('films(title)'),
    status: 400,
    error: {
      code: 'PGRST118',
      details: "'directors' and 'films' do not form a many-to-one or one-to-one relationship",
      hint: null,
      message: "A related order on 'films' is not possible",
    },
  },
  {
    why: 'an operator that a relation does not have',
    ask: (c) => c.from('directors').select('*, films(*)').eq('films', '1'),
    status: 400,
    error: {
      code: 'PGRST120',
      details: 'Only is null or not is null filters are allowed on embedded resources',
      hint: null,
      message: "Bad operator on the 'films' embedded resource",
    },
  },
  {
    why: 'an unknown table',
    ask: (c) => c.from('film').select('*'),
    status: 404,
    error: {
      code: 'PGRST205',
      details: null,
      hint: "Perhaps you meant the table 'public.films'",
      message: "Could not find the table 'public.film' in the schema cache",
    },
  },
  {
    why: 'an unknown column',
    ask: (c) => c.from('films').select('id, stars'),
    status: 400,
    error: {
      code: '42703',
      details: null,
      hint: null,
      message: 'column films.stars does not exist',
    },
  },
  {
    why: 'an unknown column in a write',
    ask: (c) => c.from('films').insert({ id: 9, stars: 5 }),
    status: 400,
    error: {
      code: 'PGRST204',
      details: null,
      hint: null,
      message: "Could not find the 'stars' column of 'films' in the schema cache",
    },
  },
  {
    why: 'one row wanted, none there',
    ask: (c) => c.from('films').select('*').eq('id', 99).single(),
    status: 406,
    error: {
      code: 'PGRST116',
      details: 'The result contains 0 rows',
      hint: null,
      message: 'Cannot coerce the result to a single JSON object',
    },
  },
  {
    why: 'past the end, counted',
    ask: (c) => c.from('films').select('*', { count: 'exact' }).range(50, 60),
    status: 416,
    error: {
      code: 'PGRST103',
      details: 'An offset of 50 was requested, but there are only 4 rows.',
      hint: null,
      message: 'Requested range not satisfiable',
    },
  },
]

for (const { why, ask, status, error } of refusals) {
  test(`select is refused: ${why}`, async (t) => {
    const answer = await ask(asAnybody(t, held.server))
    assert.equal(answer.status, status)
    assert.deepEqual({ ...answer.error }, { hint: answer.error.hint, ...error })
  })
}
