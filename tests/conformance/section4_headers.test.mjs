/// Ranges, counts, preferences and profiles: what the headers of a request ask and those of an answer say.

import path from 'node:path'
import { test } from 'node:test'
import { checkExchange, refusal } from './exchange.mjs'
import { useServer } from './suite.mjs'

const project = path.join(import.meta.dirname, 'section4_project')
const held = useServer(async () => {}, { project })

const notSatisfiable = (details) => refusal('PGRST103', 'Requested range not satisfiable', details)
const backwards =
  'The lower boundary must be lower than or equal to the upper boundary in the Range header.'
const ids = (...list) => list.map((id) => ({ id }))
const exact = { Prefer: 'count=exact' }

/// There are four films.
const ranges = [
  {
    why: 'all, uncounted',
    ask: 'GET films?select=id&order=id',
    json: ids(1, 2, 3, 4),
    gives: { 'content-range': '0-3/*', 'content-location': '/films?order=id&select=id' },
  },
  {
    why: 'all, counted',
    ask: 'GET films?select=id&order=id',
    headers: exact,
    gives: { 'content-range': '0-3/4', 'preference-applied': 'count=exact' },
  },
  {
    why: 'some, counted: 206',
    ask: 'GET films?select=id&order=id&limit=2&offset=1',
    headers: exact,
    status: 206,
    json: ids(2, 3),
    gives: { 'content-range': '1-2/4' },
  },
  {
    why: 'none, uncounted',
    ask: 'GET films?id=eq.99',
    json: [],
    gives: { 'content-range': '*/*' },
  },
  {
    why: 'none, counted',
    ask: 'GET films?id=eq.99',
    headers: exact,
    json: [],
    gives: { 'content-range': '*/0' },
  },
  {
    why: 'the page behind the last full one is empty',
    ask: 'GET films?offset=4&limit=2',
    headers: exact,
    status: 206,
    json: [],
    gives: { 'content-range': '*/4' },
  },
  {
    why: 'further behind is nothing',
    ask: 'GET films?offset=5',
    headers: exact,
    status: 416,
    json: notSatisfiable('An offset of 5 was requested, but there are only 4 rows.'),
    gives: { 'content-range': '*/4', 'proxy-status': 'PostgREST; error=PGRST103' },
  },
  {
    why: 'further behind, uncounted, is only empty',
    ask: 'GET films?offset=5',
    json: [],
    gives: { 'content-range': '*/*' },
  },
  {
    why: 'an offset into no rows',
    ask: 'GET films?id=eq.99&offset=1',
    headers: exact,
    status: 416,
    json: notSatisfiable('An offset of 1 was requested, but there are only 0 rows.'),
    gives: { 'content-range': '*/0' },
  },
  { why: 'limit 0', ask: 'GET films?limit=0', json: [], gives: { 'content-range': '*/*' } },
  {
    why: 'limit 0, counted',
    ask: 'GET films?limit=0',
    headers: exact,
    status: 206,
    json: [],
    gives: { 'content-range': '*/4' },
  },
  {
    why: 'a limit below 0',
    ask: 'GET films?limit=-1',
    status: 416,
    json: notSatisfiable('Limit should be greater than or equal to zero.'),
  },
  {
    why: 'an offset below 0 is none',
    ask: 'GET films?select=id&order=id&offset=-4',
    json: ids(1, 2, 3, 4),
    gives: { 'content-range': '0-3/*' },
  },
  {
    why: 'a Range',
    ask: 'GET films?select=id&order=id',
    headers: { Range: '1-2' },
    json: ids(2, 3),
    gives: { 'content-range': '1-2/*' },
  },
  {
    why: 'an open Range',
    ask: 'GET films?select=id&order=id',
    headers: { Range: '2-' },
    json: ids(3, 4),
    gives: { 'content-range': '2-3/*' },
  },
  {
    why: 'a Range longer than the rows',
    ask: 'GET films?select=id&order=id',
    headers: { Range: '3-99' },
    json: ids(4),
    gives: { 'content-range': '3-3/*' },
  },
  {
    why: 'a Range and limit: what both have',
    ask: 'GET films?select=id&order=id&limit=3',
    headers: { Range: '0-1' },
    json: ids(1, 2),
    gives: { 'content-range': '0-1/*' },
  },
  {
    why: 'a Range and an offset: what both have',
    ask: 'GET films?select=id&order=id&offset=1&limit=2',
    headers: { Range: '2-9' },
    json: ids(3),
    gives: { 'content-range': '2-2/*' },
  },
  {
    why: 'a Range and a limit that have nothing',
    ask: 'GET films?limit=2',
    headers: { Range: '3-4' },
    status: 416,
    json: notSatisfiable('Limit should be greater than or equal to zero.'),
  },
  {
    why: 'a Range that runs backwards',
    ask: 'GET films',
    headers: { Range: '3-1' },
    status: 416,
    json: notSatisfiable(backwards),
  },
  {
    why: 'what is no Range of rows is none',
    ask: 'GET films?select=id&order=id',
    headers: { Range: 'bytes=1-2' },
    json: ids(1, 2, 3, 4),
  },
  {
    why: 'neither is half of one',
    ask: 'GET films?select=id&order=id',
    headers: { Range: '1-x' },
    json: ids(1, 2, 3, 4),
  },
  {
    why: 'HEAD has no Range (RFC 9110, 14.2)',
    ask: 'HEAD films',
    headers: { Range: '1-2', ...exact },
    text: '',
    gives: { 'content-range': '0-3/4', 'content-type': 'application/json; charset=utf-8' },
  },
  {
    why: 'nor has a write',
    ask: 'PATCH films?id=lt.3&select=id',
    headers: { Range: '1-1', Prefer: 'return=representation, tx=rollback' },
    body: { year: 2000 },
    json: ids(1, 2),
  },
]

