import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Wire } from './wire.ts'

const topic = 'realtime:notes'
const binding = { event: '*', schema: 'public', table: 'notes' }

/** A wire between a client with one channel and nothing: messages are handed in as objects. */
function makeWire() {
  const subjects = []
  const resyncs = []
  const wire = new Wire(
    (message, callback) => callback(message),
    (message, callback) => callback(message),
    {
      onSubject: (subject) => subjects.push(subject),
      onResync: (...event) => resyncs.push(event.join(' ')),
    },
  )
  const channels = [{ topic, state: 'joined' }]
  wire.attach({ getChannels: () => channels })
  let refs = 0
  const heard = []
  const receive = (message) => wire.decode(message, (told) => heard.push(told.payload))
  return {
    wire,
    channels,
    subjects,
    resyncs,
    heard,
    receive,
    get channel() {
      return channels[0]
    },
    /** Sends a join and gives what went out; `response` is its answer, undefined for none. */
    join(response, { bindings = [binding], token } = {}) {
      const ref = `${++refs}`
      const payload = { config: { postgres_changes: bindings }, access_token: token }
      const sent = wire.encode(
        { topic, event: 'phx_join', payload, ref, join_ref: ref },
        (out) => out,
      )
      const answer = { status: 'ok', response }
      if (response) receive({ topic, event: 'phx_reply', ref, join_ref: ref, payload: answer })
      return sent.payload.config.resume?.position
    },
    change(position, { ids = [1], commit = position } = {}) {
      const payload = { ids, data: { position, commit, columns: [] } }
      receive({ topic, event: 'postgres_changes', ref: null, join_ref: null, payload })
    },
    heartbeat(position) {
      const payload = { status: 'ok', response: { position } }
      receive({ topic: 'phoenix', event: 'phx_reply', ref: '99', join_ref: null, payload })
    },
    system(status, message) {
      const payload = { extension: 'resume', status, message }
      receive({ topic, event: 'system', ref: null, join_ref: null, payload })
    },
  }
}

test('the first join asks for nothing, the next for what came after the position of the first', () => {
  const line = makeWire()
  assert.equal(line.join({ position: '1-5' }), undefined)
  assert.equal(line.wire.positionOf(line.channel), '1-5')
  assert.equal(line.join({ position: '1-9', resumed: true }), '1-5')
})

test('a change may have more messages to come, so it is asked for again and not told twice', () => {
  const line = makeWire()
  line.join({ position: '1-5' })
  line.change('1-6')
  line.change('1-7', { ids: [1] })
  assert.equal(line.join({ position: '1-6', resumed: true }), '1-6')
  line.change('1-7', { ids: [1] })
  line.change('1-7', { ids: [2] })
  line.change('1-8')
  const told = line.heard
    .filter(({ data }) => data)
    .map(({ ids, data }) => `${data.position}/${ids}`)
  assert.deepEqual(told, ['1-6/1', '1-7/1', '1-7/2', '1-8/1'])
})

test('a heartbeat proves that everything was told', () => {
  const line = makeWire()
  line.join({ position: '1-5' })
  line.change('1-6')
  line.heartbeat('1-20')
  assert.equal(line.join(undefined), '1-20')
  line.heartbeat('1-30')
  assert.equal(line.join(undefined), '1-20', 'not before the join is answered')
})

test('a heartbeat during a replay proves nothing', () => {
  const line = makeWire()
  line.join({ position: '1-5' })
  line.join({ position: '1-5', resumed: true })
  line.heartbeat('1-20')
  assert.equal(line.wire.positionOf(line.channel), '1-5')
  line.system('ok', 'Resumed; live from 1-21')
  line.heartbeat('1-21')
  assert.equal(line.wire.positionOf(line.channel), '1-21')
})

test('what cannot be told is said once, with its reason', () => {
  const line = makeWire()
  line.join({ position: '1-5' })
  line.join({ position: '1-50', resumed: false, resync: 'trimmed' })
  line.system('error', 'resync: trimmed')
  assert.deepEqual(line.resyncs, [`${topic} resync: trimmed`])
  assert.equal(line.wire.positionOf(line.channel), '1-50', 'from here on')
})

test('a server that knows positions but does not resume', () => {
  const line = makeWire()
  line.join({ position: '1-5' })
  line.join({ position: '1-50' })
  assert.deepEqual(line.resyncs, [`${topic} the server does not resume`])
})

test('a server without positions is asked for nothing', () => {
  const line = makeWire()
  line.join({ postgres_changes: [] })
  line.heartbeat('1-3')
  assert.equal(line.join({}), undefined)
  assert.deepEqual([line.resyncs, line.wire.positionOf(line.channel)], [[], undefined])
})

test('a new channel of the name, or with other bindings, begins anew', () => {
  const line = makeWire()
  line.join({ position: '1-5' })
  line.channels[0] = { topic, state: 'joined' }
  assert.equal(line.join({ position: '1-6' }), undefined)
  assert.equal(line.join({ position: '1-7' }, { bindings: [] }), undefined)
})

test('the end of a former channel of the name does not end the present one', () => {
  const line = makeWire()
  line.join({ position: '1-5' })
  line.join({ position: '1-6', resumed: true })
  line.receive({ topic, event: 'phx_close', ref: '1', join_ref: '1', payload: {} })
  assert.equal(line.wire.positionOf(line.channel), '1-5')
  line.receive({ topic, event: 'phx_close', ref: '2', join_ref: '2', payload: {} })
  assert.equal(line.wire.positionOf(line.channel), undefined)
})

test('a channel that has not joined may begin where the rows were read', () => {
  const line = makeWire()
  line.wire.advance(line.channel, '1-30')
  assert.equal(line.join({ position: '1-30', resumed: true }), '1-30')
  line.wire.advance(line.channel, '1-20')
  assert.equal(line.wire.positionOf(line.channel), '1-30', 'never back')
})

test('position and commit are there while the callback runs', () => {
  const line = makeWire()
  line.join({ position: '1-5' })
  let seen
  const payload = { ids: [1], data: { position: '1-6', commit: '1-8', columns: [] } }
  assert.throws(() =>
    line.wire.decode({ topic, event: 'postgres_changes', payload }, () => {
      seen = line.wire.current
      throw new Error('of the application')
    }),
  )
  assert.deepEqual([seen.position, seen.commit], ['1-6', '1-8'])
  assert.equal(line.wire.current, undefined)
})

test('whose token is spoken for is told', () => {
  const line = makeWire()
  const tokenOf = (claims) => `x.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.y`
  line.join({}, { token: tokenOf({ sub: 'ann' }) })
  const payload = { access_token: tokenOf({ role: 'anon' }) }
  line.wire.encode({ topic, event: 'access_token', payload }, () => {})
  line.join({}, { token: 'sb_publishable_x' })
  assert.deepEqual(line.subjects, ['ann', undefined, undefined])
})
