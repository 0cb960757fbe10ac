/// Who is signed in on this page, and how that begins and ends.

import type { Session, SupabaseClient } from '@supabase/supabase-js'

export type Role = 'admin' | 'staff' | 'dentist' | 'patient'

export interface Person {
  readonly id: string
  readonly name: string
  readonly role: Role
}

/** Where else the account is signed in. */
export interface OtherDevice {
  readonly name: string
  readonly lastSeen: Date
}

export type SignInOutcome =
  | { readonly kind: 'signed in' }
  | { readonly kind: 'conflict'; readonly other: OtherDevice }
  | { readonly kind: 'refused'; readonly message: string }

/** `loading` until the stored session is known to be good or gone. */
export type AccountState =
  | { readonly kind: 'loading' }
  | { readonly kind: 'out'; readonly why: string }
  | { readonly kind: 'in'; readonly person: Person }

const conflictCode = 'session_conflict'

/** Sends the header that signs the other device out, and keeps what a refusal says of that device. */
export class SignInFetch {
  force = false
  other: OtherDevice | null = null

  readonly fetch: typeof fetch = async (input, init) => {
    const headers = new Headers(init?.headers)
    if (this.force) headers.set('x-force-sign-in', 'true')
    const response = await fetch(input, { ...init, headers })
    if (response.status === 409) this.other = readOther(await response.clone().json())
    return response
  }
}

function readOther(body: unknown): OtherDevice | null {
  const session = (body as { session?: { device?: { name?: string }; last_seen_at?: string } })
    .session
  if (session?.last_seen_at === undefined) return null
  return {
    name: session.device?.name || 'another device',
    lastSeen: new Date(session.last_seen_at),
  }
}

function readPerson(session: Session): Person {
  const { user } = session
  const role = user.app_metadata.role as Role | undefined
  const name = user.user_metadata.full_name as string | undefined
  return { id: user.id, name: name ?? user.email ?? '', role: role ?? 'patient' }
}

export class Account {
  private readonly client: SupabaseClient
  private readonly wire: SignInFetch
  private state: AccountState = { kind: 'loading' }
  private readonly listeners = new Set<() => void>()

  constructor(client: SupabaseClient, wire: SignInFetch) {
    this.client = client
    this.wire = wire
    client.auth.onAuthStateChange((event, session) => {
      if (session !== null) this.show({ kind: 'in', person: readPerson(session) })
      else if (event !== 'INITIAL_SESSION' && this.state.kind === 'in') this.end('')
      else if (this.state.kind === 'loading') this.end('')
    })
  }

  current(): AccountState {
    return this.state
  }

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  async signIn(email: string, password: string, force: boolean): Promise<SignInOutcome> {
    this.wire.force = force
    this.wire.other = null
    const { error } = await this.client.auth.signInWithPassword({ email, password })
    this.wire.force = false
    if (error === null) return { kind: 'signed in' }
    const { other } = this.wire
    if (error.code === conflictCode && other !== null) return { kind: 'conflict', other }
    return { kind: 'refused', message: error.message }
  }

  async signOut(): Promise<void> {
    await this.client.auth.signOut({ scope: 'local' })
    this.end('')
  }

  /** The server has ended this session: somebody signed in elsewhere, or was locked out. */
  async evicted(): Promise<void> {
    this.end('You were signed out: this account is now used on another device.')
    await this.client.auth.signOut({ scope: 'local' })
  }

  private end(why: string): void {
    if (this.state.kind === 'out') return
    this.show({ kind: 'out', why })
  }

  private show(state: AccountState): void {
    this.state = state
    for (const listener of this.listeners) listener()
  }
}
