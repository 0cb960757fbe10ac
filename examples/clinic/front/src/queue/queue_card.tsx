import { useRef } from 'preact/hooks'
import { useFlash } from '../ui/use_flash'
import { startDrag } from './drag'
import { type QueueEntry, statusWords } from './queue_table'

interface QueueCardProps {
  readonly entry: QueueEntry
  readonly name: string
  /** From 1. */
  readonly place: number
  readonly places: number
  readonly mark: number
  readonly isUnsaved: boolean
  readonly waitedMinutes: number
  onMove(step: -1 | 1): void
  onDrop(afterId: string | null): void
  onNext(): void
  onRemove(): void
}

export function QueueCard(props: QueueCardProps) {
  const { entry, name, place, places } = props
  const element = useRef<HTMLLIElement>(null)
  const isFlashing = useFlash(props.mark)
  const words = statusWords[entry.status]

  const drag = (event: PointerEvent) => {
    const isHandle = event.target instanceof Element && event.target.closest('.handle') !== null
    const isButton = event.target instanceof Element && event.target.closest('button') !== null
    // A finger on the card itself scrolls the page.
    const starts = isHandle || (event.pointerType === 'mouse' && !isButton)
    if (starts && element.current !== null) startDrag(event, element.current, props.onDrop)
  }
  /** Before the card goes: the focus must not be lost with it. */
  const handOverFocus = () => {
    if (element.current?.contains(document.activeElement) !== true) return
    focusNeighbour(element.current, place < places ? 1 : -1)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowUp' ? -1 : event.key === 'ArrowDown' ? 1 : null
    if (step === null) return
    event.preventDefault()
    if (event.altKey) props.onMove(step)
    else focusNeighbour(element.current, step)
  }
  return (
    <li
      ref={element}
      class="card"
      data-id={entry.id}
      data-status={entry.status}
      data-changed={isFlashing || undefined}
      data-state={props.isUnsaved ? 'unsaved' : undefined}
      onPointerDown={drag}
      onKeyDown={onKeyDown}
    >
      <button
        type="button"
        class="handle"
        aria-label={`Move ${name}, place ${place} of ${places}`}
        aria-keyshortcuts="Alt+ArrowUp Alt+ArrowDown"
      >
        <span class="place">{place}</span>
        <svg viewBox="0 0 10 16" aria-hidden="true">
          <path d="M3 3h.01M7 3h.01M3 8h.01M7 8h.01M3 13h.01M7 13h.01" />
        </svg>
      </button>
      <div class="card-text">
        <span class="card-name">{name}</span>
        <span class="card-detail">
          {entry.reason && <span>{entry.reason}</span>}
          <span>{waitedText(props.waitedMinutes)}</span>
        </span>
      </div>
      <span class="chip" data-status={entry.status}>
        {words.label}
      </span>
      <div class="card-buttons">
        <button
          type="button"
          class="button"
          aria-label={`${words.next}: ${name}`}
          onClick={() => {
            if (entry.status === 'in_room') handOverFocus()
            props.onNext()
          }}
        >
          {words.next}
        </button>
        <IconButton
          label={`Move ${name} up`}
          disabled={place === 1}
          path="M8 12V4M4.5 7.5 8 4l3.5 3.5"
          onClick={() => props.onMove(-1)}
        />
        <IconButton
          label={`Move ${name} down`}
          disabled={place === places}
          path="M8 4v8M4.5 8.5 8 12l3.5-3.5"
          onClick={() => props.onMove(1)}
        />
        <IconButton
          label={`Remove ${name}`}
          disabled={false}
          path="m4.5 4.5 7 7M11.5 4.500l-7 7"
          onClick={() => {
            handOverFocus()
            props.onRemove()
          }}
        />
      </div>
    </li>
  )
}

interface IconButtonProps {
  readonly label: string
  readonly disabled: boolean
  readonly path: string
  onClick(): void
}

/** Stays focusable when there is nothing to do, so that the focus is not lost at the end of the list. */
function IconButton({ label, disabled, path, onClick }: IconButtonProps) {
  return (
    <button
      type="button"
      class="icon-button"
      aria-label={label}
      aria-disabled={disabled}
      onClick={() => !disabled && onClick()}
    >
      <svg viewBox="0 0 16 16" aria-hidden="true">
        <path d={path} />
      </svg>
    </button>
  )
}

function focusNeighbour(card: HTMLElement | null, step: -1 | 1): void {
  const neighbour = step < 0 ? card?.previousElementSibling : card?.nextElementSibling
  neighbour?.querySelector<HTMLElement>('.handle')?.focus()
}

function waitedText(minutes: number): string {
  if (minutes < 1) return 'just arrived'
  if (minutes < 60) return `${minutes} min`
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}
