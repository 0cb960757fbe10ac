/// A column of each type: values that PostgreSQL takes, values that are only asked for, texts that
/// it refuses, operators it has.

const equality = ['eq', 'neq', 'isdistinct', 'in']
const ordering = [...equality, 'gt', 'gte', 'lt', 'lte']
const patterns = [...ordering, 'like', 'ilike', 'match', 'imatch']
const containment = ['eq', 'neq', 'isdistinct', 'cs', 'cd', 'ov']

const words = [
  '',
  'a',
  'A',
  'apple',
  'Äpfel',
  'äpfel',
  'b c',
  '50% off',
  'x_y',
  "it's",
  'quote "q"',
  'comma,dot.(p)',
  'back\\slash',
  '  pad ',
  '日本',
  '😀',
  'null',
  'true',
  '{a}',
  '%',
  '*',
  'line\nbreak',
  'ß',
  'Zebra',
]

const integersOf = (bits) => {
  const most = 2n ** BigInt(bits - 1)
  return ['0', '1', '-1', '7', '42', '-300', `${most - 1n}`, `-${most}`]
}
const integers = (sql, bits) => ({
  sql,
  values: integersOf(bits),
  wrong: ['', 'x', '1.5', `${2n ** BigInt(bits - 1)}`, '1e2'],
  operators: ordering,
})

const uuids = [
  '00000000-0000-0000-0000-000000000000',
  '550e8400-e29b-41d4-a716-446655440000',
  '550E8400-E29B-41D4-A716-446655440001',
  '{f47ac10b58cc4372a5670e02b2c3d479}',
]

