import assert from 'node:assert/strict'
import { test } from 'node:test'
import { asAnybody, asPerson, person } from './clients.mjs'
import { follow } from './follow.mjs'
import { startServer, temporaryFolder } from './server.mjs'

// Node's WebSocket says nothing for 25 s after a refused connection: the first try must find the server back.
const reconnectAfterMs = () => 1500

for (const vsn of ['1.0.0', '2.0.0']) {
  for (const how of ['stop', 'kill']) {
    test(`framing ${vsn}: after ${how} and start the client is back by itself`, async (t) => {
      const data = temporaryFolder(t)
      let server = await startServer({ data })
      t.after(() => server.stop())
      const ana = person()
      const anybody = asAnybody(t, server, { realtime: { vsn, reconnectAfterMs } })
      const client = asPerson(t, server, ana, { realtime: { vsn, reconnectAfterMs } })
      const [products, notes] = [
        await follow(anybody, [{ table: 'products' }]),
        await follow(client, [{ table: 'notes' }]),
      ]
      await anybody.from('products').insert({ id: 1, name: 'before' })
      await products.until('INSERT 1')

      await server[how]()
      server = await startServer({ data, port: server.port })
      await Promise.all([products.untilJoined(2), notes.untilJoined(2)])

      await anybody.from('products').insert({ id: 2, name: 'after' })
      const { data: note } = await client.from('notes').insert({ body: 'after' }).select().single()
      assert.deepEqual(await products.until('INSERT 2'), ['INSERT 1', 'INSERT 2'])
      await notes.until(`INSERT ${note.id}`)
      const { data: kept } = await anybody.from('products').select('id').order('id')
      assert.deepEqual(kept, [{ id: 1 }, { id: 2 }])
    })
  }
}
