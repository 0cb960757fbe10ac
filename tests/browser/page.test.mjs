import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import { cell, eventually, openClinic } from './clinic.mjs'

const axeSource = readFileSync(
  createRequire(import.meta.url).resolve('axe-core/axe.min.js'),
  'utf8',
)

test('nothing sticks out of a page 320 pixels wide', async (t) => {
  const clinic = await openClinic(t)
  for (const hash of ['#staff', '#queue']) {
    const page = await clinic.window(hash, { viewport: { width: 320, height: 640 } })
    await page
      .getByText(hash === '#staff' ? 'Sofia Berg' : 'Ana Silva')
      .first()
      .waitFor()
    const width = await page.evaluate(() => document.documentElement.scrollWidth)
    assert.equal(width, 320, hash)
    await clinic.picture(page, `narrow-${hash.slice(1)}`)
  }
})

for (const colorScheme of ['light', 'dark']) {
  test(`axe finds nothing serious, ${colorScheme}`, async (t) => {
    const clinic = await openClinic(t)
    for (const hash of ['#staff', '#queue']) {
      const page = await clinic.window(hash, { colorScheme })
      if (hash === '#staff') await cell(page, 'Sofia Berg', 'phone').click()
      else await page.getByRole('combobox').fill('a')
      await page.evaluate(axeSource)
      const found = await page.evaluate(() => globalThis.axe.run())
      const serious = found.violations
        .filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`)
      assert.deepEqual(serious, [], hash)
      await clinic.picture(page, `${colorScheme}-${hash.slice(1)}`)
    }
  })
}

test('with reduced motion nothing moves, and a change by others is still shown', async (t) => {
  const clinic = await openClinic(t)
  const here = await clinic.window()
  const there = await clinic.window('#staff', { reducedMotion: 'reduce' })
  await cell(here, 'Sofia Berg', 'room').click()
  await here.keyboard.type('1')
  await here.keyboard.press('Enter')
  const room = cell(there, 'Sofia Berg', 'room')
  await eventually(() => room.getAttribute('data-changed'), 'true')
  const animations = await there.evaluate(() => document.getAnimations().length)
  assert.equal(animations, 0)
})

test('two windows, for the README', async (t) => {
  const clinic = await openClinic(t)
  const size = { viewport: { width: 1300, height: 800 } }
  const [here, there] = [await clinic.window('#staff', size), await clinic.window('#staff', size)]
  await cell(here, 'Lukas Weber', 'note').click()
  await here.getByRole('textbox', { name: 'Note' }).fill('Sterilisation lead, trains Jack')
  await here.keyboard.press('Enter')
  await eventually(() => cell(there, 'Lukas Weber', 'note').getAttribute('data-changed'), 'true')
  const pictures = []
  for (const page of [here, there]) pictures.push((await page.screenshot()).toString('base64'))

  const both = await clinic.browser.newPage({ viewport: { width: 1600, height: 540 } })
  const images = pictures.map((data) => `<img src="data:image/png;base64,${data}" alt="">`)
  await both.setContent(`<style>
    body { display: flex; gap: 24px; margin: 24px; background: #cfd8d5 }
    img { width: calc(50% - 12px); height: fit-content; border-radius: 10px; box-shadow: 0 6px 24px #0004 }
    </style>${images.join('')}`)
  await clinic.keptPicture(both, 'clinic')
})