/** Each type as `{ sql, values, asked, wrong, operators, casts }`; the column is called like the key. */
export const sampleTypes = {
  a_bool: {
    sql: 'boolean',
    values: ['true', 'false', 't', 'no', 'on', '0'],
    wrong: ['', 'maybe', '2'],
    operators: [...ordering, 'is'],
    casts: ['text', 'integer'],
  },
  an_int2: { ...integers('smallint', 16), casts: ['text', 'bigint', 'numeric', 'float8'] },
  an_int4: { ...integers('integer', 32), casts: ['text', 'int8', 'numeric', 'boolean'] },
  an_int8: { ...integers('bigint', 64), casts: ['text', 'int2', 'numeric', 'int4'] },
  a_float4: {
    sql: 'real',
    values: ['0', '0.1', '-1.5', '1e10', '3.4028235e38', 'Infinity', '16777217', '1e-10'],
    wrong: ['', 'x', '1e50'],
    operators: ordering,
    casts: ['text', 'float8'],
  },
  a_float8: {
    sql: 'double precision',
    values: [
      '0',
      '0.1',
      '-2.5',
      '1e300',
      '1e-300',
      '-Infinity',
      '123456789012345680',
      '1e15',
      '1e16',
    ],
    wrong: ['', 'x', '1e400'],
    operators: ordering,
    casts: ['text', 'integer', 'real'],
  },
  a_numeric: {
    sql: 'numeric',
    values: [
      '0',
      '0.10',
      '1.5',
      '1.50',
      '-12.345',
      '123456789012345678901234567890.123456789',
      '1e5',
      'NaN',
    ],
    wrong: ['', 'x', '1.2.3'],
    operators: ordering,
    casts: ['text', 'integer', 'float8'],
  },
  a_money: {
    sql: 'numeric(10,2)',
    values: ['0', '0.1', '99.995', '-3', '12345678.91', '1e3'],
    asked: ['99.995', '1e20', 'NaN', '-2.999'],
    wrong: ['', 'abc'],
    operators: ordering,
    casts: ['text', 'bigint'],
  },
  a_text: {
    sql: 'text',
    values: words,
    wrong: [],
    operators: patterns,
    casts: ['varchar', 'text'],
  },
  a_varchar: {
    sql: 'varchar(20)',
    values: words,
    asked: [...words, 'longer than twenty characters'],
    wrong: [],
    operators: patterns,
    casts: ['text'],
  },
  a_char: {
    sql: 'char(4)',
    values: ['', 'a', 'ab', 'abcd', 'A', ' x', 'Zz'],
    asked: ['', 'a', 'a  ', 'abcd   ', 'Zz'],
    wrong: [],
    operators: ordering,
    casts: ['text'],
  },
  a_uuid: {
    sql: 'uuid',
    values: uuids,
    wrong: ['', 'x', '550e8400-e29b-41d4-a716-44665544000'],
    operators: ordering,
    casts: ['text'],
  },
  a_date: {
    sql: 'date',
    values: ['2026-08-21', '1969-12-31', '2000-02-29', '0001-01-01', '9999-12-31', '20260821'],
    wrong: ['', 'x', '2026-02-30', '2026-13-01'],
    operators: ordering,
    casts: ['text', 'timestamp'],
  },
  a_time: {
    sql: 'time',
    values: ['00:00', '10:11:12.345', '23:59:59.999999', '24:00:00', '7:05'],
    wrong: ['', 'x', '25:00'],
    operators: ordering,
    casts: ['text'],
  },
  a_timestamp: {
    sql: 'timestamp',
    values: [
      '2026-08-21 10:11:12',
      '2026-08-21T10:11:12.345',
      '1969-12-31 23:59:59.999999',
      '2000-01-01',
    ],
    wrong: ['', 'x', '2026-02-30 00:00'],
    operators: ordering,
    casts: ['text', 'date', 'time'],
  },
  a_timestamptz: {
    sql: 'timestamptz',
    values: [
      '2026-08-21 10:11:12+00',
      '2026-08-21T10:11:12.345+02:00',
      '1969-12-31 23:59:59.999999Z',
      '2026-08-21 12:11:12-05:30',
      '2000-01-01',
    ],
    wrong: ['', 'x', '2026-08-21 10:11:12+99'],
    operators: ordering,
    casts: ['text', 'date'],
  },
  an_interval: {
    sql: 'interval',
    values: ['1 day', '02:00:00', '90 minutes', '-1 hour', '1 day 02:03:04.5'],
    wrong: ['', 'x'],
    operators: ordering,
    casts: ['text'],
  },
  a_jsonb: {
    sql: 'jsonb',
    values: [
      '{}',
      '[]',
      'null',
      '1',
      '1.50',
      '"text"',
      'true',
      '{"b": 1, "a": {"c": [1, 2, {"d": "deep"}]}}',
      '{"a": null, "b": "x", "kind": "fruit"}',
      '[1, "two", null, [3]]',
      '{"kind": "cloth", "n": 12, "aa": 1}',
      '{"a": "10", "n": 9, "b": [1, 2]}',
      '{"key with blank": 1, "ü": "ö"}',
    ],
    wrong: ['', '{', '{a: 1}', "{'a':1}"],
    operators: ['eq', 'neq', 'isdistinct', 'cs', 'cd'],
    casts: ['text'],
  },
  a_json: {
    sql: 'json',
    values: ['{}', '{"b":  1, "a": 2}', '[1,2]', '{"a": {"c": 1}, "kind": "fruit"}'],
    wrong: [],
    operators: [],
    casts: ['text'],
  },
  some_bytes: {
    sql: 'bytea',
    values: ['\\x', '\\x00ff', '\\xDEADBEEF', '\\x61'],
    wrong: ['\\xzz', '\\x1'],
    operators: ordering,
    casts: ['text'],
  },
  a_mood: {
    sql: 'mood',
    values: ['sad', 'ok', 'happy'],
    wrong: ['', 'Sad', 'x'],
    operators: ordering,
    casts: ['text'],
  },
  some_texts: {
    sql: 'text[]',
    values: ['{}', '{a,b}', '{"a,b","c\\"d"}', '{NULL,x}', '{b,a}', '{"",null}', '{"null"}', '{a}'],
    wrong: ['', 'a', '{a', '{"a}'],
    operators: containment,
    casts: ['text'],
  },
  some_ints: {
    sql: 'integer[]',
    values: ['{}', '{1,2}', '{3,NULL}', '{2,1}', '{1}', '{-5,7,7}'],
    wrong: ['{x}', '1', '{1.5}'],
    operators: containment,
    casts: ['text'],
  },
}

export const sampleMood = "create type mood as enum ('sad', 'ok', 'happy');"

const quoted = (text) => (text === null ? 'null' : `'${text.replaceAll("'", "''")}'`)

/** The table `samples` with `count` rows of which every value was chosen by `random`. */
export function sampleMigration(random, count) {
  const columns = Object.entries(sampleTypes)
  const lines = columns.map(([name, { sql }]) => `  ${name} ${sql}`)
  const rows = Array.from({ length: count }, (_, index) => {
    const values = columns.map(([, { values }]) => (random.chance(0.15) ? null : random.of(values)))
    return `  (${[`${index + 1}`, ...values.map(quoted)].join(', ')})`
  })
  return [
    sampleMood,
    `create table samples (\n  id integer primary key,\n${lines.join(',\n')}\n);`,
    `insert into samples values\n${rows.join(',\n')};`,
  ].join('\n\n')
}
