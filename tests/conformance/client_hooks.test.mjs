import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, test } from 'node:test'
import * as onPreact from '@dunlin/client/preact'
import * as onReact from '@dunlin/client/react'
import { Window } from 'happy-dom'
import { asAnybody } from './clients.mjs'
import { useServer } from './suite.mjs'
import { connect } from './watched.mjs'

const held = useServer()
const window = new Window()
for (const name of ['window', 'document', 'Node', 'Element', 'HTMLElement', 'HTMLIFrameElement'])
  globalThis[name] ??= window[name] ?? window
after(() => window.close())

const { h, render } = await import('preact')
const React = await import('react')
const { createRoot } = await import('react-dom/client')

/** A page that renders, and waits for what it shows. */
class Page {
  #root = document.createElement('main')
  constructor(mount) {
    document.body.append(this.#root)
    this.render = mount(this.#root)
  }

  get text() {
    return this.#root.textContent
  }

  until(isTrue, what) {
    return new Promise((resolve, reject) => {
      const timer = setInterval(() => {
        if (!isTrue(this.text)) return
        clearInterval(timer)
        clearTimeout(timeout)
        resolve()
      }, 10)
      const timeout = setTimeout(() => {
        clearInterval(timer)
        reject(new Error(`${what} did not come; the page says: ${this.text}`))
      }, 20_000)
    })
  }
}

const libraries = [
  {
    name: 'React',
    element: React.createElement,
    hooks: onReact,
    wrap: (node) => React.createElement(React.StrictMode, null, node),
    page: () =>
      new Page((root) => {
        const made = createRoot(root)
        return (node) => made.render(node)
      }),
  },
  {
    name: 'Preact',
    element: h,
    hooks: onPreact,
    wrap: (node) => node,
    page: () => new Page((root) => (node) => render(node, root)),
  },
]

for (const { name, element, hooks, wrap, page } of libraries) {
  const { DunlinProvider, useLiveQuery, useRealtimeSync, useConnectionStatus } = hooks
  const show = (client, Component, props = {}) =>
    wrap(element(DunlinProvider, { client }, element(Component, props)))

  test(`${name}: rows follow the query, and a new query in every rendering is the same one`, async (t) => {
    const client = connect(t, held.server.url)
    const direct = asAnybody(t, held.server)
    const [status, other] = [randomUUID(), randomUUID()]
    await direct.from('products').insert({ name: 'apple', status }).throwOnError()
    let renders = 0
    const List = ({ of }) => {
      renders++
      const query = client.from('products').select('name').eq('status', of).order('name')
      const { rows, status: state } = useLiveQuery(query)
      return `${state}: ${rows.map((row) => row.name).join(' ')} (${useConnectionStatus()})`
    }
    const shown = page()
    shown.render(show(client, List, { of: status }))
    await shown.until((text) => text === 'live: apple (live)', 'the first rows')
    assert.equal(client.getChannels().length, 1)
    await direct.from('products').insert({ name: 'banana', status }).throwOnError()
    await shown.until((text) => text === 'live: apple banana (live)', 'a second row')
    assert.ok(renders < 40, `${renders} renderings`)

    shown.render(show(client, List, { of: other }))
    await shown.until((text) => text === 'live:  (live)', 'the other query')
    shown.render(null)
    await shown.until(() => client.getChannels().length === 0, 'the end of the channel')
  })

  test(`${name}: null is no query`, async (t) => {
    const client = connect(t, held.server.url)
    const Nothing = () => `${useLiveQuery(null).rows.length} ${useConnectionStatus()}`
    const shown = page()
    shown.render(show(client, Nothing))
    await shown.until((text) => text === '0 idle', 'an empty page')
    assert.equal(client.getChannels().length, 0)
  })

  test(`${name}: useRealtimeSync calls the latest callback and subscribes once`, async (t) => {
    const client = connect(t, held.server.url)
    const direct = asAnybody(t, held.server)
    const status = randomUUID()
    const heard = []
    const Listener = ({ version }) => {
      const { status: state } = useRealtimeSync(
        'products',
        (change) =>
          heard.push(`${version} ${change.event} ${change.record?.name ?? change.reason}`),
        { filter: `status=eq.${status}` },
      )
      return `${version} ${state}`
    }
    const shown = page()
    shown.render(show(client, Listener, { version: 1 }))
    await shown.until((text) => text === '1 live', 'the channel')
    await direct.from('products').insert({ name: 'one', status }).throwOnError()
    await shown.until(() => heard.length === 1, 'a change')
    shown.render(show(client, Listener, { version: 2 }))
    await shown.until((text) => text === '2 live', 'the second rendering')
    await direct.from('products').insert({ name: 'two', status }).throwOnError()
    await shown.until(() => heard.length === 2, 'another change')
    assert.deepEqual(heard, ['1 INSERT one', '2 INSERT two'])
    assert.equal(client.getChannels().length, 1)
    shown.render(null)
    await shown.until(() => client.getChannels().length === 0, 'the end of the channel')
  })

  test(`${name}: useRealtimeSync says SYNC at its interval, and nothing when it is not enabled`, async (t) => {
    const client = connect(t, held.server.url)
    const heard = []
    const Listener = ({ enabled }) => {
      const options = { enabled, intervalMs: 20 }
      useRealtimeSync('products', ({ event, reason }) => heard.push(`${event} ${reason}`), options)
      return `${enabled}`
    }
    const shown = page()
    shown.render(show(client, Listener, { enabled: false }))
    await shown.until((text) => text === 'false', 'the page')
    assert.deepEqual([heard, client.getChannels().length], [[], 0])
    shown.render(show(client, Listener, { enabled: true }))
    await shown.until(
      () => heard.filter((line) => line === 'SYNC interval').length >= 2,
      'two SYNC',
    )
    shown.render(null)
  })

  test(`${name}: without a provider the hooks say so`, () => {
    const problems = []
    const Lost = () => {
      try {
        useConnectionStatus()
      } catch (problem) {
        problems.push(problem.message)
      }
      return 'lost'
    }
    const shown = page()
    shown.render(element(Lost))
    return shown
      .until((text) => text === 'lost', 'the page')
      .then(() => assert.match(problems[0], /DunlinProvider/))
  })
}