/// Each runs against four films and leaves nothing behind.
const counts = [
  ['exact', 'exact'],
  ['planned', 'exact'],
  ['estimated', 'exact'],
].map(([count]) => ({
  why: `count=${count}`,
  ask: 'GET films?id=lt.4&limit=1',
  headers: { Prefer: `count=${count}` },
  status: 206,
  gives: { 'content-range': '0-0/3', 'preference-applied': `count=${count}` },
}))

const goods = (more) => ({ id: 1, name: 'one', ...more })
const preferences = [
  {
    why: 'nothing is applied where nothing is preferred',
    ask: 'GET films',
    gives: { 'preference-applied': null },
  },
  {
    why: 'what does not concern reads is not applied',
    ask: 'GET films',
    headers: { Prefer: 'return=minimal, resolution=merge-duplicates, missing=default' },
    gives: { 'preference-applied': null },
  },
  {
    why: 'of two counts the first',
    ask: 'GET films',
    headers: { Prefer: 'count=exact, count=planned' },
    gives: { 'preference-applied': 'count=exact' },
  },
  {
    why: 'unknown preferences are passed over',
    ask: 'GET films',
    headers: { Prefer: 'anything' },
    gives: { 'preference-applied': null },
  },
  {
    why: 'lenient says so',
    ask: 'GET films',
    headers: { Prefer: 'handling=lenient, anything' },
    gives: { 'preference-applied': 'handling=lenient' },
  },
  {
    why: 'strict refuses them',
    ask: 'GET films',
    headers: { Prefer: 'handling=strict, anything, something' },
    status: 400,
    json: refusal(
      'PGRST122',
      'Invalid preferences given with handling=strict',
      'Invalid preferences: anything, something',
    ),
  },
  {
    why: 'strict refuses them in calls',
    ask: 'POST rpc/titles',
    headers: { Prefer: 'handling=strict, anything' },
    status: 400,
    json: refusal(
      'PGRST122',
      'Invalid preferences given with handling=strict',
      'Invalid preferences: anything',
    ),
  },
  {
    why: 'strict refuses a write before it is made',
    ask: 'POST goods',
    headers: { Prefer: 'handling=strict, anything' },
    body: goods(),
    status: 400,
  },
  {
    why: 'a zone that times have anyway',
    ask: 'GET things?select=seen&id=eq.1',
    headers: { Prefer: 'timezone=UTC' },
    json: [{ seen: '2026-01-01T00:00:00+00:00' }],
    gives: { 'preference-applied': 'timezone=UTC' },
  },
  {
    why: 'an insert',
    ask: 'POST goods',
    headers: { Prefer: 'return=headers-only, count=exact, missing=default, tx=rollback' },
    body: goods(),
    status: 201,
    text: '',
    gives: {
      'content-range': '*/1',
      location: '/goods?id=eq.1',
      'preference-applied': 'missing=default, return=headers-only, count=exact, tx=rollback',
    },
  },
  {
    why: 'an upsert',
    ask: 'POST goods',
    headers: { Prefer: 'resolution=merge-duplicates, return=minimal, tx=rollback' },
    body: goods(),
    status: 201,
    gives: {
      location: null,
      'content-range': '*/*',
      'preference-applied': 'resolution=merge-duplicates, return=minimal, tx=rollback',
    },
  },
  {
    why: 'without a key nothing is resolved',
    ask: 'POST keyless',
    headers: { Prefer: 'resolution=merge-duplicates, tx=rollback' },
    body: { n: 1 },
    status: 201,
    gives: { 'preference-applied': 'tx=rollback' },
  },
  {
    why: 'an update',
    ask: 'PATCH films?id=lt.3',
    headers: { Prefer: 'count=exact, handling=strict, max-affected=2, tx=rollback' },
    body: { year: 1 },
    status: 204,
    gives: {
      'content-range': '0-1/2',
      'preference-applied': 'count=exact, tx=rollback, handling=strict, max-affected=2',
    },
  },
  {
    why: 'a delete',
    ask: 'DELETE roles?film_id=eq.2',
    headers: { Prefer: 'count=exact, return=representation, tx=rollback' },
    status: 200,
    gives: {
      'content-range': '*/2',
      'preference-applied': 'return=representation, count=exact, tx=rollback',
    },
  },
  {
    why: 'max-affected counts only when strict',
    ask: 'PATCH films',
    headers: { Prefer: 'max-affected=1, tx=rollback' },
    body: { year: 1 },
    status: 204,
    gives: { 'preference-applied': 'tx=rollback' },
  },
  {
    why: 'too many affected',
    ask: 'DELETE roles',
    headers: { Prefer: 'handling=strict, max-affected=3' },
    status: 400,
    json: refusal(
      'PGRST124',
      'Query result exceeds max-affected preference constraint',
      'The query affects 4 rows',
    ),
  },
  {
    why: 'a call',
    ask: 'POST rpc/all_films',
    headers: { Prefer: 'count=exact, tx=rollback, return=representation' },
    gives: { 'content-range': '0-3/4', 'preference-applied': 'count=exact, tx=rollback' },
  },
]

