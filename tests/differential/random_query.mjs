/// Random reads of a table whose columns and types are known.

const jsonKeys = ['a', 'b', 'kind', 'n', 'c', 'key with blank', 0, 1, -1, 'missing']
const quantified = ['eq', 'gt', 'gte', 'lt', 'lte', 'like', 'ilike', 'match', 'imatch']
const likePatterns = ['%a%', 'a%', '%', '_', '*p*', '%\\%%', '', '%B%', 'Ä%', '%"%', '%,%', 'x\\_y']
const regularExpressions = ['^a', 'p+', '[[:digit:]]', '.', '^$', '(a|b)', 'a.*e$', '\\.', '^.{2}$']
const arrayItem = (text) => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`

export class RandomQueries {
  #random
  #table
  #types

  constructor(random, table, types) {
    this.#random = random
    this.#table = table
    this.#types = types
  }

  /** `wrong` is the chance of a value that the column's type refuses, for each condition. */
  read({ wrong = 0.02 } = {}) {
    const random = this.#random
    const select = random.chance(0.3) ? [] : this.#items()
    // Whether a cast fails on a row beyond the limit is the planner's choice.
    const canLimit = !select.some(({ cast }) => cast)
    return {
      table: this.#table,
      select,
      where: random.several(0, 3, () => this.#condition(2, wrong)),
      order: [...random.several(0, 2, () => this.#term()), { column: 'id' }],
      limit: canLimit && random.chance(0.3) ? random.below(12) : undefined,
      offset: canLimit && random.chance(0.2) ? random.below(6) : undefined,
    }
  }

  #column = () => this.#random.of(Object.keys(this.#types))

  #items() {
    const names = new Set(['id'])
    const items = this.#random
      .several(1, 5, () => this.#item())
      .filter((item) => {
        const name = item.alias ?? item.column
        return !names.has(name) && names.add(name)
      })
    return [{ column: 'id' }, ...items]
  }

  #item() {
    const random = this.#random
    const column = this.#column()
    const type = this.#types[column]
    const item = { column }
    const isJson = /^jsonb?$/.test(type.sql)
    // A path of several steps is named by a key that another item may have too, so it gets an alias.
    if (isJson && random.chance(0.7)) item.path = this.#path(type)
    else if (type.casts && random.chance(0.2)) item.cast = random.of(type.casts)
    if (item.path || random.chance(0.2)) item.alias = `x${random.below(1000)}`
    return item
  }

  #path({ sql }) {
    const random = this.#random
    // A number after a scalar: sql-expressions.md says how json differs.
    const keys = sql === 'json' ? jsonKeys.filter((key) => typeof key === 'string') : jsonKeys
    const steps = random.several(1, 2, () => ({ arrow: '->', key: random.of(keys) }))
    if (random.chance(0.6)) steps.at(-1).arrow = '->>'
    return steps
  }

  #condition(depth, wrong) {
    const random = this.#random
    if (depth > 0 && random.chance(0.25)) {
      const children = random.several(1, 3, () => this.#condition(depth - 1, wrong))
      return { [random.chance(0.5) ? 'any' : 'all']: children, negated: random.chance(0.2) }
    }
    const column = this.#column()
    const type = this.#types[column]
    if (random.chance(0.08))
      return {
        column,
        operator: 'is',
        value: random.of(['null', 'not_null']),
        negated: random.chance(0.3),
      }
    if (/^jsonb?$/.test(type.sql) && random.chance(0.6)) return this.#jsonCondition(column)
    return this.#plainCondition(column, type, wrong)
  }

  #jsonCondition(column) {
    const random = this.#random
    const path = this.#path(this.#types[column])
    const isText = path.at(-1).arrow === '->>'
    const condition = { column, path, negated: random.chance(0.2) }
    if (random.chance(0.15)) return { ...condition, operator: 'is', value: 'null' }
    if (!isText && /^json$/.test(this.#types[column].sql))
      return { ...condition, operator: 'is', value: 'null' }
    if (!isText)
      return {
        ...condition,
        operator: 'eq',
        value: random.of(['1', '"x"', 'null', '{}', '[1,2]', '12', '"10"']),
      }
    const operator = random.of(['eq', 'neq', 'gt', 'lt', 'like', 'ilike', 'isdistinct', 'in'])
    const texts = ['1', 'x', '10', '12', 'fruit', '9', '%u%', '{"c": 1}', 'deep', '[1, 2]']
    return {
      ...condition,
      operator,
      value: operator === 'in' ? random.several(1, 3, () => random.of(texts)) : random.of(texts),
    }
  }

  #plainCondition(column, type, wrong) {
    const random = this.#random
    if (type.operators.length === 0)
      return { column, operator: 'is', value: 'null', negated: random.chance(0.5) }
    const operator = random.of(type.operators)
    const condition = { column, operator, negated: random.chance(0.2) }
    const value = () => this.#value(type, operator, wrong)
    if (operator === 'is')
      return { ...condition, value: random.of(['true', 'false', 'unknown', 'null', 'not_null']) }
    if (operator === 'in') return { ...condition, value: random.several(0, 4, value) }
    const canQuantify = quantified.includes(operator) && !type.sql.endsWith('[]')
    if (canQuantify && random.chance(0.15)) {
      const list = random.several(1, 3, value).map(arrayItem)
      return { ...condition, quantifier: random.of(['any', 'all']), value: `{${list.join(',')}}` }
    }
    return { ...condition, value: value() }
  }

  #value(type, operator, wrong) {
    const random = this.#random
    if (/like$/.test(operator)) return random.of(likePatterns)
    if (/match$/.test(operator)) return random.of(regularExpressions)
    if (type.wrong.length && random.chance(wrong)) return random.of(type.wrong)
    return random.of(random.chance(0.2) && type.asked ? type.asked : type.values)
  }

  #term() {
    const random = this.#random
    const sortable = Object.keys(this.#types).filter((name) => this.#types[name].sql !== 'json')
    const nulls = random.of([undefined, undefined, 'first', 'last'])
    const descending = random.chance(0.4)
    if (random.chance(0.15))
      return {
        column: 'a_jsonb',
        path: [{ arrow: '->>', key: random.of(['a', 'n', 'kind']) }],
        descending,
        nulls,
      }
    return { column: random.of(sortable), descending, nulls }
  }
}
