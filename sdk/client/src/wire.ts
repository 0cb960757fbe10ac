/// What the socket says beyond the words of supabase-js: positions. Sits in the client's `encode` and
/// `decode` options, so that the client itself stays as it is.
///
/// Remembers for each channel the position up to which everything was delivered, and puts it into the
/// join when the client joins the channel again. Servers without positions see an unknown join option.

import type { RealtimeChannel, RealtimeClient, RealtimeClientOptions } from '@supabase/supabase-js'
import { isAfter, later } from './position.ts'
import { subjectOf } from './token.ts'

export type Encode = NonNullable<RealtimeClientOptions['encode']>
export type Decode = NonNullable<RealtimeClientOptions['decode']>

/** How the server answered the last join of a channel. */
export interface JoinReply {
  /** Everything committed after it is delivered; undefined on servers without positions. */
  readonly position: string | undefined
  /** What was missed is on its way, in order. */
  readonly resumed: boolean
  /** Why it is not, when resuming was asked for. */
  readonly resync: string | undefined
}

/** The event that is being delivered right now. */
export interface CurrentChange {
  readonly position: string | undefined
  readonly commit: string | undefined
  readonly columns: readonly { readonly name: string; readonly type: string }[]
}

interface Message {
  topic: string
  event: string
  payload: Record<string, unknown>
  ref?: string | null
  join_ref?: string | null
}

interface ChannelState {
  channel: RealtimeChannel | undefined
  bindings: string
  joinRef: string | undefined
  reply: JoinReply | undefined
  /** Everything up to here was delivered: where to resume. */
  position: string | undefined
  /** The change delivered last, and which of its messages: a channel with several bindings may get several. */
  newest: { position: string; ids: Set<string> } | undefined
  isReplaying: boolean
}

export interface WireEvents {
  /** Another person speaks over the socket; undefined is nobody signed in. */
  onSubject(subject: string | undefined): void
  /** A channel came back and what it missed cannot be told. */
  onResync(topic: string, reason: string): void
}

export class Wire {
  current: CurrentChange | undefined
  #realtime: RealtimeClient | undefined
  readonly #channels = new Map<string, ChannelState>()
  /** Where a channel that has not joined yet may begin. */
  readonly #beginnings = new WeakMap<RealtimeChannel, string>()
  readonly #events: WireEvents
  readonly #innerEncode: Encode
  readonly #innerDecode: Decode

  constructor(encode: Encode, decode: Decode, events: WireEvents) {
    this.#innerEncode = encode
    this.#innerDecode = decode
    this.#events = events
  }

  attach(realtime: RealtimeClient): void {
    this.#realtime = realtime
  }

  readonly encode: Encode = (message, callback) =>
    this.#innerEncode(this.#outgoing(message as Message) as typeof message, callback)

