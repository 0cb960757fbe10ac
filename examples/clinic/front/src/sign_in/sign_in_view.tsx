import { useEffect, useRef, useState } from 'preact/hooks'
import type { Account, OtherDevice } from './account'

/** The first page, and where an evicted one goes by itself. */
export function SignInView({ account, why }: { account: Account; why: string }) {
  const [email, setEmail] = useState('')
  const [password, setPassword] = useState('')
  const [problem, setProblem] = useState('')
  const [other, setOther] = useState<OtherDevice | null>(null)
  const [busy, setBusy] = useState(false)

  const signIn = async (force: boolean) => {
    setBusy(true)
    setProblem('')
    setOther(null)
    const outcome = await account.signIn(email, password, force)
    setBusy(false)
    if (outcome.kind === 'conflict') setOther(outcome.other)
    if (outcome.kind === 'refused') setProblem(outcome.message)
  }

  return (
    <main class="sign-in">
      <form
        class="sign-in-card"
        onSubmit={(event) => {
          event.preventDefault()
          void signIn(false)
        }}
      >
        <h1>Sign in to the clinic</h1>
        {why !== '' && (
          <p class="sign-in-why" role="status">
            {why}
          </p>
        )}
        <label>
          E-mail
          <input
            type="email"
            autocomplete="username"
            required
            value={email}
            onInput={(event) => setEmail(event.currentTarget.value)}
          />
        </label>
        <label>
          Password
          <input
            type="password"
            autocomplete="current-password"
            required
            value={password}
            onInput={(event) => setPassword(event.currentTarget.value)}
          />
        </label>
        {problem !== '' && (
          <p class="sign-in-problem" role="alert">
            {problem}
          </p>
        )}
        <button type="submit" class="button button-main" disabled={busy}>
          Sign in
        </button>
      </form>
      {other !== null && (
        <ConflictDialog
          other={other}
          onForce={() => void signIn(true)}
          onCancel={() => setOther(null)}
        />
      )}
    </main>
  )
}

interface ConflictProps {
  other: OtherDevice
  onForce: () => void
  onCancel: () => void
}

function ConflictDialog({ other, onForce, onCancel }: ConflictProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => dialog.current?.showModal(), [])
  return (
    <dialog ref={dialog} class="conflict" aria-labelledby="conflict-title" onClose={onCancel}>
      <h2 id="conflict-title">Already signed in</h2>
      <p>
        This account is in use on <strong>{other.name}</strong>, last active{' '}
        {other.lastSeen.toLocaleTimeString()}. Only one device at a time may use it.
      </p>
      <div class="conflict-buttons">
        <button type="button" class="button" onClick={onCancel}>
          Cancel
        </button>
        <button type="button" class="button button-main" onClick={onForce}>
          Force sign-in
        </button>
      </div>
    </dialog>
  )
}
