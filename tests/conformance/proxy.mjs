/// A network between a client and the server that a test can cut.

import net from 'node:net'

const socketRequest = /^GET \/realtime\/v1\/websocket/

/** Passes everything on to `port` of this machine. `t` is the test whose end closes it. */
export async function startProxy(t, port) {
  const proxy = new CuttableProxy(port)
  await proxy.listen()
  t.after(() => proxy.close())
  return proxy
}

class CuttableProxy {
  /** 'open', 'no sockets' (a network that lets only plain HTTP through), or 'closed'. */
  state = 'open'
  #port
  #server = net.createServer((near) => this.#accept(near))
  #connections = new Set()

  constructor(port) {
    this.#port = port
  }

  async listen() {
    await new Promise((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    this.url = `http://127.0.0.1:${this.#server.address().port}`
  }

  /** Cuts what is open now and lets through what `state` says from here on. */
  become(state) {
    this.state = state
    for (const { near, isSocket } of this.#connections) {
      if (state === 'closed' || (state === 'no sockets' && isSocket)) near.destroy()
    }
  }

  /** Cuts every socket; they may come back at once. */
  cutSockets() {
    for (const { near, isSocket } of this.#connections) if (isSocket) near.destroy()
  }

  close() {
    this.become('closed')
    return new Promise((resolve) => this.#server.close(resolve))
  }

  #accept(near) {
    if (this.state === 'closed') return near.destroy()
    const connection = { near, isSocket: false }
    this.#connections.add(connection)
    const far = net.connect(this.#port, '127.0.0.1')
    for (const [one, other] of [
      [near, far],
      [far, near],
    ]) {
      one.on('error', () => one.destroy())
      one.on('close', () => other.destroy())
    }
    near.on('close', () => this.#connections.delete(connection))
    // A client may ask for the socket on a connection that it has used for other requests.
    near.on('data', (chunk) => {
      connection.isSocket ||= socketRequest.test(chunk.toString('latin1'))
      if (connection.isSocket && this.state === 'no sockets') near.destroy()
    })
    near.pipe(far)
    far.pipe(near)
  }
}
