/// Errors: code, status, text, details and hint, as PostgREST and PostgreSQL have them.

import path from 'node:path'
import { test } from 'node:test'
import { serviceKey, signToken } from './clients.mjs'
import { checkExchange, refusal } from './exchange.mjs'
import { useServer } from './suite.mjs'

const project = path.join(import.meta.dirname, 'section4_project')
const held = useServer(async () => {}, { project })

const operators = '"not" or operator (eq, gt, ...)'
const unparsed = (what, text, column, unexpected, expecting) => ({
  status: 400,
  json: refusal(
    'PGRST100',
    `"failed to parse ${what} (${text})" (line 1, column ${column})`,
    `unexpected ${unexpected} expecting ${expecting}`,
  ),
})

const grammar = [
  { why: 'no operator', ask: 'GET things?id=1', ...unparsed('filter', '1', 1, '"1"', operators) },
  {
    why: 'an unknown operator',
    ask: 'GET things?id=near.1',
    ...unparsed('filter', 'near.1', 1, '"n"', operators),
  },
  {
    why: 'not without an operator',
    ask: 'GET things?id=not.1',
    ...unparsed('filter', 'not.1', 5, '"1"', 'operator (eq, gt, ...)'),
  },
  {
    why: 'in without a list',
    ask: 'GET things?id=in.1',
    ...unparsed('filter', 'in.1', 4, '"1"', '"("'),
  },
  {
    why: 'is of a value',
    ask: 'GET things?id=is.maybe',
    ...unparsed('filter', 'is.maybe', 4, '"m"', 'isVal: (null, not_null, true, false, unknown)'),
  },
  {
    why: 'an order without direction',
    ask: 'GET things?order=id.up',
    ...unparsed('order', 'id.up', 4, '"u"', '"asc", "desc", "nullsfirst" or "nullslast"'),
  },
  {
    why: 'a tree that does not end',
    ask: 'GET things?or=(id.eq.1',
    ...unparsed('logic tree', '(id.eq.1', 11, 'end of input', '"," or ")"'),
  },
  {
    why: 'an empty tree',
    ask: 'GET things?or=()',
    ...unparsed('logic tree', '()', 4, '")"', 'field name (* or [a..z0..9_$])'),
  },
  {
    why: 'a relation that does not end',
    ask: 'GET films?select=id,directors(',
    ...unparsed('select parameter', 'id,directors(', 14, 'end of input', '"," or ")"'),
  },
  {
    why: 'a column that is none',
    ask: 'GET things?a%20b!=eq.1',
    ...unparsed('tree path', 'a b!', 4, '"!"', '"->>", "->", "." or end of input'),
  },
  {
    why: 'a limit that is no number',
    ask: 'GET things?limit=x',
    ...unparsed('limit', 'x', 1, '"x"', 'digit'),
  },
]

