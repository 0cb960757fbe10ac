import { useState } from 'preact/hooks'
import type { Patient } from './queue_table'

const suggestionsMax = 8

interface PatientSearchProps {
  readonly patients: readonly Patient[]
  /** Ids of those who are waiting already. */
  readonly waiting: ReadonlySet<string>
  onPick(patient: Patient): void
}

/** The ARIA combobox pattern: type, arrows choose, Enter adds. */
export function PatientSearch({ patients, waiting, onPick }: PatientSearchProps) {
  const [text, setText] = useState('')
  const [isOpen, setOpen] = useState(false)
  const [chosen, setChosen] = useState(0)
  const found = isOpen ? search(patients, text) : []

  const pick = (patient: Patient | undefined) => {
    if (patient === undefined || waiting.has(patient.id)) return
    setText('')
    setOpen(false)
    onPick(patient)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter') pick(found[chosen])
    else if (event.key === 'Escape') setOpen(false)
    else if (event.key === 'ArrowDown' && !isOpen) setOpen(true)
    else if (event.key === 'ArrowDown') setChosen(Math.min(chosen + 1, found.length - 1))
    else if (event.key === 'ArrowUp') setChosen(Math.max(chosen - 1, 0))
    else return
    event.preventDefault()
  }
  return (
    <div class="search">
      <input
        type="text"
        class="search-field"
        role="combobox"
        aria-label="Add a patient"
        aria-expanded={found.length > 0}
        aria-controls="patient-suggestions"
        aria-autocomplete="list"
        aria-activedescendant={found[chosen] ? `suggestion-${chosen}` : undefined}
        placeholder="Add a patient…"
        autoComplete="off"
        value={text}
        onFocus={() => setOpen(true)}
        onBlur={() => setOpen(false)}
        onKeyDown={onKeyDown}
        onInput={(event) => {
          setText(event.currentTarget.value)
          setChosen(0)
          setOpen(true)
        }}
      />
      <ul
        id="patient-suggestions"
        class="suggestions"
        role="listbox"
        aria-label="Patients"
        hidden={found.length === 0}
      >
        {found.map((patient, index) => (
          <li
            key={patient.id}
            id={`suggestion-${index}`}
            role="option"
            aria-selected={index === chosen}
            aria-disabled={waiting.has(patient.id)}
            tabIndex={-1}
            // The field must not lose the focus before the click is done.
            onMouseDown={(event) => event.preventDefault()}
            onMouseEnter={() => setChosen(index)}
            onClick={() => pick(patient)}
            onKeyDown={onKeyDown}
          >
            <span>{patient.full_name}</span>
            <span class="suggestion-detail">
              {waiting.has(patient.id) ? 'already waiting' : (patient.born_on ?? '')}
            </span>
          </li>
        ))}
      </ul>
    </div>
  )
}

/** Every word must begin a word of the name, or be in the telephone number. */
function search(patients: readonly Patient[], text: string): readonly Patient[] {
  const words = plain(text).split(/\s+/).filter(Boolean)
  const fits = (patient: Patient) => {
    const names = plain(patient.full_name).split(/[\s-]+/)
    const digits = (patient.phone ?? '').replace(/\D/g, '')
    return words.every(
      (word) =>
        names.some((name) => name.startsWith(word)) ||
        (/^\d{3,}$/.test(word) && digits.includes(word)),
    )
  }
  return patients.filter(fits).slice(0, suggestionsMax)
}

/** Lower case and without accents. */
function plain(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase()
}