const profiles = [
  {
    why: 'the first by default',
    ask: 'GET films?id=eq.1',
    gives: { 'content-profile': 'public' },
  },
  {
    why: 'a read of another',
    ask: 'GET samples',
    headers: { 'Accept-Profile': 'lab' },
    json: [{ id: 1, label: 'blood' }],
    gives: { 'content-profile': 'lab' },
  },
  {
    why: 'a read does not ask Content-Profile',
    ask: 'GET samples',
    headers: { 'Content-Profile': 'lab' },
    status: 404,
    gives: { 'proxy-status': 'PostgREST; error=PGRST205' },
  },
  {
    why: 'a write to another',
    ask: 'POST samples',
    headers: { 'Content-Profile': 'lab', Prefer: 'return=representation, tx=rollback' },
    body: { id: 2, label: 'water' },
    status: 201,
    json: [{ id: 2, label: 'water' }],
    gives: { 'content-profile': 'lab' },
  },
  {
    why: 'a write does not ask Accept-Profile',
    ask: 'POST samples',
    headers: { 'Accept-Profile': 'lab' },
    body: { id: 2 },
    status: 404,
  },
  {
    why: 'a call of another',
    ask: 'POST rpc/measure',
    headers: { 'Content-Profile': 'lab' },
    json: 42,
    gives: { 'content-profile': 'lab' },
  },
  {
    why: 'one that is not exposed',
    ask: 'GET films',
    headers: { 'Accept-Profile': 'auth' },
    status: 406,
    json: refusal(
      'PGRST106',
      'Invalid schema: auth',
      null,
      'Only the following schemas are exposed: public, lab',
    ),
  },
  {
    why: 'a write without rows has no profile',
    ask: 'POST samples',
    headers: { 'Content-Profile': 'lab', Prefer: 'tx=rollback' },
    body: { id: 2 },
    status: 201,
    text: '',
    gives: { 'content-profile': null, 'content-type': null },
  },
]

for (const [name, rows] of Object.entries({ ranges, counts, preferences, profiles })) {
  for (const row of rows) {
    test(`${name}: ${row.why}`, () => checkExchange(held.server, { status: 200, ...row }))
  }
}
