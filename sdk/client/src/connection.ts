/// How the client stands with the server, over all that is followed.

import { Listeners } from './listeners.ts'

/**
 * idle: nothing is followed. connecting: not yet. live: changes arrive by themselves. polling: they are
 * fetched, because the socket is down or blocked. offline: the server does not answer.
 */
export type ConnectionState = 'idle' | 'connecting' | 'live' | 'polling' | 'offline'

export type FollowerState = Exclude<ConnectionState, 'idle'>

const worstFirst: readonly FollowerState[] = ['offline', 'polling', 'connecting', 'live']

export class ConnectionStatus {
  readonly #states = new Map<object, FollowerState>()
  readonly #listeners = new Listeners<[ConnectionState]>()
  #current: ConnectionState = 'idle'

  /** The worst state of anything followed. */
  readonly getSnapshot = (): ConnectionState => this.#current

  readonly subscribe = (listener: (state: ConnectionState) => void): (() => void) =>
    this.#listeners.add(listener)

  set(follower: object, state: FollowerState): void {
    this.#states.set(follower, state)
    this.#update()
  }

  remove(follower: object): void {
    this.#states.delete(follower)
    this.#update()
  }

  #update(): void {
    const states = new Set(this.#states.values())
    const next = worstFirst.find((state) => states.has(state)) ?? 'idle'
    if (next === this.#current) return
    this.#current = next
    this.#listeners.emit(next)
  }
}
