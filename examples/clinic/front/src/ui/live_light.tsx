import type { Connection, Feed } from '../live/feed'
import { useChanges } from './use_changes'

const words: Record<Connection, { label: string; explanation: string }> = {
  live: { label: 'Live', explanation: 'Changes appear by themselves' },
  reconnecting: { label: 'Reconnecting', explanation: 'Refreshing every few seconds meanwhile' },
  offline: { label: 'Offline', explanation: 'The server cannot be reached; trying again' },
}

export function LiveLight({ feed }: { feed: Feed }) {
  useChanges(feed)
  const connection = feed.current()
  const { label, explanation } = words[connection]
  return (
    <div class="live-light" data-connection={connection} role="status" title={explanation}>
      <span class="live-dot" aria-hidden="true" />
      {label}
    </div>
  )
}
