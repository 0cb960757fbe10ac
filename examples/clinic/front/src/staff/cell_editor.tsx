import { useLayoutEffect, useRef } from 'preact/hooks'
import { type ColumnView, staffRoles } from './staff_table'

interface CellEditorProps {
  readonly view: ColumnView
  readonly label: string
  readonly draft: string
  /** What another screen has put into the cell meanwhile; null when nothing. */
  readonly newer: string | null
  /** Whether the mouse opened the editor: then picking from a list is the end of the edit. */
  readonly byPointer: boolean
  onDraft(draft: string): void
  onCommit(): void
}

/** The field over a cell while it is edited. Keys are the grid's business. */
export function CellEditor(props: CellEditorProps) {
  const { view, label, draft, newer, onDraft, onCommit } = props
  const field = useRef<HTMLInputElement & HTMLSelectElement>(null)
  const pickEnds = useRef(props.byPointer)
  useLayoutEffect(() => {
    field.current?.focus()
    if (view.kind === 'choice') {
      if (props.byPointer) openList(field.current)
    } else {
      const end = draft.length
      field.current?.setSelectionRange?.(end, end)
    }
  }, [])
  return (
    <>
      {view.kind === 'choice' ? (
        <select
          ref={field}
          class="cell-editor"
          aria-label={label}
          value={draft}
          onKeyDown={() => {
            pickEnds.current = false
          }}
          onChange={(event) => {
            onDraft(event.currentTarget.value)
            if (pickEnds.current) onCommit()
          }}
          onBlur={onCommit}
        >
          {staffRoles.map((role) => (
            <option key={role} value={role}>
              {role}
            </option>
          ))}
        </select>
      ) : (
        <input
          ref={field}
          class="cell-editor"
          aria-label={label}
          type="text"
          inputMode={view.kind === 'number' ? 'decimal' : view.kind}
          autoComplete="off"
          maxLength={view.lengthMax}
          value={draft}
          onInput={(event) => onDraft(event.currentTarget.value)}
          onBlur={onCommit}
        />
      )}
      {newer !== null && <span class="cell-hint">now “{newer}”</span>}
    </>
  )
}

function openList(field: HTMLSelectElement | null): void {
  try {
    field?.showPicker()
  } catch {
    // Not allowed without a fresh click; the closed list works as well.
  }
}
