/// A device that keeps `notes` with the core of RxDB, unmodified, over our feed and the data API.

import { createRxDatabase } from 'rxdb/plugins/core'
import { replicateRxCollection } from 'rxdb/plugins/replication'
import { getRxStorageMemory } from 'rxdb/plugins/storage-memory'
import { filter, firstValueFrom, Subject, timeout } from 'rxjs'
import { FeedStream, readFeed } from './feed.mjs'

const schema = {
  version: 0,
  primaryKey: 'id',
  type: 'object',
  properties: {
    id: { type: 'string', maxLength: 40 },
    owner_id: { type: 'string' },
    body: { type: 'string' },
    is_public: { type: 'boolean' },
  },
}

const documentOf = ({ type, record, old_record }) =>
  type === 'DELETE' ? { ...old_record, _deleted: true } : { ...record, _deleted: false }

const same = (left, right) =>
  ['owner_id', 'body', 'is_public'].every((name) => left[name] === right[name])

let devices = 0

/** What RxDB asks of a server: a pull, a push and a stream. */
class FeedReplication {
  stream$ = new Subject()
  resyncs = 0

  constructor(server, client, token) {
    this.server = server
    this.client = client
    this.token = token
  }

  async rows() {
    const { rows, position } = await readFeed(this.server, this.token, {
      tables: 'notes',
      snapshot: 'true',
    })
    const documents = rows['public.notes'].map((record) => documentOf({ type: 'INSERT', record }))
    return { documents, checkpoint: { position } }
  }

  async pull(checkpoint) {
    if (checkpoint === undefined) return this.rows()
    const answer = await readFeed(this.server, this.token, {
      tables: 'notes',
      since: checkpoint.position,
    })
    if (answer.status === 410) {
      this.resyncs += 1
      return this.rows()
    }
    const documents = answer.commits.flatMap(({ changes }) => changes.map(documentOf))
    return { documents, checkpoint: { position: answer.position } }
  }

  /** Rows that are not what the device believed come back as conflicts. */
  async push(rows) {
    const conflicts = []
    for (const { assumedMasterState: assumed, newDocumentState: wanted } of rows) {
      const conflict = await this.#pushOne(assumed, wanted)
      if (conflict !== undefined) conflicts.push(conflict)
    }
    return conflicts
  }

  async #pushOne(assumed, { _deleted, ...wanted }) {
    const notes = this.client.from('notes')
    const { data: master } = await notes.select().eq('id', wanted.id).maybeSingle()
    if (master !== null && (assumed === undefined || !same(master, assumed))) {
      return { ...master, _deleted: false }
    }
    if (_deleted) await notes.delete().eq('id', wanted.id)
    else if (master === null) await notes.insert(wanted)
    else await notes.update(wanted).eq('id', wanted.id)
    return undefined
  }

  /** Everything from now on; whoever was away pulls by checkpoint. */
  async listen(t) {
    this.feed = await FeedStream.open(t, this.server, this.token, { tables: 'notes' })
    let next = 0
    const forward = () => {
      for (; next < this.feed.events.length; ++next) {
        const { event, data } = this.feed.events[next]
        if (event === 'resync') this.stream$.next('RESYNC')
        if (event !== 'commit') continue
        this.stream$.next({
          documents: data.changes.map(documentOf),
          checkpoint: { position: data.position },
        })
      }
      return this.feed.ended
    }
    this.feed.until(forward).catch(() => {})
    this.stream$.next('RESYNC')
  }
}

/** A device of its own database, replicating as the person of `client` and `token` until test `t` ends. */
export async function openFeedDevice(t, server, client, token) {
  const name = `feeddevice${++devices}`
  const storage = getRxStorageMemory()
  const database = await createRxDatabase({ name, storage, multiInstance: false })
  const { notes } = await database.addCollections({ notes: { schema } })
  const source = new FeedReplication(server, client, token)
  const replication = replicateRxCollection({
    collection: notes,
    replicationIdentifier: name,
    live: true,
    retryTime: 200,
    waitForLeadership: false,
    pull: {
      batchSize: 1000,
      handler: (checkpoint) => source.pull(checkpoint),
      stream$: source.stream$,
    },
    push: { batchSize: 10, handler: (rows) => source.push(rows) },
  })
  t.after(async () => {
    await replication.cancel()
    await database.close()
  })
  await replication.awaitInitialReplication()
  await source.listen(t)
  const until = (holds) =>
    firstValueFrom(
      notes.find().$.pipe(
        filter((documents) => holds(documents.map((document) => document.toJSON()))),
        timeout(15_000),
      ),
    )
  const all = async () => (await notes.find().exec()).map((document) => document.toJSON())
  return { notes, replication, source, until, all }
}
