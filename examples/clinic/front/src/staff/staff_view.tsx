import type { CellEdits } from '../live/cell_edits'
import { newId } from '../live/new_id'
import type { TableSource } from '../live/table_source'
import type { Notices } from '../ui/notices'
import { removeWithUndo } from '../ui/removal'
import { useChanges } from '../ui/use_changes'
import { ConflictBar } from './conflict_bar'
import { StaffCell } from './staff_cell'
import { cellText, type StaffMember, staffColumns } from './staff_table'
import { useGrid } from './use_grid'

interface StaffViewProps {
  readonly source: TableSource<StaffMember>
  readonly edits: CellEdits<StaffMember>
  readonly notices: Notices
}

export function StaffView({ source, edits, notices }: StaffViewProps) {
  const { table } = source
  useChanges(table, edits)
  const grid = useGrid({ table, edits, notices })
  const rows = table.rows()

  const add = async () => {
    const outcome = await source.insert({ id: newId() })
    if (outcome.kind === 'failed') {
      notices.trouble(`Nobody was added: ${outcome.message}`)
      return
    }
    grid.start(outcome.row.id, 'full_name', false)
  }

  const remove = (person: StaffMember, index: number) => {
    const neighbour = rows[index + 1] ?? rows[index - 1]
    if (neighbour !== undefined) grid.activate({ id: neighbour.id, column: 'remove' })
    void removeWithUndo(source, notices, person, person.full_name || 'the unnamed person')
  }

  return (
    <>
      <div class="toolbar">
        <h1>Staff</h1>
        <span class="count">{table.isFilled() ? countText(rows) : 'Loading…'}</span>
        <button type="button" class="button button-main" onClick={() => void add()}>
          Add person
        </button>
      </div>
      <ConflictBar table={table} edits={edits} />
      <div class="grid-scroll">
        <table
          ref={grid.element}
          class="grid"
          role="grid"
          aria-label="Staff"
          aria-rowcount={rows.length + 1}
          aria-describedby="grid-help"
          onKeyDown={grid.onKeyDown}
          onClick={grid.onClick}
          onFocusCapture={grid.onFocus}
        >
          <thead>
            <tr>
              {staffColumns.map((column) => (
                <th key={column.id} scope="col" class={`head-${column.kind}`}>
                  {column.label}
                </th>
              ))}
              <th scope="col" class="head-remove">
                <span class="visually-hidden">Remove</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map((person, index) => (
              <tr key={person.id} aria-rowindex={index + 2}>
                {staffColumns.map((view) => (
                  <StaffCell
                    key={view.id}
                    view={view}
                    person={person}
                    mark={table.mark(person.id, view.id)}
                    state={edits.state(person.id, view.id)}
                    isTabStop={grid.active?.id === person.id && grid.active.column === view.id}
                    edit={editOf(grid, person, view.id)}
                  />
                ))}
                <td role="gridcell" class="cell cell-remove">
                  <button
                    type="button"
                    class="icon-button"
                    data-id={person.id}
                    data-column="remove"
                    aria-label={`Remove ${person.full_name || 'the unnamed person'}`}
                    tabIndex={
                      grid.active?.id === person.id && grid.active.column === 'remove' ? 0 : -1
                    }
                    onClick={() => remove(person, index)}
                  >
                    <svg viewBox="0 0 16 16" aria-hidden="true">
                      <path d="M3 4.500h10M6.5 4.500V3h3v1.500M4.5 4.500l.6 8.500h5.800l.6-8.500M6.800 7v4M9.2 7v4" />
                    </svg>
                  </button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p id="grid-help" class="help">
        Click or <kbd>Enter</kbd> to edit, arrows to move, <kbd>Esc</kbd> to cancel. Everything is
        saved as you go.
      </p>
    </>
  )
}

function countText(rows: readonly StaffMember[]): string {
  const onDuty = rows.filter((person) => person.on_duty).length
  return `${rows.length} people, ${onDuty} on duty`
}

function editOf(
  grid: ReturnType<typeof useGrid>,
  person: StaffMember,
  column: (typeof staffColumns)[number]['id'],
) {
  const { editing } = grid
  if (editing === null || editing.id !== person.id || editing.column !== column) return null
  const isOld = person[column] !== editing.base
  return {
    draft: editing.draft,
    newer: isOld ? cellText(person[column]) : null,
    byPointer: editing.byPointer,
    onDraft: grid.setDraft,
    onCommit: grid.commit,
  }
}
