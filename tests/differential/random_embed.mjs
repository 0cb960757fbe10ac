/// Tables with relations of every kind, rows for them, and random reads along these relations.

const columns = (sqls) =>
  Object.fromEntries(Object.entries(sqls).map(([name, sql]) => [name, { sql }]))

/// The columns of each table that reads use.
export const embedTypes = {
  clients: columns({ id: 'integer', name: 'text', score: 'integer', rate: 'numeric' }),
  projects: columns({ id: 'integer', name: 'text', client_id: 'integer', budget: 'bigint' }),
  people: columns({ id: 'integer', name: 'text', score: 'integer' }),
  tasks: columns({
    id: 'integer',
    title: 'text',
    hours: 'integer',
    cost: 'numeric',
    found: 'tsvector',
  }),
  details: columns({ id: 'integer', note: 'text' }),
}

const schema = `
create table clients (id integer primary key, name text, score integer, rate numeric(6,2));
create table people (id integer primary key, name text, score integer);
create table projects (
  id integer primary key, name text, client_id integer references clients (id),
  lead_id integer references people (id), budget bigint
);
create table tasks (
  id integer primary key, title text, project_id integer references projects (id), hours integer,
  cost numeric, found tsvector generated always as (to_tsvector('english', coalesce(title, ''))) stored
);
create table details (id integer primary key references projects (id), note text);
create table tasks_people (
  task_id integer references tasks (id), person_id integer references people (id),
  primary key (task_id, person_id)
);`

const byTask = { junction: 'tasks_people', toNear: 'task_id', toFar: 'person_id' }
const byPerson = { junction: 'tasks_people', toNear: 'person_id', toFar: 'task_id' }
const one = (table, near, far = 'id') => ({ table, kind: 'one', via: { near, far } })
const many = (table, far) => ({ table, kind: 'many', via: { near: 'id', far } })

const relations = {
  clients: [many('projects', 'client_id')],
  projects: [
    one('clients', 'client_id'),
    one('people', 'lead_id'),
    many('tasks', 'project_id'),
    one('details', 'id'),
  ],
  people: [many('projects', 'lead_id'), { table: 'tasks', kind: 'many', via: byPerson }],
  tasks: [one('projects', 'project_id'), { table: 'people', kind: 'many', via: byTask }],
  details: [one('projects', 'id')],
}

const names = ['ann', 'Bob', 'cid', 'Ä', 'x, y', '']
const words = 'cat cats The fat running runs ran e-mail foo@bar.com 42 3.14 quickly dog and'.split(
  ' ',
)
const asked = [...words, 'catalogue', 'run', 'of']

export class RandomEmbeds {
  #random

  constructor(random) {
    this.#random = random
  }

  migration() {
    const random = this.#random
    const maybe = (make, none = 0.15) => (random.chance(none) ? 'null' : make())
    const text = (value) => `'${value.replaceAll("'", "''")}'`
    const name = () => maybe(() => text(random.of(names)))
    const number = () => maybe(() => `${random.below(9) - 2}`)
    const cost = () => maybe(() => random.of(['1.50', '0.1', '-2', '12345678901234567890.5']))
    const title = () => maybe(() => text(random.several(0, 7, () => random.of(words)).join(' ')))
    const ref = (count) => maybe(() => `${1 + random.below(count)}`)
    const fill = (table, count, row) => {
      const rows = Array.from({ length: count }, (_, i) => `(${[i + 1, ...row()].join(', ')})`)
      return `insert into ${table} values ${rows.join(', ')};`
    }
    const pairs = random.several(30, 30, () => [1 + random.below(25), 1 + random.below(6)])
    const unique = [...new Set(pairs.map((pair) => `(${pair.join(', ')})`))]
    return [
      schema,
      fill('clients', 6, () => [name(), number(), maybe(() => `${random.below(900)}.5`)]),
      fill('people', 6, () => [name(), number()]),
      fill('projects', 12, () => [name(), ref(5), ref(5), number()]),
      fill('tasks', 25, () => [title(), ref(10), number(), cost()]).replace(
        'tasks values',
        'tasks (id, title, project_id, hours, cost) values',
      ),
      fill('details', 7, () => [name()]),
      `insert into tasks_people values ${unique.join(', ')};`,
    ].join('\n')
  }

  read() {
    const random = this.#random
    const table = random.of(Object.keys(relations))
    if (random.chance(0.15))
      return this.#aggregated({ table, children: [], where: this.#where(table) })
    const node = this.#node({ table }, 3)
    this.#askOfChildren(node)
    node.order = [...(node.order ?? []), { column: 'id' }]
    if (random.chance(0.3)) Object.assign(node, { limit: random.below(6), offset: random.below(3) })
    return node
  }

