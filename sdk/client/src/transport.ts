/// The platform's WebSocket, with the end of a connection that never came about.
///
/// A socket that fails to connect closes (WHATWG WebSockets, "fail the WebSocket connection"), and on `close` the
/// client tries again. Node 22 stops at `error` and leaves the socket connecting for ever.

import type { WebSocketLikeConstructor } from '@supabase/supabase-js'

/** Undefined where there is no WebSocket: then the application gives a transport of its own. */
export function sturdyTransport(): WebSocketLikeConstructor | undefined {
  const Base = globalThis.WebSocket
  if (Base === undefined) return undefined
  class SturdyWebSocket extends Base {
    constructor(address: string | URL, subprotocols?: string | string[]) {
      super(address, subprotocols)
      this.addEventListener('error', () => {
        setTimeout(() => {
          if (this.readyState === Base.CONNECTING) this.onclose?.(new Event('close') as CloseEvent)
        })
      })
    }
  }
  return SturdyWebSocket as unknown as WebSocketLikeConstructor
}
