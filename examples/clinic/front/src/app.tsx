import type { SupabaseClient } from '@supabase/supabase-js'
import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { appointmentShape, colleagueShape } from './appointments/appointment_table'
import { AppointmentsView } from './appointments/appointments_view'
import { CellEdits } from './live/cell_edits'
import { Feed } from './live/feed'
import { LiveTable } from './live/live_table'
import { TableSource } from './live/table_source'
import { patientShape, queueShape } from './queue/queue_table'
import { QueueView } from './queue/queue_view'
import type { Person } from './sign_in/account'
import { staffShape } from './staff/staff_table'
import { StaffView } from './staff/staff_view'
import { LiveLight } from './ui/live_light'
import { NoticeBar } from './ui/notice_bar'
import { Notices } from './ui/notices'
import { type Tab, Tabs } from './ui/tabs'

const teamTabs = [
  { id: 'staff', label: 'Staff' },
  { id: 'queue', label: 'Waiting room' },
  { id: 'appointments', label: 'Appointments' },
]
const patientTabs = [{ id: 'appointments', label: 'Appointments' }]

/** Everything the pages share while `person` is signed in, made once. */
export function createParts(client: SupabaseClient, person: Person, onEvicted: () => void) {
  const notices = new Notices()
  const staff = new TableSource(client, new LiveTable(staffShape))
  const queue = new TableSource(client, new LiveTable(queueShape))
  const patients = new TableSource(client, new LiveTable(patientShape))
  const appointments = new TableSource(client, new LiveTable(appointmentShape))
  const colleagues = new TableSource(client, new LiveTable(colleagueShape))
  const staffEdits = new CellEdits(staff, notices)
  const queueEdits = new CellEdits(queue, notices)
  const everybodys = [patients, appointments, colleagues]
  const followed = person.role === 'patient' ? everybodys : [staff, queue, ...everybodys]
  const feed = new Feed(client, 'clinic', followed, onEvicted)
  feed.subscribe(() => {
    if (feed.current() === 'offline') return
    staffEdits.retryUnsaved()
    queueEdits.retryUnsaved()
  })
  return { notices, staff, queue, patients, appointments, colleagues, staffEdits, queueEdits, feed }
}

interface AppProps {
  parts: ReturnType<typeof createParts>
  person: Person
  onSignOut: () => void
}

export function App({ parts, person, onSignOut }: AppProps) {
  const tabs = person.role === 'patient' ? patientTabs : teamTabs
  const [current, setCurrent] = useTabOfAddress(tabs)
  const { notices } = parts
  return (
    <>
      <header class="header">
        <div class="brand">
          <svg viewBox="0 0 32 32" aria-hidden="true">
            <path d="M3 19c5 0 7-7 13-7 3 0 4-3 7.5-3 2.2 0 3.300 1 3.800 2.700L32 14l-4.5 1C26.5 20.5 22 24 16 24c-6 0-10-2-13-5z" />
          </svg>
          Dunlin <span>Clinic</span>
        </div>
        <Tabs tabs={tabs} current={current} onSelect={setCurrent} />
        <LiveLight feed={parts.feed} />
        <div class="person">
          <span>
            {person.name} <span class="person-role">{person.role}</span>
          </span>
          <button type="button" class="button" onClick={onSignOut}>
            Sign out
          </button>
        </div>
      </header>
      <main>
        <Panel id="staff" current={current}>
          <StaffView source={parts.staff} edits={parts.staffEdits} notices={notices} />
        </Panel>
        <Panel id="queue" current={current}>
          <QueueView
            source={parts.queue}
            edits={parts.queueEdits}
            patients={parts.patients.table}
            notices={notices}
          />
        </Panel>
        <Panel id="appointments" current={current}>
          <AppointmentsView
            appointments={parts.appointments.table}
            patients={parts.patients.table}
            colleagues={parts.colleagues.table}
          />
        </Panel>
      </main>
      <NoticeBar notices={notices} />
    </>
  )
}

interface PanelProps {
  id: string
  current: string
  children: ComponentChildren
}

function Panel({ id, current, children }: PanelProps) {
  return (
    <section
      id={`panel-${id}`}
      role="tabpanel"
      aria-labelledby={`tab-${id}`}
      hidden={current !== id}
    >
      {children}
    </section>
  )
}

/** The tab is in the address, so that a window can be opened on either and reloaded. */
function useTabOfAddress(tabs: readonly Tab[]): [string, (id: string) => void] {
  const ofAddress = () =>
    tabs.find((tab) => `#${tab.id}` === location.hash)?.id ?? tabs[0]?.id ?? ''
  const [current, setCurrent] = useState(ofAddress)
  useEffect(() => {
    const follow = () => setCurrent(ofAddress())
    addEventListener('hashchange', follow)
    return () => removeEventListener('hashchange', follow)
  }, [])
  const select = (id: string) => {
    history.replaceState(null, '', `#${id}`)
    setCurrent(id)
  }
  return [current, select]
}
