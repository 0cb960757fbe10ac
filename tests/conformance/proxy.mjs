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
  /**
   * 'open', 'no sockets' (a network that lets only plain HTTP through), 'closed', or 'held': connections are taken, and get no
   * further before it is open again.
   */
  state = 'open'
  #held = []
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
    const cutsAll = state === 'closed' || state === 'held'
    for (const { near, isSocket } of this.#connections) {
      if (cutsAll || (state === 'no sockets' && isSocket)) near.destroy()
    }
    for (const near of this.#held.splice(0)) this.#accept(near)
  }

  /** Cuts every socket; they may come back at once. */
  cutSockets() {
    for (const { near, isSocket } of this.#connections) if (isSocket) near.destroy()
  }

  /** Cuts every socket after `bytes` more bytes to the client, wherever in a frame that is. */
  cutSocketsAfter(bytes) {
    for (const connection of this.#connections) {
      if (connection.isSocket) connection.bytesLeft = bytes
    }
  }

  close() {
    this.become('closed')
    return new Promise((resolve) => this.#server.close(resolve))
  }

  #accept(near) {
    if (this.state === 'closed') return near.destroy()
    if (this.state === 'held') return this.#held.push(near)
    const connection = { near, isSocket: false, bytesLeft: Number.POSITIVE_INFINITY }
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
    far.on('data', (bytes) => {
      const passed = bytes.subarray(0, connection.bytesLeft)
      connection.bytesLeft -= passed.length
      if (!near.write(passed)) {
        far.pause()
        near.once('drain', () => far.resume())
      }
      if (connection.bytesLeft === 0) near.destroySoon()
    })
  }
}
