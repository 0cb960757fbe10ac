import { useEffect, useState } from 'preact/hooks'
import type { CellEdits } from '../live/cell_edits'
import type { LiveTable } from '../live/live_table'
import { newId } from '../live/new_id'
import type { TableSource } from '../live/table_source'
import type { Notices } from '../ui/notices'
import { removeWithUndo } from '../ui/removal'
import { useChanges } from '../ui/use_changes'
import { PatientSearch } from './patient_search'
import { placeAfterRow, positionBetween } from './positions'
import { QueueCard } from './queue_card'
import { type Patient, type QueueEntry, statusAfter, statusWords } from './queue_table'
import { useGlide } from './use_glide'

const clockMs = 20_000

interface QueueViewProps {
  readonly source: TableSource<QueueEntry>
  readonly edits: CellEdits<QueueEntry>
  readonly patients: LiveTable<Patient>
  readonly notices: Notices
}

export function QueueView({ source, edits, patients, notices }: QueueViewProps) {
  const { table } = source
  useChanges(table, edits, patients)
  useTheirChoice(edits, notices)
  const now = useClock()
  const { list, skipNext } = useGlide()
  const [spoken, setSpoken] = useState('')
  const open = table.rows().filter((entry) => entry.status !== 'done')
  const done = table.rows().filter((entry) => entry.status === 'done')
  const nameOf = (entry: QueueEntry) => patients.row(entry.patient_id)?.full_name ?? 'Patient'

  const place = (entry: QueueEntry, afterId: string | null) => {
    for (const change of placeAfterRow(open, entry.id, afterId)) {
      const from = table.row(change.id)?.position
      if (from !== undefined) edits.save(change.id, 'position', change.position, from)
    }
    const index = table
      .rows()
      .filter((other) => other.status !== 'done')
      .findIndex((other) => other.id === entry.id)
    setSpoken(`${nameOf(entry)}: place ${index + 1} of ${open.length}`)
  }
  const step = (entry: QueueEntry, by: -1 | 1) => {
    const index = open.indexOf(entry)
    const after = by < 0 ? open[index - 2] : open[index + 1]
    if (index + by >= 0 && index + by < open.length) place(entry, after?.id ?? null)
  }
  const add = async (patient: Patient) => {
    const last = table.rows().at(-1)
    const position = positionBetween(last?.position) ?? 1
    const outcome = await source.insert({ id: newId(), patient_id: patient.id, position })
    if (outcome.kind === 'failed') {
      notices.trouble(`${patient.full_name} was not added: ${outcome.message}`)
      return
    }
    setSpoken(`${patient.full_name} added`)
  }
  const next = (entry: QueueEntry) =>
    edits.save(entry.id, 'status', statusAfter(entry.status), entry.status)
  const remove = (entry: QueueEntry) => void removeWithUndo(source, notices, entry, nameOf(entry))

  return (
    <>
      <div class="toolbar">
        <h1>Waiting room</h1>
        <span class="count">{table.isFilled() ? `${open.length} here` : 'Loading…'}</span>
        <PatientSearch
          patients={patients.rows()}
          waiting={new Set(open.map((entry) => entry.patient_id))}
          onPick={(patient) => void add(patient)}
        />
      </div>
      <ol ref={list} class="cards" aria-label="Queue">
        {open.map((entry, index) => (
          <QueueCard
            key={entry.id}
            entry={entry}
            name={nameOf(entry)}
            place={index + 1}
            places={open.length}
            mark={table.mark(entry.id, 'position') + table.mark(entry.id, 'status')}
            isUnsaved={
              edits.state(entry.id, 'position') === 'unsaved' ||
              edits.state(entry.id, 'status') === 'unsaved'
            }
            waitedMinutes={Math.floor((now - Date.parse(entry.arrived_at)) / 60_000)}
            onMove={(by) => step(entry, by)}
            onDrop={(afterId) => {
              skipNext()
              place(entry, afterId)
            }}
            onNext={() => next(entry)}
            onRemove={() => remove(entry)}
          />
        ))}
      </ol>
      {table.isFilled() && open.length === 0 && <p class="empty">Nobody is waiting.</p>}
      {done.length > 0 && (
        <details class="done">
          <summary>Done ({done.length})</summary>
          <ul>
            {done.map((entry) => (
              <li key={entry.id}>
                <span>{nameOf(entry)}</span>
                <button
                  type="button"
                  class="button"
                  aria-label={`${statusWords.done.next}: ${nameOf(entry)}`}
                  onClick={() => next(entry)}
                >
                  {statusWords.done.next}
                </button>
              </li>
            ))}
          </ul>
        </details>
      )}
      <p class="help">
        Drag a card, or move it with <kbd>Alt</kbd> <kbd>↑</kbd> <kbd>↓</kbd>.
      </p>
      <p class="visually-hidden" role="status">
        {spoken}
      </p>
    </>
  )
}

/** Two people moved one card at the same time: the first move holds, the second is told so. */
function useTheirChoice(edits: CellEdits<QueueEntry>, notices: Notices): void {
  const conflicts = edits.conflicts()
  useEffect(() => {
    for (const conflict of conflicts) edits.takeTheirs(conflict)
    if (conflicts.length > 0) notices.quiet('Somebody else was quicker with this card')
  })
}

function useClock(): number {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), clockMs)
    return () => clearInterval(timer)
  }, [])
  return now
}
