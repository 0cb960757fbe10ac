import type { Notices } from './notices'
import { useChanges } from './use_changes'

export function NoticeBar({ notices }: { notices: Notices }) {
  useChanges(notices)
  const { offer } = notices
  return (
    <>
      <footer class="status-line" data-trouble={notices.isTrouble || undefined}>
        <span role="status">{notices.line}</span>
      </footer>
      <div class="toast-place" role="status">
        {offer && (
          <div class="toast">
            <span>{offer.text}</span>
            <button type="button" class="toast-action" onClick={() => notices.takeOffer()}>
              {offer.action}
            </button>
            <button
              type="button"
              class="icon-button"
              aria-label="Dismiss"
              onClick={() => notices.dismiss()}
            >
              ✕
            </button>
          </div>
        )}
      </div>
    </>
  )
}
