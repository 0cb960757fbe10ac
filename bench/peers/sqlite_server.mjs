/// The peer of durable creates: Node's http and SQLite, a transaction a request, with the durability of
/// the server (WAL, synchronous=FULL).  node sqlite_server.mjs FILE; prints "sqlite_server ready at PORT".

import { createServer } from 'node:http'
import { randomUUID } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'

const database = new DatabaseSync(process.argv[2])
database.exec('PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL')
database.exec(
  'CREATE TABLE events (id TEXT NOT NULL PRIMARY KEY, kind TEXT, payload TEXT, created_at INTEGER)',
)
const insert = database.prepare('INSERT INTO events VALUES (?, ?, ?, ?)')

const server = createServer((request, response) => {
  let body = ''
  request.setEncoding('utf8')
  request.on('data', (text) => {
    body += text
  })
  request.on('end', () => {
    const row = JSON.parse(body)
    insert.run(randomUUID(), row.kind, row.payload, Date.now())
    response.writeHead(201, { 'content-length': 0 })
    response.end()
  })
})

server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => {
  console.log(`sqlite_server ready at ${server.address().port}`)
})
