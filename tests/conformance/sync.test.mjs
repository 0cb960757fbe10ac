import assert from 'node:assert/strict'
import { randomInt, randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { administrationOf, newUser, signIn } from './accounts.mjs'
import { asAnybody, asPerson, asService, person, serviceKey, signToken } from './clients.mjs'
import { changesOf, FeedStream, lineOf, poll, readFeed } from './feed.mjs'
import { follow } from './follow.mjs'
import { useServer } from './suite.mjs'

const held = useServer()

const ok = ({ error }) => assert.equal(error, null)
const noteOf = (owner, body, more = {}) => ({ id: randomUUID(), owner_id: owner.id, body, ...more })
const now = async (token) => (await readFeed(held.server, token)).position

test('an answer has the commits after a position, and the position to go on from', async (t) => {
  const service = asService(t, held.server)
  const since = await now()
  const [one, two] = [randomInt(1e9), randomInt(1e9)]
  ok(
    await service.from('products').insert([
      { id: one, name: 'a' },
      { id: two, name: 'b' },
    ]),
  )
  ok(await service.from('products').update({ name: 'c' }).eq('id', one))
  ok(await service.from('products').delete().eq('id', two))
  const first = await readFeed(held.server, undefined, { since, tables: 'products', limit: '1' })
  assert.equal(first.status, 200)
  assert.equal(first.more, true)
  assert.deepEqual(first.commits.length, 1, 'a commit is not cut')
  const [{ position, commit_timestamp, changes }] = first.commits
  assert.equal(position, first.position)
  assert.match(commit_timestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  assert.deepEqual(
    changes.map((change) => lineOf(change)),
    [`INSERT ${one}`, `INSERT ${two}`],
  )
  assert.equal(changes[0].record.name, 'a')
  assert.equal(changes[0].old_record, undefined)

  const rest = await readFeed(held.server, undefined, { since: first.position, tables: 'products' })
  assert.equal(rest.more, false)
  const [update, removal] = changesOf(rest)
  assert.deepEqual(update.old_record, { id: one })
  assert.equal(update.record.name, 'c')
  assert.deepEqual(removal, { ...removal, type: 'DELETE', old_record: { id: two } })
  assert.equal(removal.record, undefined)
  const inside = await readFeed(held.server, undefined, { since: changes[0].position })
  assert.equal(lineOf(changesOf(inside)[0]), `INSERT ${two}`, 'a position may be within a commit')
})

test('tables, filters and selects choose what is told', async (t) => {
  const service = asService(t, held.server)
  const since = await now()
  const id = randomInt(1e9)
  ok(await service.from('products').insert([{ id, name: 'cheap', price: 1 }]))
  ok(await service.from('products').insert([{ id: id + 1, name: 'dear', price: 100 }]))
  ok(await service.from('authors').insert([{ id, email: `${id}@example.org` }]))
  const cases = [
    { parameters: {}, lines: ['cheap', 'dear', `${id}@example.org`] },
    { parameters: { tables: '*' }, lines: ['cheap', 'dear', `${id}@example.org`] },
    { parameters: { tables: 'authors' }, lines: [`${id}@example.org`] },
    { parameters: { tables: 'products', filter: 'price=gt.50' }, lines: ['dear'] },
    {
      parameters: { tables: 'public.products,authors', 'filter.products': 'price=lt.50' },
      lines: ['cheap', `${id}@example.org`],
    },
    { parameters: { tables: 'products', select: 'price' }, lines: [undefined, undefined] },
  ]
  for (const { parameters, lines } of cases) {
    const answer = await readFeed(held.server, undefined, { since, ...parameters })
    const found = changesOf(answer).map(({ record }) => record.name ?? record.email)
    assert.deepEqual(found, lines, JSON.stringify(parameters))
  }
  const narrow = await readFeed(held.server, undefined, {
    since,
    tables: 'products',
    select: 'price',
  })
  assert.deepEqual(Object.keys(changesOf(narrow)[0].record), ['id', 'price'], 'the key always')
})

test('what is not understood is refused with the reason', async () => {
  const cases = [
    [{ since: 'x' }, 400, '22023', /since/],
    [{ limit: '0' }, 400, '22023', /limit.*1 to 10000/],
    [{ wait: '56' }, 400, '22023', /wait.*0 to 55/],
    [{ color: 'red' }, 400, '22023', /color/],
    [{ tables: 'nothing' }, 400, '22023', /no such table/],
    [{ tables: 'notes', filter: 'x=eq.1' }, 400, '22023', /x/],
    [{ tables: 'notes,books', filter: 'id=eq.1' }, 400, '22023', /filter\.TABLE/],
    [{ snapshot: 'true', since: '1-1' }, 400, '22023', /since/],
    [{ apikey: 'wrong' }, 200, undefined, /^$/],
  ]
  for (const [parameters, status, code, message] of cases) {
    const answer = await readFeed(held.server, undefined, parameters)
    assert.equal(answer.status, status, JSON.stringify({ parameters, answer }))
    assert.equal(answer.code, code, JSON.stringify(parameters))
    assert.match(answer.message ?? '', message)
  }
  const unknown = await readFeed(held.server, `${serviceKey}x`)
  assert.equal(unknown.status, 401)
})

test('positions that lead nowhere are answered with 410 and the position of now', async (t) => {
  const position = await now()
  const [epoch, sequence] = position.split('-').map(Number)
  const ofNow = new RegExp(`^${epoch}-`)
  for (const since of [`${epoch + 1}-0`, `${epoch}-${sequence + 1000}`]) {
    const answer = await readFeed(held.server, undefined, { since })
    assert.equal(answer.status, 410)
    assert.equal(answer.code, 'resync')
    assert.match(answer.position, ofNow)
    assert.match(answer.message, /position/)
    const stream = await FeedStream.open(t, held.server, undefined, { since })
    const event = await stream.untilEvent('resync')
    assert.match(event.data.position, ofNow)
    assert.equal(event.id, event.data.position)
  }
})

test('a waiting request is answered by the commit that concerns it, and by no other', async (t) => {
  const [ana, ben] = [person(), person()]
  const service = asService(t, held.server)
  const since = await now(ana.token)
  const begin = performance.now()
  const waiting = readFeed(held.server, ana.token, { since, tables: 'notes', wait: '30' })
  const unseen = noteOf(ben, 'unseen')
  const seen = noteOf(ana, 'seen')
  ok(await service.from('notes').insert(unseen))
  ok(await service.from('notes').insert(seen))
  const answer = await waiting
  assert.deepEqual(
    changesOf(answer).map((change) => lineOf(change)),
    [`INSERT ${seen.id}`],
  )
  assert.ok(performance.now() - begin < 20_000)

  const idle = readFeed(held.server, ana.token, {
    since: answer.position,
    tables: 'notes',
    wait: '1',
  })
  ok(await service.from('notes').insert(noteOf(ben, 'unseen again')))
  const late = await idle
  assert.deepEqual(late.commits, [])
  assert.notEqual(late.position, answer.position, 'the position moves on without a change')
  assert.ok(performance.now() - begin > 900)
})

test('the feed says what a channel says, under every identity', async (t) => {
  const people = [person(), person()]
  const service = asService(t, held.server)
  const readers = [
    { client: asPerson(t, held.server, people[0]), token: people[0].token },
    { client: asPerson(t, held.server, people[1]), token: people[1].token },
    { client: asAnybody(t, held.server), token: undefined },
    { client: service, token: serviceKey },
  ]
  const since = await now()
  for (const reader of readers) reader.followed = await follow(reader.client, [{ table: 'notes' }])
  const notes = []
  const act = async () => {
    const dice = randomInt(4)
    if (notes.length === 0 || dice === 0) {
      const note = noteOf(people[randomInt(2)], 'n', { is_public: randomInt(2) === 1 })
      notes.push(note.id)
      return service.from('notes').insert(note)
    }
    const id = notes[randomInt(notes.length)]
    if (dice === 1) return service.from('notes').delete().eq('id', id)
    const change =
      dice === 2 ? { is_public: randomInt(2) === 1 } : { owner_id: people[randomInt(2)].id }
    return service.from('notes').update(change).eq('id', id)
  }
  for (let i = 0; i < 150; ++i) ok(await act())
  const last = noteOf(people[0], 'last', { is_public: true })
  ok(await service.from('notes').insert(last))
  for (const { followed, token } of readers) {
    const lines = await followed.until(`INSERT ${last.id}`)
    const limit = String(1 + randomInt(20))
    const changes = await poll(held.server, token, { since, tables: 'notes', limit }, (change) =>
      lineOf(change).endsWith(last.id),
    )
    assert.deepEqual(
      changes.map((change) => lineOf(change)),
      lines,
    )
  }
})

test('whoever is let in or shut out while he waits has to read again, others do not', async (t) => {
  const [ana, ben] = [person(), person()]
  const service = asService(t, held.server)
  const team = randomInt(1e9)
  ok(await service.from('memberships').insert({ team_id: team, user_id: ana.id }))
  const streams = await Promise.all(
    [ana, ben].map(({ token }) => FeedStream.open(t, held.server, token, { tables: 'documents' })),
  )
  const [anas, bens] = streams
  const document = (id) => ({ id, team_id: team, title: 'x' })
  const id = randomInt(1e9)
  ok(await service.from('documents').insert(document(id)))
  await anas.until(() => anas.changes.length === 1)
  ok(await service.from('memberships').insert({ team_id: team, user_id: ben.id }))
  const resync = await bens.untilEvent('resync')
  assert.match(resync.data.message, /changed/)
  ok(await service.from('documents').insert(document(id + 1)))
  await bens.until(() => bens.changes.length === 1)
  ok(await service.from('memberships').delete().match({ team_id: team, user_id: ben.id }))
  await bens.until(() => bens.events.filter(({ event }) => event === 'resync').length === 2)
  ok(await service.from('documents').insert(document(id + 2)))
  await anas.until(() => anas.changes.length === 3)
  assert.equal(
    anas.events.some(({ event }) => event === 'resync'),
    false,
    'nothing changed for her',
  )
  assert.deepEqual(
    bens.changes.map((change) => change.record.id),
    [id + 1],
  )
})

test('who polls has to read again only when he was let in or shut out himself', async (t) => {
  const [ana, ben] = [person(), person()]
  const service = asService(t, held.server)
  const team = randomInt(1e9)
  ok(await service.from('memberships').insert({ team_id: team, user_id: ana.id }))
  const since = await now()
  ok(await service.from('memberships').insert({ team_id: team, user_id: ben.id }))
  ok(await service.from('documents').insert({ id: team, team_id: team, title: 'x' }))
  const read = ({ token }, tables) => readFeed(held.server, token, { since, tables })
  assert.deepEqual(
    changesOf(await read(ana, 'documents')).map((change) => lineOf(change)),
    [`INSERT ${team}`],
  )
  const refused = await read(ben, 'documents')
  assert.equal(refused.status, 410)
  assert.match(refused.message, /changed/)
  assert.equal((await read(ben, 'notes')).status, 200, 'these rules read no membership')
})

test('rows and then changes: together they are the table', async (t) => {
  const service = asService(t, held.server)
  const writer = asService(t, held.server)
  const base = 1 + randomInt(1e9)
  const rows = Array.from({ length: 5000 }, (_, i) => ({ id: base + i, name: `p${i}`, stock: 0 }))
  for (let i = 0; i < rows.length; i += 1000)
    ok(await service.from('products').insert(rows.slice(i, i + 1000)))

  let writing = true
  const writes = (async () => {
    while (writing) {
      const id = base + randomInt(5000)
      const dice = randomInt(3)
      if (dice === 0) ok(await writer.from('products').delete().eq('id', id))
      else ok(await writer.from('products').upsert({ id, name: 'again', stock: randomInt(100) }))
    }
  })()
  const stream = await FeedStream.open(t, held.server, undefined, {
    tables: 'products',
    filter: `id=gte.${base},id=lt.${base + 5000}`,
    snapshot: 'true',
  })
  await stream.untilEvent('snapshot')
  writing = false
  await writes
  const end = { id: base + 4999, name: 'the end' }
  ok(await service.from('products').upsert(end))
  await stream.until(() => stream.changes.some(({ record }) => record?.name === 'the end'))
  const table = new Map()
  for (const { event, data } of stream.events) {
    if (event === 'rows') for (const row of data.rows) table.set(row.id, row)
    if (event !== 'commit') continue
    for (const { type, record, old_record } of data.changes) {
      if (type !== 'INSERT') table.delete(old_record.id)
      if (type !== 'DELETE') table.set(record.id, record)
    }
  }
  const { rows: answer, position } = await readFeed(held.server, undefined, {
    tables: 'products',
    filter: `id=gte.${base},id=lt.${base + 5000}`,
    snapshot: 'true',
  })
  assert.match(position, /^\d+-\d+$/)
  const byId = (list) => [...list].sort((left, right) => left.id - right.id)
  assert.deepEqual(byId(table.values()), byId(answer['public.products']))
  assert.ok(stream.events.filter(({ event }) => event === 'rows').length > 1, 'pages')
  assert.equal(stream.events.find(({ event }) => event === 'rows').id, undefined)
})

test('a stream goes on where the last event was', async (t) => {
  const [ana, ben] = [person(), person()]
  const service = asService(t, held.server)
  const stream = await FeedStream.open(t, held.server, ana.token, { tables: 'notes' })
  assert.equal(stream.type, 'text/event-stream')
  const notes = Array.from({ length: 4 }, (_, i) => noteOf(i === 2 ? ben : ana, `n${i}`))
  ok(await service.from('notes').insert(notes[0]))
  await stream.until(() => stream.changes.length === 1)
  stream.close()
  for (const note of notes.slice(1)) ok(await service.from('notes').insert(note))
  const again = await FeedStream.open(
    t,
    held.server,
    ana.token,
    { tables: 'notes' },
    stream.lastEventId,
  )
  await again.until(() => again.changes.length === 2)
  const ids = [...stream.changes, ...again.changes].map(({ record }) => record.id)
  assert.deepEqual(ids, [notes[0].id, notes[1].id, notes[3].id])
})

test('a token that expires ends the stream with the reason', async (t) => {
  const exp = Math.floor(Date.now() / 1000) + 2
  const { token } = person(randomUUID(), { exp })
  const stream = await FeedStream.open(t, held.server, token, { tables: 'notes' })
  const event = await stream.untilEvent('error')
  assert.equal(event.data.code, 'PGRST303')
  await stream.until(() => stream.ended)
  const late = await readFeed(
    held.server,
    signToken({ role: 'authenticated', sub: 'x', exp: 1000 }),
  )
  assert.equal(late.status, 401)
})

test('a read says of which position it is, and nothing is missed or told twice after it', async (t) => {
  const service = asService(t, held.server)
  const name = `marked ${randomUUID()}`
  const read = (prefer) =>
    fetch(`${held.server.url}/rest/v1/products?name=eq.${name}`, {
      headers: { apikey: serviceKey, ...(prefer ? { prefer } : {}) },
    })
  assert.equal((await read()).headers.get('dunlin-position'), null)
  const ids = Array.from({ length: 40 }, () => randomInt(1e9))
  const writing = (async () => {
    for (const id of ids) ok(await service.from('products').insert({ id, name }))
  })()
  const answer = await read('position')
  const position = answer.headers.get('dunlin-position')
  assert.equal(answer.headers.get('preference-applied'), 'position')
  assert.match(answer.headers.get('access-control-expose-headers'), /Dunlin-Position/)
  const before = (await answer.json()).map(({ id }) => id)
  await writing
  const changes = await poll(
    held.server,
    serviceKey,
    { since: position, tables: 'products', filter: `name=eq.${name}` },
    ({ record }) => record.id === ids.at(-1),
  )
  assert.deepEqual([...before, ...changes.map(({ record }) => record.id)], ids)
})

test('a session that ends takes its stream and its waiting request along', async (t) => {
  const user = await newUser(held.server)
  const client = await signIn(t, held.server, user.email)
  const token = client.session.access_token
  const stream = await FeedStream.open(t, held.server, token, { tables: 'notes' })
  const since = await now(token)
  const waiting = readFeed(held.server, token, { since, tables: 'notes', wait: '30' })
  const seen = noteOf(user, 'seen')
  ok(await client.from('notes').insert(seen))
  await stream.until(() => stream.changes.length === 1)
  assert.equal((await waiting).status, 200)

  const begin = performance.now()
  const again = readFeed(held.server, token, {
    since: (await waiting).position,
    tables: 'notes',
    wait: '30',
  })
  ok(await client.auth.signOut())
  const event = await stream.untilEvent('error')
  assert.equal(event.data.code, 'PGRST303')
  await stream.until(() => stream.ended)
  assert.equal((await again).status, 401)
  assert.ok(performance.now() - begin < 10_000)
  assert.equal(stream.changes.length, 1)
})

test('claims that change lead to a resync of who follows', async (t) => {
  const user = await newUser(held.server)
  const client = await signIn(t, held.server, user.email)
  const token = client.session.access_token
  const stream = await FeedStream.open(t, held.server, token, { tables: 'notes' })
  ok(await client.from('notes').insert(noteOf(user, 'before')))
  await stream.until(() => stream.changes.length === 1)
  const admin = administrationOf(held.server)
  ok(await admin.updateUserById(user.id, { app_metadata: { team: 'blue' } }))
  const event = await stream.untilEvent('resync')
  assert.match(event.data.message, /claims/)
  ok(await client.from('notes').insert(noteOf(user, 'after')))
  await stream.until(() => stream.changes.length === 2)
})
