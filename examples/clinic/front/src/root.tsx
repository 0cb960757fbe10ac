import type { SupabaseClient } from '@supabase/supabase-js'
import { useEffect, useState } from 'preact/hooks'
import { App, createParts } from './app'
import type { Account, Person } from './sign_in/account'
import { SignInView } from './sign_in/sign_in_view'
import { useChanges } from './ui/use_changes'

/** The sign-in page or the application, whichever the account's state asks for. */
export function Root({ client, account }: { client: SupabaseClient; account: Account }) {
  useChanges(account)
  const state = account.current()
  if (state.kind === 'loading') return null
  if (state.kind === 'out') return <SignInView account={account} why={state.why} />
  return <SignedIn key={state.person.id} client={client} account={account} person={state.person} />
}

interface SignedInProps {
  client: SupabaseClient
  account: Account
  person: Person
}

/** What the pages share lives as long as somebody is signed in: the next one starts with nothing. */
function SignedIn({ client, account, person }: SignedInProps) {
  const [parts] = useState(() => createParts(client, person, () => void account.evicted()))
  useEffect(() => {
    parts.feed.start()
    return () => parts.feed.stop()
  }, [parts])
  return <App parts={parts} person={person} onSignOut={() => void account.signOut()} />
}
