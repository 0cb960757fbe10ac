import type { CellEdits, Conflict } from '../live/cell_edits'
import type { LiveTable } from '../live/live_table'
import { cellText, columnView, type StaffColumn, type StaffMember } from './staff_table'

interface ConflictBarProps {
  readonly table: LiveTable<StaffMember>
  readonly edits: CellEdits<StaffMember>
}

/** Asks, once per cell that two people changed at the same time. Blocks nothing. */
export function ConflictBar({ table, edits }: ConflictBarProps) {
  return (
    <div role="alert" class="conflicts">
      {edits.conflicts().map((conflict) => (
        <ConflictQuestion
          key={`${conflict.id} ${conflict.column}`}
          conflict={conflict}
          name={table.row(conflict.id)?.full_name ?? ''}
          edits={edits}
        />
      ))}
    </div>
  )
}

interface ConflictQuestionProps {
  readonly conflict: Conflict<StaffMember>
  readonly name: string
  readonly edits: CellEdits<StaffMember>
}

function ConflictQuestion({ conflict, name, edits }: ConflictQuestionProps) {
  const { column, mine, theirs } = conflict
  if (column === 'id' || column === 'created_at') return null
  const label = columnView(column satisfies StaffColumn).label.toLowerCase()
  return (
    <div class="conflict">
      <p>
        Somebody else changed the {label} of <strong>{name || 'this person'}</strong> to{' '}
        <q>{cellText(theirs)}</q>. You typed <q>{cellText(mine)}</q>.
      </p>
      <div class="conflict-buttons">
        <button type="button" class="button" onClick={() => edits.keepMine(conflict)}>
          Keep mine
        </button>
        <button type="button" class="button" onClick={() => edits.takeTheirs(conflict)}>
          Take theirs
        </button>
      </div>
    </div>
  )
}
