import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eventually, openClinic, queueNames } from './clinic.mjs'

async function dragOnto(page, name, target) {
  const handle = page.getByRole('button', { name: `Move ${name}, place` })
  const [from, to] = [
    await handle.boundingBox(),
    await page.locator('.card', { hasText: target }).boundingBox(),
  ]
  const x = from.x + from.width / 2
  await page.mouse.move(x, from.y + from.height / 2)
  await page.mouse.down()
  await page.mouse.move(x, (from.y + to.y) / 2, { steps: 5 })
  await page.mouse.move(x, to.y + to.height / 2 + (to.y > from.y ? 4 : -4), { steps: 5 })
}

function moved(names, name, index) {
  const others = names.filter((other) => other !== name)
  return [...others.slice(0, index), name, ...others.slice(index)]
}

test('a card dragged in one window moves in the other', async (t) => {
  const clinic = await openClinic(t)
  const [here, there] = [await clinic.window('#queue'), await clinic.window('#queue')]
  const before = await queueNames(here)
  const card = await there.locator('.card', { hasText: 'Tara Singh' }).elementHandle()

  await dragOnto(here, 'Tara Singh', 'Ana Silva')
  await clinic.picture(here, 'queue-dragging')
  await here.mouse.up()

  const wanted = moved(before, 'Tara Singh', before.indexOf('Ana Silva'))
  await eventually(() => queueNames(here), wanted)
  await eventually(() => queueNames(there), wanted)
  assert.equal(await card.evaluate((element) => element.isConnected), true)
})

test('cards move by keyboard and by button, and the ends hold', async (t) => {
  const clinic = await openClinic(t)
  const [here, there] = [await clinic.window('#queue'), await clinic.window('#queue')]
  const before = await queueNames(here)
  await here.getByRole('button', { name: 'Move Ana Silva, place 3' }).focus()
  await here.keyboard.press('Alt+ArrowUp')
  await here.keyboard.press('Alt+ArrowUp')
  await here.keyboard.press('Alt+ArrowUp')
  await eventually(() => queueNames(there), moved(before, 'Ana Silva', 0))
  assert.match(
    await here.evaluate(() => document.activeElement.ariaLabel),
    /Ana Silva, place 1 of 8/,
  )
  await here.getByRole('button', { name: 'Move Ana Silva down' }).click()
  await here.getByRole('button', { name: 'Move Ana Silva down' }).click()
  await eventually(() => queueNames(there), before)
})

test('many moves on both screens at once end in the same order', async (t) => {
  const clinic = await openClinic(t)
  const [here, there] = [await clinic.window('#queue'), await clinic.window('#queue')]
  const press = async (page, name, key) => {
    await page.getByRole('button', { name: `Move ${name}, place` }).focus()
    for (let i = 0; i < 5; i++) await page.keyboard.press(key)
  }
  await Promise.all([
    press(here, 'Clara Nielsen', 'Alt+ArrowUp'),
    press(there, 'Liam Byrne', 'Alt+ArrowDown'),
    press(there, 'Hugo Fernández', 'Alt+ArrowUp'),
  ])
  let last = ''
  await eventually(async () => {
    const lists = [await queueNames(here), await queueNames(there)].map(String)
    const isCalm = lists.join() === last && lists[0] === lists[1]
    last = lists.join()
    await here.waitForTimeout(150)
    return isCalm
  }, true)
  assert.equal((await queueNames(here)).length, 8)
})

test('status and additions travel; a patient waits once', async (t) => {
  const clinic = await openClinic(t)
  const [here, there] = [await clinic.window('#queue'), await clinic.window('#queue')]
  await here.getByRole('button', { name: 'Call: Ana Silva' }).click()
  await there.getByRole('button', { name: 'Bring in: Ana Silva' }).click()
  await here.getByRole('button', { name: 'Done: Ana Silva' }).click()
  await eventually(async () => (await queueNames(there)).includes('Ana Silva'), false)
  await there.getByText('Done (1)').waitFor()

  const search = here.getByRole('combobox', { name: 'Add a patient' })
  await search.fill('zoe')
  await here.keyboard.press('Enter')
  await eventually(async () => (await queueNames(there)).at(-1), 'Zoë van Dijk')
  await search.fill('zoe')
  await here.getByText('already waiting').waitFor()
  await here.keyboard.press('Enter')
  await here.keyboard.press('Escape')
  await eventually(async () => (await queueNames(there)).length, 8)
  await clinic.picture(there, 'queue')
})