const unknown = [
  {
    why: 'a table, nearly',
    ask: 'GET thing',
    status: 404,
    json: refusal(
      'PGRST205',
      "Could not find the table 'public.thing' in the schema cache",
      null,
      "Perhaps you meant the table 'public.things'",
    ),
  },
  {
    why: 'a table like no other',
    ask: 'GET qqqqqqqq',
    status: 404,
    json: refusal('PGRST205', "Could not find the table 'public.qqqqqqqq' in the schema cache"),
  },
  {
    why: 'a table to write to',
    ask: 'POST qqqqqqqq',
    body: {},
    status: 404,
    json: refusal('PGRST205', "Could not find the table 'public.qqqqqqqq' in the schema cache"),
  },
  {
    why: 'a column of the select',
    ask: 'GET things?select=colour',
    status: 400,
    json: refusal('42703', 'column things.colour does not exist'),
  },
  {
    why: 'a column of a filter',
    ask: 'GET things?colour=eq.1',
    status: 400,
    json: refusal('42703', 'column things.colour does not exist'),
  },
  {
    why: 'a column of the order',
    ask: 'GET things?order=colour',
    status: 400,
    json: refusal('42703', 'column things.colour does not exist'),
  },
  {
    why: 'a column of a body',
    ask: 'POST goods',
    body: { id: 1, colour: 'red' },
    status: 400,
    json: refusal('PGRST204', "Could not find the 'colour' column of 'goods' in the schema cache"),
  },
  {
    why: 'a column of an update',
    ask: 'PATCH goods?id=eq.1',
    body: { colour: 'red' },
    status: 400,
    json: refusal('PGRST204', "Could not find the 'colour' column of 'goods' in the schema cache"),
  },
  {
    why: 'a column of on_conflict',
    ask: 'POST goods?on_conflict=colour',
    headers: { Prefer: 'resolution=merge-duplicates' },
    body: { id: 1 },
    status: 400,
    json: refusal('42703', 'column "colour" does not exist'),
  },
  {
    why: 'a relation, nearly',
    ask: 'GET films?select=director(name)',
    status: 400,
    json: refusal(
      'PGRST200',
      "Could not find a relationship between 'films' and 'director' in the schema cache",
      "Searched for a foreign key relationship between 'films' and 'director' in the schema 'public', but no matches were found.",
      "Perhaps you meant 'directors' instead of 'director'.",
    ),
  },
  {
    why: 'a function',
    ask: 'POST rpc/titels',
    status: 404,
    json: refusal(
      'PGRST202',
      'Could not find the function public.titels without parameters in the schema cache',
      'Searched for the function public.titels without parameters or with a single unnamed json/jsonb parameter, but no matches were found in the schema cache.',
      'Perhaps you meant to call the function public.titles',
    ),
  },
  {
    why: 'a deeper path',
    ask: 'GET films/1',
    status: 404,
    json: refusal('PGRST125', 'Invalid path specified in request URL'),
  },
  {
    why: 'a type to cast to',
    ask: 'GET things?select=id::colour',
    status: 400,
    json: refusal('42704', 'type "colour" does not exist'),
  },
  {
    why: 'a configuration of words',
    ask: 'GET things?word=fts(klingon).x',
    status: 400,
    json: refusal('42704', 'text search configuration "klingon" does not exist'),
  },
]

