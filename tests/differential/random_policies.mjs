/// Random row level security: tables, rows, policies and the people who ask.

export const people = [
  { role: 'anon' },
  { role: 'authenticated', sub: '11111111-1111-4111-8111-111111111111', email: 'ann@x' },
  { role: 'authenticated', sub: '22222222-2222-4222-8222-222222222222', email: 'bob@x' },
  { role: 'service_role' },
]
const subs = people.flatMap(({ sub }) => (sub ? [sub] : []))

export const policyTypes = {
  id: { sql: 'integer' },
  owner: { sql: 'uuid' },
  team: { sql: 'integer' },
  title: { sql: 'text' },
  shown: { sql: 'boolean' },
  stars: { sql: 'integer' },
}

const conditions = [
  'true',
  'false',
  'owner = auth.uid()',
  'owner = (select auth.uid())',
  'auth.uid() is not null',
  "auth.role() = 'authenticated'",
  'shown',
  'not shown',
  'stars > 2',
  'stars between 1 and 3',
  "title like 'a%'",
  "title <> (auth.jwt() ->> 'email')",
  "coalesce(auth.jwt() ->> 'email', '') like 'ann%'",
  'team in (select m.team from members m where m.person = auth.uid())',
  'exists (select 1 from members m where m.team = TABLE.team and m.person = auth.uid())',
  'exists (select 1 from members m where m.team = TABLE.team and m.person = auth.uid() and m.leads)',
  'owner is null',
]

function condition(random, table, depth = 2) {
  if (depth === 0 || random.chance(0.5)) return random.of(conditions).replaceAll('TABLE', table)
  const left = condition(random, table, depth - 1)
  if (random.chance(0.2)) return `not (${left})`
  return `(${left}) ${random.of(['and', 'or'])} (${condition(random, table, depth - 1)})`
}

function policy(random, table, number) {
  const command = random.of(['all', 'select', 'select', 'insert', 'update', 'delete'])
  const kind = random.chance(0.8) ? '' : ' as restrictive'
  const roles = random.of(['', '', ' to authenticated', ' to anon', ' to anon, authenticated'])
  const parts = [`create policy p${number} on ${table}${kind} for ${command}${roles}`]
  const canUse = command !== 'insert'
  const canCheck = !['select', 'delete'].includes(command)
  const checks = canCheck && (!canUse || random.chance(0.5))
  if (canUse) parts.push(`using (${condition(random, table)})`)
  if (checks) parts.push(`with check (${condition(random, table)})`)
  return `${parts.join(' ')};`
}

const rowOf = (random, id) => ({
  id,
  owner: random.chance(0.2) ? null : random.of(subs),
  team: 1 + random.below(3),
  title: random.of(['apple', 'bread', 'ann@x', 'bob@x', 'avocado']),
  shown: random.chance(0.5),
  stars: random.below(5),
})

const sqlValue = (value) => (typeof value === 'string' ? `'${value}'` : `${value}`)

export const policyTables = ['posts', 'notes', 'files']

/** Three tables with rows and up to five policies each, and who is a member of what. */
export function policyMigration(random) {
  const parts = [
    'create table members (team integer, person uuid, leads boolean not null, primary key (team, person));',
  ]
  for (const table of policyTables) {
    const columns = Object.entries(policyTypes).map(([name, { sql }]) => `${name} ${sql}`)
    parts.push(
      `create table ${table} (${columns.join(', ').replace('id integer', 'id integer primary key')});`,
    )
    const rows = Array.from({ length: 12 }, (_, index) => rowOf(random, index + 1))
    parts.push(
      `insert into ${table} values ${rows.map((row) => `(${Object.values(row).map(sqlValue).join(', ')})`).join(', ')};`,
    )
    parts.push(`alter table ${table} enable row level security;`)
    let number = 0
    parts.push(...random.several(1, 5, () => policy(random, table, ++number)))
  }
  const members = [1, 2, 3].flatMap((team) => random.some(subs, 0.6).map((sub) => [team, sub]))
  for (const [team, sub] of members)
    parts.push(`insert into members values (${team}, '${sub}', ${random.chance(0.5)});`)
  if (random.chance(0.5)) {
    parts.push('alter table members enable row level security;')
    parts.push('create policy own on members for select using (person = auth.uid());')
  }
  return parts.join('\n')
}

/** A read or a write of one of the tables. */
export function policyRequest(random) {
  const table = random.of(policyTables)
  const dice = random.next()
  const where = random.chance(0.8)
    ? [{ column: 'id', operator: 'lte', value: `${random.below(14)}` }]
    : [{ column: 'stars', operator: 'gt', value: '1' }]
  if (dice < 0.4) return { table, select: [], order: [{ column: 'id' }] }
  const minimal = random.chance(0.4)
  if (dice < 0.6)
    return { method: 'POST', table, body: rowOf(random, 13 + random.below(40)), minimal }
  if (dice < 0.68) {
    const upsert = {
      resolution: random.of(['merge-duplicates', 'ignore-duplicates']),
      conflict: ['id'],
    }
    return { method: 'POST', table, body: rowOf(random, 1 + random.below(30)), minimal, ...upsert }
  }
  if (dice > 0.9) return { method: 'DELETE', table, where, minimal }
  const { id, ...row } = rowOf(random, 0)
  const body = Object.fromEntries(random.some(Object.entries(row), 0.4).concat([['stars', id]]))
  return { method: 'PATCH', table, where, body, minimal }
}
