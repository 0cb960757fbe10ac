import { test } from 'node:test'
import { cell, eventually, openClinic, signIn } from './clinic.mjs'

test('the light follows the server, and what was missed appears by itself', async (t) => {
  const clinic = await openClinic(t)
  const [here, there] = [await clinic.window(), await clinic.window()]
  await clinic.killServer()
  await there.locator('.live-light:not([data-connection="live"])').waitFor()
  await there.getByText('Offline').waitFor()
  await clinic.picture(there, 'offline')

  await cell(here, 'Chiara Romano', 'room').click()
  await here.getByRole('textbox', { name: 'Room' }).fill('Hall')
  await here.keyboard.press('Enter')
  await here.getByText('Not saved yet').waitFor()
  await there.context().setOffline(true)

  await clinic.restartServer()
  await clinic.untilLive(here)
  await here.getByText('All changes saved').waitFor()
  await there.context().setOffline(false)
  await clinic.untilLive(there)
  await eventually(() => cell(there, 'Chiara Romano', 'room').textContent(), 'Hall')
})

test('while there is no socket the page polls', async (t) => {
  const clinic = await openClinic(t)
  const here = await clinic.window()
  const there = await clinic.page()
  await there.routeWebSocket(/realtime/, (socket) => socket.close())
  await signIn(there, clinic.nextOfTeam())
  await there.getByText('Reconnecting').waitFor()
  await cell(there, 'Sofia Berg', 'phone').waitFor()

  await cell(here, 'Sofia Berg', 'phone').click()
  await here.getByRole('textbox', { name: 'Phone' }).fill('112')
  await here.keyboard.press('Enter')
  await eventually(() => cell(there, 'Sofia Berg', 'phone').textContent(), '112')
})
