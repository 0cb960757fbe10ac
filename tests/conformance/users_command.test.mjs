import assert from 'node:assert/strict'
import path from 'node:path'
import { test } from 'node:test'
import { newEmail, password, signIn } from './accounts.mjs'
import { runDunlin, runDunlinWith, startServer, temporaryFolder } from './server.mjs'
import { useServer } from './suite.mjs'

const project = path.join(import.meta.dirname, 'admin_project')
const held = useServer(undefined, { project })

/** Runs `dunlin users COMMAND FOLDER WORDS…` against the server. */
function users(command, words, input = '') {
  const given = [command, project, '--dev', '--url', held.server.url, ...words]
  const { status, stdout, stderr } = runDunlinWith(input, 'users', ...given)
  return { status, stdout, stderr }
}

function usersJson(command, words, input) {
  const { status, stdout, stderr } = users(command, [...words, '--format', 'json'], input)
  assert.equal(status, 0, stderr)
  return JSON.parse(stdout)
}

test('an account is made, found, banned, given a new password and deleted', async (t) => {
  const email = newEmail()
  const made = users(
    'create',
    ['--email', email, '--app-metadata', '{"role":"manager"}'],
    `${password}\n`,
  )
  assert.deepEqual([made.status, made.stderr], [0, ''])
  const id = /^\S+ created: ([0-9a-f-]{36})\n$/.exec(made.stdout)[1]
  const client = await signIn(t, held.server, email)
  assert.equal(client.session.user.app_metadata.role, 'manager')

  for (const who of [id, email, email.toUpperCase()]) {
    assert.equal(usersJson('show', [who]).id, id, who)
  }
  assert.match(users('show', [email]).stdout, new RegExp(`^id +${id}\nemail +${email}\n`))
  const listed = users('list', ['--filter', email])
  assert.match(listed.stdout, new RegExp(`^ID .* STATE\n${id} .* active\n$`))
  const sessions = usersJson('sessions', [email]).sessions
  assert.equal(sessions.length, 1)
  assert.match(users('sessions', [email]).stdout, new RegExp(`\n${sessions[0].id} `))

  assert.equal(
    users('sign-out', [email, '--session', sessions[0].id]).stdout,
    `${email} is signed out on this device\n`,
  )
  assert.deepEqual(usersJson('sessions', [email]).sessions, [])
  assert.equal(users('sign-out', [email]).stdout, `${email} is signed out everywhere\n`)

  assert.equal(
    users('ban', [email, '--for', '24h']).stdout,
    `${email} is banned and signed out everywhere\n`,
  )
  await assert.rejects(signIn(t, held.server, email), { code: 'user_banned' })
  assert.match(
    users('list', ['--filter', email]).stdout,
    /banned until \d{4}-\d\d-\d\d \d\d:\d\d\n$/,
  )
  assert.equal(users('unban', [email]).stdout, `${email} may sign in again\n`)

  const reset = users('reset', [email], 'a wholly new one\n')
  assert.equal(reset.stdout, `${email} has a new password and is signed out everywhere\n`)
  assert.ok((await signIn(t, held.server, email, 'a wholly new one')).session)

  assert.equal(users('delete', [email]).stdout, `${email} deleted\n`)
  assert.equal(users('show', [id]).stderr, 'dunlin: User not found (user_not_found)\n')
})

test('an account is made without a password, unconfirmed, and deleted softly', () => {
  const email = newEmail()
  const made = usersJson('create', [
    '--email',
    email,
    '--unconfirmed',
    '--no-password',
    '--user-metadata',
    '{"full_name":"Ana"}',
  ])
  assert.deepEqual(
    [made.email, made.email_confirmed_at, made.user_metadata],
    [email, undefined, { full_name: 'Ana' }],
  )
  assert.match(users('list', ['--filter', email]).stdout, /unconfirmed\n$/)
  assert.equal(users('delete', [email, '--soft']).status, 0)
  assert.match(users('show', [made.id]).stdout, /\nstate +deleted\n/)
})

test('what cannot be done is said, and why', () => {
  const email = newEmail()
  const cases = [
    ['no address', ['create', []], `${password}\n`, /^dunlin: give --email or --phone\n$/],
    [
      'no password',
      ['create', ['--email', email]],
      '',
      /^dunlin: no password was given\n {2}hint: Type it when asked/,
    ],
    ['a weak one', ['create', ['--email', email]], 'short\n', /\(weak_password\)/],
    [
      'no JSON',
      ['create', ['--email', email, '--app-metadata', 'x']],
      `${password}\n`,
      /^dunlin: app_metadata must be a JSON object\n$/,
    ],
    ['nobody', ['ban', [email]], '', new RegExp(`^dunlin: there is no user ${email}\n$`)],
    ['a part of a name is not the name', ['ban', ['example.org']], '', /there is no user/],
    [
      'no duration',
      ['ban', ['factor@example.org', '--for', 'ever']],
      '',
      /invalid format for ban duration/,
    ],
    [
      'no session',
      ['sign-out', ['factor@example.org', '--session', '7']],
      '',
      /--session must be the id of a session/,
    ],
  ]
  for (const [why, [command, words], input, message] of cases) {
    const { status, stdout, stderr } = users(command, words, input)
    assert.deepEqual([status, stdout], [1, ''], why)
    assert.match(stderr, message, why)
  }
})

