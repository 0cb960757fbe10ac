/// A real mail server at loopback, which keeps what it is given.

import { simpleParser } from 'mailparser'
import { SMTPServer } from 'smtp-server'

const timeoutMs = 8000

/**
 * Starts one at a free port. With `user` and `password` it takes mail only from who knows them.
 * `refuse(address)` may answer an Error with `responseCode` for a recipient. `tls` is
 * `{ key, cert, secure }`: STARTTLS, or TLS from the start when `secure`.
 */
export async function startMailServer({ user, password, refuse = () => undefined, tls } = {}) {
  const mailbox = new Mailbox()
  const server = new SMTPServer({
    ...tls,
    disabledCommands: tls ? [] : ['STARTTLS'],
    authOptional: user === undefined,
    allowInsecureAuth: true,
    disableReverseLookup: true,
    logger: false,
    onAuth: (given, _session, done) => {
      const known = given.username === user && given.password === password
      done(known ? null : new Error('unknown user or password'), { user: given.username })
    },
    onRcptTo: ({ address }, _session, done) => done(refuse(address)),
    onData: (stream, session, done) => {
      simpleParser(stream).then((message) => {
        mailbox.add(message, session)
        done()
      }, done)
    },
  })
  // A client that gives up is no failure of the server.
  server.on('error', () => {})
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  mailbox.port = server.server.address().port
  const credentials =
    user === undefined ? '' : `${encodeURIComponent(user)}:${encodeURIComponent(password)}@`
  mailbox.url = `${tls?.secure ? 'smtps' : 'smtp'}://${credentials}127.0.0.1:${mailbox.port}`
  mailbox.stop = () => new Promise((resolve) => server.close(resolve))
  return mailbox
}

class Mailbox {
  /** Every message, oldest first: `{ to, from, subject, text, html, headers, user, secure }`. */
  messages = []
  #taken = new Set()
  #waiting = new Set()

  add(message, session) {
    this.messages.push({
      to: session.envelope.rcptTo[0].address,
      from: session.envelope.mailFrom.address,
      sender: message.from?.value[0],
      subject: message.subject,
      text: message.text,
      html: message.html || undefined,
      headers: message.headers,
      user: session.user,
      secure: session.secure,
    })
    for (const wake of this.#waiting) wake()
  }

  /** The oldest message to `address` that no call has answered yet; waits for it. */
  async next(address) {
    const deadline = performance.now() + timeoutMs
    for (;;) {
      const found = this.messages.find((mail) => mail.to === address && !this.#taken.has(mail))
      if (found !== undefined) {
        this.#taken.add(found)
        return found
      }
      if (!(await this.#changed(deadline - performance.now()))) {
        const seen = this.messages.map((mail) => `${mail.to}: ${mail.subject}`).join('\n')
        throw new Error(`no mail to ${address} came in time; there were:\n${seen}`)
      }
    }
  }

  #changed(timeLeftMs) {
    return new Promise((resolve) => {
      const finish = (changed) => {
        clearTimeout(timer)
        this.#waiting.delete(wake)
        resolve(changed)
      }
      const wake = () => finish(true)
      const timer = setTimeout(() => finish(false), Math.max(0, timeLeftMs))
      this.#waiting.add(wake)
    })
  }
}

/** The first link in a message's text. */
export function linkIn(message) {
  const link = /https?:\/\/\S+/.exec(message.text ?? '')?.[0]
  if (link === undefined) throw new Error(`no link in: ${message.text}`)
  return link
}

/** The first code of six digits or more in a message's text. */
export function codeIn(message) {
  const code = /\b\d{6,10}\b/.exec(message.text ?? '')?.[0]
  if (code === undefined) throw new Error(`no code in: ${message.text}`)
  return code
}