  readonly decode: Decode = (raw, callback) =>
    this.#innerDecode(raw, (decoded) => {
      const message = decoded as unknown as Message
      const state = this.#channels.get(message?.topic)
      if (state === undefined) {
        callback(decoded)
        if (isHeartbeatReply(message)) this.#heartbeat(message)
        return
      }
      if (message.event === 'postgres_changes')
        this.#change(state, message, () => callback(decoded))
      else {
        this.#before(state, message)
        callback(decoded)
        if (message.event === 'phx_close' && isOfJoin(message, state))
          this.#channels.delete(message.topic)
      }
    })

  /** Up to where everything was delivered to `channel`. */
  positionOf(channel: RealtimeChannel): string | undefined {
    return this.#stateOf(channel)?.position
  }

  replyOf(channel: RealtimeChannel): JoinReply | undefined {
    return this.#stateOf(channel)?.reply
  }

  /** What was fetched in another way up to `position` need not be delivered to `channel`. */
  advance(channel: RealtimeChannel, position: string): void {
    const state = this.#stateOf(channel)
    if (state?.position !== undefined) state.position = later(state.position, position)
    else this.#beginnings.set(channel, position)
  }

  #stateOf(channel: RealtimeChannel): ChannelState | undefined {
    const state = this.#channels.get(channel.topic)
    return state?.channel === channel ? state : undefined
  }

  #outgoing(message: Message): Message {
    if (message.event !== 'phx_join' && message.event !== 'access_token') return message
    const token = message.payload.access_token
    if (typeof token === 'string') this.#events.onSubject(subjectOf(token))
    if (message.event === 'access_token') return message

    const state = this.#stateForJoin(message)
    state.joinRef = message.ref ?? undefined
    state.reply = undefined
    if (state.channel !== undefined) state.position ??= this.#beginnings.get(state.channel)
    if (state.position === undefined) return message
    const config = (message.payload.config ?? {}) as Record<string, unknown>
    return {
      ...message,
      payload: { ...message.payload, config: { ...config, resume: { position: state.position } } },
    }
  }

  /** A new channel of an old name, or one that now listens to something else, does not go on from the old place. */
  #stateForJoin(message: Message): ChannelState {
    const channel = this.#realtime?.getChannels().find(({ topic }) => topic === message.topic)
    const config = message.payload.config as { postgres_changes?: unknown } | undefined
    const bindings = JSON.stringify(config?.postgres_changes ?? [])
    const known = this.#channels.get(message.topic)
    if (known !== undefined && known.channel === channel && known.bindings === bindings)
      return known
    const state: ChannelState = {
      channel,
      bindings,
      joinRef: undefined,
      reply: undefined,
      position: undefined,
      newest: undefined,
      isReplaying: false,
    }
    this.#channels.set(message.topic, state)
    return state
  }

  #before(state: ChannelState, message: Message): void {
    const { event, payload, ref, topic } = message
    if (event === 'phx_reply' && ref === state.joinRef && payload.status === 'ok') {
      this.#joined(state, (payload.response ?? {}) as Record<string, unknown>, topic)
    } else if (event === 'system' && payload.extension === 'resume') {
      state.isReplaying = false
      if (payload.status === 'error') this.#events.onResync(topic, String(payload.message))
    }
  }

  #joined(state: ChannelState, response: Record<string, unknown>, topic: string): void {
    const { position, resumed, resync } = response
    const asked = state.position !== undefined
    state.reply = {
      position: typeof position === 'string' ? position : undefined,
      resumed: resumed === true,
      resync: typeof resync === 'string' ? resync : undefined,
    }
    state.isReplaying = state.reply.resumed
    if (!state.reply.resumed) {
      state.position = state.reply.position
      state.newest = undefined
    }
    // With a reason, a message of its own follows.
    if (asked && !state.reply.resumed && state.reply.resync === undefined)
      this.#events.onResync(topic, 'the server does not resume')
  }

  #change(state: ChannelState, message: Message, deliver: () => void): void {
    const data = (message.payload.data ?? {}) as Record<string, unknown>
    const position = typeof data.position === 'string' ? data.position : undefined
    const ids = JSON.stringify(message.payload.ids)
    // What was delivered before the socket was cut and is replayed because its change was the last.
    if (position !== undefined && state.newest?.position === position && state.newest.ids.has(ids))
      return
    this.current = {
      position,
      commit: typeof data.commit === 'string' ? data.commit : undefined,
      columns: Array.isArray(data.columns) ? data.columns : [],
    }
    try {
      deliver()
    } finally {
      this.current = undefined
      if (position !== undefined) remember(state, position, ids)
    }
  }

  #heartbeat(message: Message): void {
    const response = message.payload.response as { position?: unknown } | undefined
    const position = response?.position
    if (typeof position !== 'string') return
    for (const state of this.#channels.values()) {
      if (state.reply === undefined || state.isReplaying || state.position === undefined) continue
      if (state.channel?.state !== 'joined') continue
      state.position = later(state.position, position)
    }
  }
}

/** The newest change may have more messages to come, so the place to resume is the one before it. */
function remember(state: ChannelState, position: string, ids: string): void {
  if (state.newest?.position === position) {
    state.newest.ids.add(ids)
    return
  }
  const before = state.newest?.position
  if (before !== undefined && isAfter(before, state.position)) state.position = before
  state.newest = { position, ids: new Set([ids]) }
}

/** A channel that was opened again under the same name gets the end of the former one. */
function isOfJoin(message: Message, state: ChannelState): boolean {
  return message.join_ref == null || message.join_ref === state.joinRef
}

function isHeartbeatReply(message: Message): boolean {
  return message?.topic === 'phoenix' && message.event === 'phx_reply' && message.payload !== null
}