test('a server that does not run, is another one or has other keys is said to be so', (t) => {
  const data = temporaryFolder(t)
  const nowhere = runDunlin('users', 'list', project, '--dev', '--url', 'http://127.0.0.1:9')
  assert.equal(nowhere.status, 1)
  assert.match(
    nowhere.stderr,
    /^dunlin: no server of this project answers at http:\/\/127\.0\.0\.1:9: .*\n {2}hint: Start it with dunlin serve .*--url/,
  )
  const otherKeys = runDunlin('users', 'list', project, '--data', data, '--url', held.server.url)
  assert.equal(otherKeys.status, 1)
  assert.match(otherKeys.stderr, /bad_jwt.*\n {2}hint: The server runs with other keys/)
})

/** Asks again and again until the answer is as it should be. */
async function until(isTrue, what) {
  const giveUpAt = performance.now() + 5000
  while (!(await isTrue())) assert.ok(performance.now() < giveUpAt, what)
}

test('signing keys are added, rotated and removed while the server runs', async (t) => {
  const data = temporaryFolder(t)
  const server = await startServer({ project, data })
  const keys = (...words) => {
    const { status, stdout, stderr } = runDunlin(
      'keys',
      words[0],
      project,
      '--data',
      data,
      '--dev',
      ...words.slice(1),
    )
    return { status, stdout, stderr }
  }
  const published = async () => {
    const answer = await fetch(`${server.url}/auth/v1/.well-known/jwks.json`)
    return (await answer.json()).keys.map(({ kid }) => kid)
  }
  const email = newEmail()
  const made = runDunlinWith(
    `${password}\n`,
    'users',
    'create',
    project,
    '--dev',
    '--url',
    server.url,
    '--email',
    email,
  )
  assert.equal(made.status, 0, made.stderr)
  const headerOf = ({ session }) => JSON.parse(atob(session.access_token.split('.')[0]))
  assert.equal(
    keys('list').stdout,
    'no key pairs: tokens are signed with the secret of the project (HS256)\n',
  )

  const added = keys('add')
  const first = /^(\S+) is on standby/.exec(added.stdout)[1]
  await until(async () => (await published()).includes(first), 'the new key is published')
  assert.equal(headerOf(await signIn(t, server, email)).alg, 'HS256', 'and does not sign yet')
  assert.match(keys('add').stderr, /is on standby already/)

  assert.equal(keys('rotate').status, 0)
  let signed
  await until(async () => {
    signed = await signIn(t, server, email)
    return headerOf(signed).kid === first
  }, 'the new key signs')
  const claims = await signed.auth.getClaims()
  assert.equal(claims.data.header.alg, 'ES256', 'the client proves the token by itself')

  const second = /^(\S+) is on standby/.exec(keys('add', '--algorithm', 'RS256').stdout)[1]
  assert.equal(keys('rotate').status, 0)
  const listed = JSON.parse(keys('list', '--format', 'json').stdout).keys
  assert.deepEqual(
    listed.map(({ kid, algorithm, state }) => [kid, algorithm, state]),
    [
      [first, 'ES256', 'verify_only'],
      [second, 'RS256', 'in_use'],
    ],
  )
  await until(async () => (await published()).length === 2, 'both are published')
  assert.equal((await signed.auth.getUser()).error, null, 'the one before proves its tokens')
  assert.match(keys('remove', second).stderr, /in use cannot be removed/)
  assert.equal(keys('remove', first).stdout, `${first} proves nothing any more\n`)
  await until(async () => (await signed.auth.getUser()).error !== null, 'its tokens end')
  assert.equal(keys('remove', first).status, 1, 'there is none')
  await server.stop()
})

test('keys says where the server is and what its keys are, as before', (t) => {
  const data = temporaryFolder(t)
  const { stdout } = runDunlin('keys', project, '--data', data, '--format', 'json')
  assert.deepEqual(Object.keys(JSON.parse(stdout)), ['url', 'anon_key', 'service_role_key'])
  const none = runDunlin('keys')
  assert.equal(none.status, 1)
  assert.match(none.stderr, /^dunlin: which project\?/)
})
