/// The peer of fan-out: the npm package `ws`, used as its documentation shows for broadcasting.
/// Prints "ws_sender ready at PORT".

import { WebSocket, WebSocketServer } from 'ws'

const server = new WebSocketServer({ host: '127.0.0.1', port: 0, backlog: 4096 })

server.on('listening', () => console.log(`ws_sender ready at ${server.address().port}`))

server.on('connection', (socket) => {
  socket.on('message', (data, isBinary) => {
    for (const client of server.clients) {
      if (client !== socket && client.readyState === WebSocket.OPEN) {
        client.send(data, { binary: isBinary })
      }
    }
  })
  socket.on('error', () => socket.terminate())
})
