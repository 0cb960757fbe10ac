import assert from 'node:assert/strict'
import path from 'node:path'
import { test } from 'node:test'
import { administrationOf, newUser, signIn } from './accounts.mjs'
import { anonKey, asService } from './clients.mjs'
import { follow } from './follow.mjs'
import { useServer } from './suite.mjs'

const held = useServer(undefined, { project: path.join(import.meta.dirname, 'admin_project') })

const rounds = 10
let last = 0
const nextId = () => ++last

const plansStatus = async (server, session) => {
  const answer = await fetch(`${server.url}/rest/v1/plans?select=id`, {
    headers: { apikey: anonKey, Authorization: `Bearer ${session.access_token}` },
  })
  return answer.status === 200 ? (await answer.json()).length > 0 : answer.status
}

test('a role that is taken away is gone at once, in reads and on open sockets', async (t) => {
  const admin = administrationOf(held.server)
  const service = asService(t, held.server)
  const manager = { role: 'manager' }
  const user = await newUser(held.server, { app_metadata: manager })
  const client = await signIn(t, held.server, user.email)
  const followed = await follow(client, [{ table: 'plans' }, { table: 'news' }])
  const expected = []
  for (let round = 0; round < rounds; ++round) {
    const [seen, hidden, news] = [nextId(), nextId(), nextId()]
    await service.from('plans').insert({ id: seen })
    assert.equal(
      (await admin.updateUserById(user.id, { app_metadata: { role: 'clerk' } })).error,
      null,
    )
    // The answer is after the commit: whatever is written from here on is not for the clerk.
    await service.from('plans').insert({ id: hidden })
    assert.equal(
      await plansStatus(held.server, client.session),
      false,
      'the old token reads nothing',
    )
    await service.from('news').insert({ id: news })
    await followed.until(`INSERT ${news}`)
    assert.equal((await admin.updateUserById(user.id, { app_metadata: manager })).error, null)
    assert.equal(await plansStatus(held.server, client.session), true, 'and reads again')
    expected.push(`INSERT ${seen}`, `INSERT ${news}`)
  }
  assert.deepEqual(followed.lines, expected, 'no event of a row that was hidden by then')
})

test('who is banned, deleted or signed out hears no more, and his socket closes', async (t) => {
  const admin = administrationOf(held.server)
  const service = asService(t, held.server)
  const acts = [
    ['ban', (id) => admin.updateUserById(id, { ban_duration: '24h' })],
    ['deletion', (id) => admin.deleteUser(id)],
    ['new password', (id) => admin.updateUserById(id, { password: 'another long one' })],
  ]
  const took = []
  for (let round = 0; round < 6; ++round) {
    const [why, act] = acts[round % acts.length]
    const user = await newUser(held.server)
    const client = await signIn(t, held.server, user.email)
    const followed = await follow(client, [{ table: 'news' }])
    const closedAt = followed.untilSystem().then(() => performance.now())
    const startedAt = performance.now()
    assert.equal((await act(user.id)).error, null)
    const answeredAt = performance.now()
    await service.from('news').insert({ id: nextId() })
    const closed = await closedAt
    if (why === 'ban') took.push([closed - startedAt, closed - answeredAt])
    assert.ok(closed - startedAt < 1000, `${why}: ${closed - startedAt} ms`)
    assert.equal(followed.systems.at(-1).message, 'session_revoked', why)
    assert.deepEqual(followed.lines, [], `${why}: nothing of the later commit`)
  }
  for (const [sinceRequest, sinceAnswer] of took) {
    t.diagnostic(
      `the notice came ${sinceRequest.toFixed(1)} ms after the request, ${sinceAnswer.toFixed(1)} ms after its answer`,
    )
  }
})