const stored = { id: 1, code: 'a', price: 1 }
const values = [
  { why: 'a row to start with', ask: 'POST goods', body: stored, status: 201 },
  {
    why: 'a primary key twice',
    ask: 'POST goods',
    body: { id: 1 },
    status: 409,
    json: refusal(
      '23505',
      'duplicate key value violates unique constraint "goods_pkey"',
      'Key (id)=(1) already exists.',
    ),
  },
  {
    why: 'a unique value twice',
    ask: 'POST goods',
    body: { id: 2, code: 'a' },
    status: 409,
    json: refusal(
      '23505',
      'duplicate key value violates unique constraint "goods_code_key"',
      'Key (code)=(a) already exists.',
    ),
  },
  {
    why: 'a reference to nothing',
    ask: 'POST goods',
    body: { id: 2, director_id: 99 },
    status: 409,
    json: refusal(
      '23503',
      'insert or update on table "goods" violates foreign key constraint "goods_director_fkey"',
      'Key (director_id)=(99) is not present in table "directors".',
    ),
  },
  {
    why: 'deleting what is referred to',
    ask: 'DELETE directors?id=eq.2',
    status: 409,
    json: refusal(
      '23503',
      'update or delete on table "directors" violates foreign key constraint "films_director_id_fkey" on table "films"',
      'Key (id)=(2) is still referenced from table "films".',
    ),
  },
  {
    why: 'null where none may be',
    ask: 'POST goods',
    body: { id: 2, name: null },
    status: 400,
    json: refusal(
      '23502',
      'null value in column "name" of relation "goods" violates not-null constraint',
    ),
  },
  {
    why: 'a check',
    ask: 'PATCH goods?id=eq.1',
    body: { price: -1 },
    status: 400,
    json: refusal(
      '23514',
      'new row for relation "goods" violates check constraint "goods_price_check"',
    ),
  },
  {
    why: 'a text that is no number',
    ask: 'GET things?id=eq.x',
    status: 400,
    json: refusal('22P02', 'invalid input syntax for type integer: "x"'),
  },
  {
    why: 'a text in the body that is no number',
    ask: 'POST goods',
    body: { id: 'x' },
    status: 400,
    json: refusal('22P02', 'invalid input syntax for type integer: "x"'),
  },
  {
    why: 'a number that is too big',
    ask: 'GET things?id=eq.99999999999',
    status: 400,
    json: refusal('22003', 'value "99999999999" is out of range for type integer'),
  },
  {
    why: 'a number with too many digits',
    ask: 'POST goods',
    body: { id: 2, price: 10000000 },
    status: 400,
    json: refusal(
      '22003',
      'numeric field overflow',
      'A field with precision 8, scale 2 must round to an absolute value less than 10^6.',
    ),
  },
  {
    why: 'a text that is no boolean',
    ask: 'GET things?ok=eq.x',
    status: 400,
    json: refusal('22P02', 'invalid input syntax for type boolean: "x"'),
  },
  {
    why: 'a text that is no date',
    ask: 'GET things?born=eq.x',
    status: 400,
    json: refusal('22007', 'invalid input syntax for type date: "x"'),
  },
  {
    why: 'no such day',
    ask: 'GET things?born=eq.2001-02-30',
    status: 400,
    json: refusal('22008', 'date/time field value out of range: "2001-02-30"'),
  },
  {
    why: 'a text that is no range',
    ask: 'GET things?span=cs.x',
    status: 400,
    json: refusal('22P02', 'malformed range literal: "x"', 'Missing left parenthesis or bracket.'),
  },
  {
    why: 'a text that is no array',
    ask: 'GET things?tags=cs.x',
    status: 400,
    json: refusal(
      '22P02',
      'malformed array literal: "x"',
      'Array value must start with "{" or dimension information.',
    ),
  },
  {
    why: 'a text that is no JSON',
    ask: 'GET things?data=cs.x',
    status: 400,
    json: refusal('22P02', 'invalid input syntax for type json', 'Token "x" is invalid.'),
  },
  {
    why: 'a query of words that is none',
    ask: 'GET things?found=fts.a%20b',
    status: 400,
    json: refusal('42601', 'syntax error in tsquery: "a b"'),
  },
  {
    why: 'like of a number',
    ask: 'GET things?id=like.1*',
    status: 404,
    json: refusal(
      '42883',
      'operator does not exist: integer ~~ unknown',
      null,
      'No operator matches the given name and argument types. You might need to add explicit type casts.',
    ),
  },
  {
    why: 'an expression that is none',
    ask: 'GET things?word=match.(',
    status: 400,
    json: refusal(
      '2201B',
      'invalid regular expression: missing ): (',
      null,
      "Regular expressions are RE2's: no back references, no look-around.",
    ),
  },
  {
    why: 'a row twice in one upsert',
    ask: 'POST goods',
    headers: { Prefer: 'resolution=merge-duplicates' },
    body: [{ id: 7 }, { id: 7 }],
    status: 500,
    json: refusal(
      '21000',
      'ON CONFLICT DO UPDATE command cannot affect row a second time',
      null,
      'Ensure that no rows proposed for insertion within the same command have duplicate constrained values.',
    ),
  },
  {
    why: 'rules that say no to anybody',
    ask: 'POST hidden',
    body: { id: 2 },
    status: 401,
    json: refusal('42501', 'new row violates row-level security policy for table "hidden"'),
    gives: { 'www-authenticate': 'Bearer' },
  },
]

