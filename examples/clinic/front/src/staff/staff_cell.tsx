import { useFlash } from '../ui/use_flash'
import { CellEditor } from './cell_editor'
import { type ColumnView, cellText, type StaffMember } from './staff_table'

export interface CellEdit {
  readonly draft: string
  readonly newer: string | null
  readonly byPointer: boolean
  onDraft(draft: string): void
  onCommit(): void
}

interface StaffCellProps {
  readonly view: ColumnView
  readonly person: StaffMember
  readonly mark: number
  readonly state: 'saved' | 'saving' | 'unsaved' | 'conflict'
  readonly isTabStop: boolean
  readonly edit: CellEdit | null
}

export function StaffCell({ view, person, mark, state, isTabStop, edit }: StaffCellProps) {
  const isFlashing = useFlash(mark)
  const value = person[view.id]
  const attributes = {
    class: `cell cell-${view.kind}`,
    'data-id': person.id,
    'data-column': view.id,
    'data-state': state === 'saved' ? undefined : state,
    'data-changed': isFlashing || undefined,
    tabIndex: isTabStop && edit === null ? 0 : -1,
  }
  const content = (
    <>
      <CellValue view={view} value={value} />
      {edit !== null && <CellEditor view={view} label={view.label} {...edit} />}
    </>
  )
  return view.id === 'full_name' ? (
    <th scope="row" {...attributes}>
      {content}
    </th>
  ) : (
    <td role="gridcell" {...attributes}>
      {content}
    </td>
  )
}

function CellValue({ view, value }: { view: ColumnView; value: StaffMember[ColumnView['id']] }) {
  const text = cellText(value)
  if (view.kind === 'flag') {
    return (
      <span class="switch" data-on={value === true || undefined}>
        <span class="visually-hidden">{text}</span>
      </span>
    )
  }
  if (view.kind === 'choice') {
    return (
      <span class="chip" data-role={text}>
        {text}
      </span>
    )
  }
  if (view.id === 'full_name' && text === '') return <span class="placeholder">Name</span>
  return <span class="cell-value">{text}</span>
}
