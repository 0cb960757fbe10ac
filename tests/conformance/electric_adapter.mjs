/// Gives the shapes that `@electric-sql/client` asks for, made of nothing but our feed.

import { createServer } from 'node:http'
import { serviceKey } from './clients.mjs'
import { readFeed } from './feed.mjs'

const textOf = (value) => {
  if (value === null || typeof value === 'string') return value
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
const textsOf = (record) =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, textOf(value)]))

class Shapes {
  #generation = 0
  requests = []

  constructor(server, types) {
    this.server = server
    this.types = types
  }

  /** A handle names one reading of the rows: another one is given whenever they have to be read again. */
  handleOf(position) {
    return `${position.split('-')[0]}-${this.#generation}`
  }

  async answer(url) {
    const parameters = url.searchParams
    const table = parameters.get('table')
    const offset = parameters.get('offset')
    this.requests.push(offset)
    if (offset === '-1') return this.rows(table)
    const [sequence] = offset.split('_')
    const epoch = parameters.get('handle').split('-')[0]
    const feed = await readFeed(this.server, serviceKey, {
      tables: table,
      since: `${epoch}-${sequence}`,
      wait: parameters.get('live') === 'true' ? '2' : '0',
    })
    if (feed.status === 410) return this.refetch(feed)
    const messages = feed.commits.flatMap(({ changes }) =>
      changes.map((change) => this.message(table, change)),
    )
    return this.page(feed, messages)
  }

  async rows(table) {
    const feed = await readFeed(this.server, serviceKey, { tables: table, snapshot: 'true' })
    const messages = feed.rows[`public.${table}`].map((record) =>
      this.message(table, { type: 'INSERT', record }),
    )
    return this.page({ ...feed, more: false }, messages)
  }

  message(table, { type, record, old_record }) {
    const key = record ?? old_record
    return {
      key: `"public"."${table}"/"${key.id}"`,
      value: textsOf(key),
      headers: { operation: type.toLowerCase(), relation: ['public', table] },
    }
  }

  page({ position, more }, messages) {
    const upToDate = { headers: { control: 'up-to-date' } }
    return {
      status: 200,
      headers: {
        'electric-handle': this.handleOf(position),
        'electric-offset': `${position.split('-')[1]}_0`,
        'electric-schema': JSON.stringify(this.types),
        'electric-cursor': String(Date.now()),
        ...(more ? {} : { 'electric-up-to-date': '' }),
      },
      body: more ? messages : [...messages, upToDate],
    }
  }

  refetch({ position }) {
    this.#generation += 1
    return {
      status: 409,
      headers: { 'electric-handle': this.handleOf(position) },
      body: [{ headers: { control: 'must-refetch' } }],
    }
  }
}

/** Serves shapes of `server` until test `t` ends; `types` of the columns as Electric's schema has them. */
export async function serveShapes(t, server, types) {
  const shapes = new Shapes(server, types)
  const http = createServer(async (request, response) => {
    const { status, headers, body } = await shapes.answer(new URL(request.url, 'http://local'))
    response.writeHead(status, {
      'content-type': 'application/json',
      'cache-control': 'no-store',
      ...headers,
    })
    response.end(JSON.stringify(body))
  })
  await new Promise((resolve) => http.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    http.closeAllConnections()
    http.close()
  })
  shapes.url = `http://127.0.0.1:${http.address().port}/v1/shape`
  return shapes
}