const bodies = [
  { why: 'nothing', ask: 'POST goods', body: '' },
  { why: 'half of it', ask: 'POST goods', body: '{"id":' },
  { why: 'a number', ask: 'POST goods', body: '7' },
  { why: 'more behind it', ask: 'POST goods', body: '{"id":7} 8' },
  { why: 'nothing to update', ask: 'PATCH goods?id=eq.1', body: '' },
].map((row) => ({ status: 400, json: refusal('PGRST102', 'Empty or invalid json'), ...row }))

const later = Math.floor(Date.now() / 1000) + 3600
const bearer = (claims) => ({ Authorization: `Bearer ${signToken(claims)}` })
const person = { sub: '11111111-1111-4111-8111-111111111111', role: 'authenticated', exp: later }
const invalid = (code, message, details = null) => ({
  status: 401,
  json: refusal(code, message, details),
  gives: {
    'www-authenticate': `Bearer error="invalid_token", error_description="${message}"`,
    'proxy-status': `PostgREST; error=${code}`,
  },
})
const tokens = [
  { why: 'a good one', headers: bearer(person), status: 200 },
  { why: 'expired', headers: bearer({ ...person, exp: 1 }), ...invalid('PGRST303', 'JWT expired') },
  {
    why: 'not yet',
    headers: bearer({ ...person, nbf: later + 3600 }),
    ...invalid('PGRST303', 'JWT not yet valid'),
  },
  {
    why: 'two parts',
    headers: { Authorization: 'Bearer a.b' },
    ...invalid('PGRST301', 'Expected 3 parts in JWT; got 2'),
  },
  {
    why: 'another signature',
    headers: { Authorization: `Bearer ${signToken(person).slice(0, -6)}AAAAAA` },
    ...invalid(
      'PGRST301',
      'No suitable key or wrong key type',
      'None of the keys was able to decode the JWT',
    ),
  },
  {
    why: 'no token behind Bearer',
    headers: { Authorization: 'Bearer' },
    ...invalid('PGRST301', 'Empty JWT is sent in Authorization header'),
  },
  {
    why: 'an end that is no number',
    headers: bearer({ ...person, exp: 'never' }),
    ...invalid('PGRST303', "The JWT 'exp' claim must be a number"),
  },
  {
    why: 'made in the future',
    headers: bearer({ ...person, iat: later }),
    ...invalid('PGRST303', 'JWT issued at future'),
  },
  {
    why: 'a role that there is not',
    headers: bearer({ ...person, role: 'nobody' }),
    status: 401,
    json: refusal('22023', 'role "nobody" does not exist'),
    gives: { 'www-authenticate': 'Bearer' },
  },
  {
    why: 'rules that say no to a person',
    ask: 'POST hidden',
    headers: bearer(person),
    body: { id: 2 },
    status: 403,
    json: refusal('42501', 'new row violates row-level security policy for table "hidden"'),
    gives: { 'www-authenticate': null },
  },
  {
    why: 'the service may',
    ask: 'POST hidden',
    headers: { apikey: serviceKey, Prefer: 'tx=rollback' },
    body: { id: 2 },
    status: 201,
  },
].map((row) => ({ ask: 'GET films', ...row }))

const methods = [
  {
    why: 'PATCH of a function',
    ask: 'PATCH rpc/titles',
    body: {},
    status: 405,
    json: refusal('PGRST101', 'Cannot use the PATCH method on RPC'),
  },
  {
    why: 'DELETE of a function',
    ask: 'DELETE rpc/titles',
    status: 405,
    json: refusal('PGRST101', 'Cannot use the DELETE method on RPC'),
  },
  {
    why: 'POST to the root',
    ask: 'POST ',
    body: {},
    status: 405,
    json: refusal('PGRST117', 'Unsupported HTTP method: POST'),
  },
]

for (const [name, rows] of Object.entries({ grammar, unknown, values, bodies, tokens, methods })) {
  for (const row of rows) test(`${name}: ${row.why}`, () => checkExchange(held.server, row))
}