  #shown = (table) => Object.keys(embedTypes[table]).filter((name) => name !== 'found')

  #where(table) {
    return this.#random.several(0, 1, () => this.#condition(table))
  }

  #condition(table) {
    const random = this.#random
    if (table === 'tasks' && random.chance(0.5)) return this.#search()
    const column = random.of(this.#shown(table))
    const negated = random.chance(0.2)
    if (random.chance(0.2)) return { column, operator: 'is', value: 'null', negated }
    const isText = embedTypes[table][column].sql === 'text'
    const operator = random.of(isText ? ['eq', 'neq', 'like'] : ['eq', 'gt', 'lte', 'neq'])
    return { column, operator, value: isText ? random.of(names) : `${random.below(6)}`, negated }
  }

  #search() {
    const random = this.#random
    const operator = random.of(['fts', 'plfts', 'phfts', 'wfts'])
    const some = () => random.several(1, 3, () => random.of(asked)).join(' ')
    const plain = random.chance(0.3) ? `"${some()}" or -${random.of(asked)}` : some()
    return {
      column: random.of(['title', 'found']),
      operator,
      config: random.of([undefined, 'english', 'simple']),
      value: operator === 'fts' ? this.#expression(2) : operator === 'wfts' ? plain : some(),
      negated: random.chance(0.2),
    }
  }

  #expression(depth) {
    const random = this.#random
    const lexemes = ['cat', 'cats', 'run', 'running', 'fat', 'the', 'dog', '42', 'email']
    if (depth === 0 || random.chance(0.3))
      return random.of(lexemes) + (random.chance(0.2) ? ':*' : '')
    if (random.chance(0.2)) return `!(${this.#expression(depth - 1)})`
    const operator = random.of([' & ', ' | ', ' <-> ', ' <2> '])
    const [left, right] = [this.#expression(depth - 1), this.#expression(depth - 1)]
    return `(${left})${operator}(${right})`
  }

  #node(start, depth) {
    const random = this.#random
    const { table } = start
    const children =
      depth === 0 ? [] : random.some(relations[table], 0.5).map((r) => this.#child(r, depth - 1))
    const items = ['id', ...random.some(this.#shown(table).slice(1), 0.5)]
    return { ...start, items, children, where: this.#where(table) }
  }

  #child(relation, depth) {
    const random = this.#random
    const start = { ...relation, inner: random.chance(0.25) }
    if (relation.kind === 'many' && !start.inner && random.chance(0.15))
      return this.#aggregated({ ...start, children: [], where: this.#where(relation.table) })
    if (random.chance(0.1))
      return { ...start, items: [], children: [], where: this.#where(start.table) }
    if (relation.kind === 'one' && random.chance(0.2)) {
      const items = this.#shown(start.table).filter((name) => name === 'note' || name === 'rate')
      if (items.length)
        return { ...start, spread: true, items, children: [], where: this.#where(start.table) }
    }
    if (random.chance(0.3)) start.alias = `${relation.table}_${random.below(100)}`
    const node = this.#node(start, depth)
    this.#askOfChildren(node)
    if (relation.kind === 'many') {
      node.order = [...(node.order ?? []), { column: 'id', descending: random.chance(0.5) }]
      if (random.chance(0.3)) node.limit = random.below(3)
      if (random.chance(0.2)) node.offset = random.below(3)
    }
    return node
  }

  /** Conditions on whether there are related rows, and an order by one of them. */
  #askOfChildren(node) {
    const random = this.#random
    node.children.forEach((child, place) => {
      if (child.inner || child.items.some((item) => typeof item === 'object')) return
      if (random.chance(0.15) && !child.spread)
        node.where.push({ child: place, negated: random.chance(0.5) })
      const bare = child.kind === 'one' && child.children.length === 0 && child.where.length === 0
      if (bare && random.chance(0.3) && node.kind !== 'one')
        node.order = [{ child: place, column: 'id', descending: random.chance(0.5) }]
    })
  }

  #aggregated(node) {
    const random = this.#random
    const numbers = this.#shown(node.table).filter((name) =>
      /int|numeric/.test(embedTypes[node.table][name].sql),
    )
    const plain = random.chance(0.4) ? [this.#shown(node.table)[1]] : []
    const all = [
      { of: '', name: 'count' },
      { of: random.of(numbers), name: 'sum' },
      { of: random.of(numbers), name: 'avg' },
      { of: random.of(this.#shown(node.table)), name: 'min' },
      { of: random.of(this.#shown(node.table)), name: 'max' },
    ]
    const items = random.some(all, 0.5)
    return {
      ...node,
      items: [...plain, ...(items.length ? items : all.slice(0, 1))],
      order: plain.map((column) => ({ column })),
    }
  }
}
