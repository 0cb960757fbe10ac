/// A device that keeps a table with RxDB and its Supabase plugin, both unmodified.

import { addRxPlugin, createRxDatabase } from 'rxdb/plugins/core'
import { RxDBLeaderElectionPlugin } from 'rxdb/plugins/leader-election'
import { replicateSupabase } from 'rxdb/plugins/replication-supabase'
import { getRxStorageMemory } from 'rxdb/plugins/storage-memory'
import { filter, firstValueFrom, timeout } from 'rxjs'

addRxPlugin(RxDBLeaderElectionPlugin)

const waitMs = 10_000

const schema = {
  version: 0,
  primaryKey: 'passportId',
  type: 'object',
  properties: {
    passportId: { type: 'string', maxLength: 100 },
    room_id: { type: 'string' },
    firstName: { type: 'string' },
    lastName: { type: 'string' },
    age: { type: 'integer' },
    happy: { type: 'boolean' },
  },
  required: ['passportId', 'room_id', 'firstName', 'lastName'],
}

let devices = 0

/** A device of its own database, replicating through `client` until test `t` ends. */
export async function openDevice(t, client) {
  const name = `device${++devices}`
  const database = await createRxDatabase({
    name,
    storage: getRxStorageMemory(),
    multiInstance: false,
  })
  const { humans } = await database.addCollections({ humans: { schema } })
  const replication = replicateSupabase({
    tableName: 'humans',
    client,
    collection: humans,
    replicationIdentifier: name,
    live: true,
    waitForLeadership: false,
    retryTime: 100,
    pull: { batchSize: 50 },
    push: { batchSize: 50 },
  })
  t.after(async () => {
    await replication.cancel()
    await database.close()
  })
  await replication.awaitInitialReplication()
  return new Device(humans, replication)
}

class Device {
  constructor(humans, replication) {
    this.humans = humans
    this.replication = replication
  }

  /** What it has of the document, as plain data; undefined when it has none. */
  async read(id) {
    return (await this.humans.findOne(id).exec())?.toJSON()
  }

  /** Resolves with the document when `holds(document or undefined)`. */
  until(id, holds) {
    const document$ = this.humans.findOne(id).$
    const held = document$.pipe(
      filter((document) => holds(document?.toJSON())),
      timeout(waitMs),
    )
    return firstValueFrom(held)
  }

  /** Resolves when everything that was written here has been sent and answered. */
  sent() {
    return this.replication.awaitInSync()
  }

  /** The next error of the replication. */
  nextError() {
    return firstValueFrom(this.replication.error$.pipe(timeout(waitMs)))
  }
}
