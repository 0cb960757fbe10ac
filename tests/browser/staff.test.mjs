import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cell, eventually, openClinic } from './clinic.mjs'

test('an edit in one window appears in the other, in the same place of the page', async (t) => {
  const clinic = await openClinic(t)
  const [here, there] = [await clinic.window(), await clinic.window()]
  const phone = await cell(there, 'Sofia Berg', 'phone').elementHandle()

  await cell(here, 'Sofia Berg', 'phone').click()
  await here.getByRole('textbox', { name: 'Phone' }).fill('+44 20 7946 0999')
  await here.keyboard.press('Enter')

  await eventually(() => phone.textContent(), '+44 20 7946 0999')
  assert.equal(await phone.evaluate((element) => element.isConnected), true)
  assert.equal(await phone.getAttribute('data-changed'), 'true', 'a change by others is shown')
  await here.getByText('All changes saved').waitFor()
  await clinic.picture(there, 'staff-remote-edit')
})

test('every kind of cell can be edited without a mouse', async (t) => {
  const clinic = await openClinic(t)
  const [here, there] = [await clinic.window(), await clinic.window()]
  const press = async (...keys) => {
    for (const key of keys) await here.keyboard.press(key)
  }

  await here.locator('[data-column][tabindex="0"]').focus()
  await press('Control+Home', 'ArrowDown', 'Enter', 'End')
  await here.keyboard.type(' Barry')
  await press('Tab')
  await press('Enter', 'ArrowDown', 'Enter')
  await press('ArrowRight')
  await here.keyboard.type('12345')
  await press('Escape')
  await press('End', 'ArrowLeft', 'ArrowLeft', 'ArrowLeft')
  await here.keyboard.type('20,5')
  await press('Tab', ' ')

  const text = (column) => cell(there, 'Amina Diallo Barry', column).textContent()
  await cell(there, 'Amina Diallo Barry', 'full_name').waitFor()
  const weeklyHours = await cell(there, 'George Whitfield', 'weekly_hours')
  await eventually(() => weeklyHours.textContent(), '20.5')
  assert.equal(await text('role'), 'hygienist')
  assert.equal(await cell(there, 'George Whitfield', 'phone').textContent(), '+44 20 7946 0103')
  await eventually(() => cell(there, 'George Whitfield', 'on_duty').textContent(), 'Yes')
})

test('a stale edit is never applied silently: the person chooses', async (t) => {
  const clinic = await openClinic(t)
  const [here, there] = [await clinic.window(), await clinic.window()]
  const note = 'Priya Raman'
  for (const choice of ['Keep mine', 'Take theirs']) {
    const [mine, theirs] = [`mine, ${choice}`, `theirs, ${choice}`]
    await cell(here, note, 'note').click()
    await here.getByRole('textbox', { name: 'Note' }).fill(mine)
    await cell(there, note, 'note').click()
    await there.getByRole('textbox', { name: 'Note' }).fill(theirs)
    await there.keyboard.press('Enter')
    await here.getByText(`now “${theirs}”`).waitFor()
    await here.keyboard.press('Enter')

    const question = here.getByRole('alert').locator('.conflict')
    await question.waitFor()
    await clinic.picture(here, 'staff-conflict')
    assert.equal(await cell(here, note, 'note').textContent(), theirs)
    await question.getByRole('button', { name: choice }).click()
    await question.waitFor({ state: 'detached' })
    const winner = choice === 'Keep mine' ? mine : theirs
    await eventually(() => cell(here, note, 'note').textContent(), winner)
    await eventually(() => cell(there, note, 'note').textContent(), winner)
  }
})

test('different columns of one row merge', async (t) => {
  const clinic = await openClinic(t)
  const [here, there] = [await clinic.window(), await clinic.window()]
  await cell(here, 'Jack Thornton', 'room').click()
  await cell(there, 'Jack Thornton', 'note').click()
  await here.keyboard.type('7')
  await there.keyboard.type('Left-handed')
  await Promise.all([here.keyboard.press('Enter'), there.keyboard.press('Enter')])
  for (const page of [here, there]) {
    await eventually(() => cell(page, 'Jack Thornton', 'room').textContent(), '47')
    await eventually(() => cell(page, 'Jack Thornton', 'note').textContent(), 'Left-handed')
  }
})

test('people are added, removed and brought back on both screens', async (t) => {
  const clinic = await openClinic(t)
  const [here, there] = [await clinic.window(), await clinic.window()]
  const rows = (page) => page.locator('tbody tr').count()
  await here.getByRole('button', { name: 'Add person' }).click()
  await here.getByRole('textbox', { name: 'Name' }).fill('Ruth Adeyemi')
  await here.keyboard.press('Enter')
  await there.getByRole('rowheader', { name: 'Ruth Adeyemi' }).waitFor()

  await here.getByRole('button', { name: 'Remove Lukas Weber' }).click()
  await eventually(() => rows(there), 14)
  await here.getByRole('button', { name: 'Undo' }).click()
  await there.getByRole('rowheader', { name: 'Lukas Weber' }).waitFor()
  await eventually(() => rows(here), 15)
  assert.equal(await cell(there, 'Lukas Weber', 'note').textContent(), 'Sterilisation lead')
})

test('what the server refuses is said quietly and undone', async (t) => {
  const clinic = await openClinic(t)
  const page = await clinic.window()
  await page.route('**/rest/v1/staff*', (route) =>
    route.request().method() === 'PATCH'
      ? route.continue({ postData: JSON.stringify({ room: 'x'.repeat(21) }) })
      : route.continue(),
  )
  await cell(page, 'Sofia Berg', 'room').click()
  await page.getByRole('textbox', { name: 'Room' }).fill('9')
  await page.keyboard.press('Enter')
  await page.getByText('Not saved').waitFor()
  await eventually(() => cell(page, 'Sofia Berg', 'room').textContent(), '5')
})
