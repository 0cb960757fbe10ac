import assert from 'node:assert/strict'
import { test } from 'node:test'
import { asService, serviceKey } from '../conformance/clients.mjs'
import { follow } from '../conformance/follow.mjs'
import { openInspector } from './inspector.mjs'

const card = (page, name) => page.locator(`.card[data-name="${name}"] b`)

test('the inspector shows by itself who joins and what changes', async (t) => {
  const inspector = await openInspector(t)
  const page = await inspector.page()
  await page.getByText('healthy').waitFor()
  await page.getByText('Nobody has joined a channel.').waitFor()

  const client = asService(t, inspector.server)
  const followed = await follow(client, [{ table: 'products' }], { topic: 'shop:<b>1</b>' })
  await page.getByRole('cell', { name: 'shop:<b>1</b>', exact: true }).waitFor()
  await client.from('products').insert({ id: 77, name: 'Rooibos' })
  await followed.until('INSERT 77')
  await page.getByRole('cell', { name: 'products', exact: true }).waitFor()
  assert.equal(await card(page, 'subscriptions').textContent(), '1')
  assert.ok((await page.locator('.card polyline').count()) >= 6)
  await inspector.picture(page, 'inspector')

  await client.removeAllChannels()
  await page.getByText('Nobody has joined a channel.').waitFor()
})

test('the inspector fits 320 pixels, in the dark as well', async (t) => {
  const inspector = await openInspector(t)
  const page = await inspector.page({
    viewport: { width: 320, height: 700 },
    colorScheme: 'dark',
  })
  await page.getByText('healthy').waitFor()
  await follow(asService(t, inspector.server), [{ table: 'products' }], {
    topic: 'a-rather-long-name-of-a-channel:for-one-patient',
  })
  await page.getByText('a-rather-long-name').waitFor()
  const [wide, ground] = await page.evaluate(() => [
    document.documentElement.scrollWidth,
    getComputedStyle(document.body).backgroundColor,
  ])
  assert.ok(wide <= 320, `${wide} pixels`)
  assert.equal(ground, 'rgb(21, 24, 26)')
  await inspector.picture(page, 'inspector-320-dark')
})

test('outside of --dev the inspector asks for the service key and keeps it for the tab', async (t) => {
  const inspector = await openInspector(t, { development: false })
  const page = await inspector.page()
  const field = page.getByLabel('Service key')
  await field.fill(serviceKey)
  await page.getByRole('button', { name: 'Show' }).click()
  await page.getByText('not the service key of this server').waitFor()
  assert.equal(await page.locator('#view').isVisible(), false)

  await field.fill(inspector.serviceKey())
  await page.getByRole('button', { name: 'Show' }).click()
  await page.getByText('healthy').waitFor()
  await page.reload()
  await page.getByText('healthy').waitFor()
  assert.equal(await field.isVisible(), false)
})
