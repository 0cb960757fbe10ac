import type { SupabaseClient } from '@supabase/supabase-js'
import { useEffect, useState } from 'preact/hooks'
import { CellEdits } from './live/cell_edits'
import { Feed } from './live/feed'
import { LiveTable } from './live/live_table'
import { TableSource } from './live/table_source'
import { patientShape, queueShape } from './queue/queue_table'
import { QueueView } from './queue/queue_view'
import { staffShape } from './staff/staff_table'
import { StaffView } from './staff/staff_view'
import { LiveLight } from './ui/live_light'
import { NoticeBar } from './ui/notice_bar'
import { Notices } from './ui/notices'
import { Tabs } from './ui/tabs'

const tabs = [
  { id: 'staff', label: 'Staff' },
  { id: 'queue', label: 'Waiting room' },
]

/** Everything the pages share, made once. */
export function createParts(client: SupabaseClient) {
  const notices = new Notices()
  const staff = new TableSource(client, new LiveTable(staffShape))
  const queue = new TableSource(client, new LiveTable(queueShape))
  const patients = new TableSource(client, new LiveTable(patientShape))
  const staffEdits = new CellEdits(staff, notices)
  const queueEdits = new CellEdits(queue, notices)
  const feed = new Feed(client, 'clinic', [staff, queue, patients])
  feed.subscribe(() => {
    if (feed.current() === 'offline') return
    staffEdits.retryUnsaved()
    queueEdits.retryUnsaved()
  })
  return { notices, staff, queue, patients, staffEdits, queueEdits, feed }
}

export function App({ parts }: { parts: ReturnType<typeof createParts> }) {
  const [current, setCurrent] = useTabOfAddress()
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
      </header>
      <main>
        <section
          id="panel-staff"
          role="tabpanel"
          aria-labelledby="tab-staff"
          hidden={current !== 'staff'}
        >
          <StaffView source={parts.staff} edits={parts.staffEdits} notices={notices} />
        </section>
        <section
          id="panel-queue"
          role="tabpanel"
          aria-labelledby="tab-queue"
          hidden={current !== 'queue'}
        >
          <QueueView
            source={parts.queue}
            edits={parts.queueEdits}
            patients={parts.patients.table}
            notices={notices}
          />
        </section>
      </main>
      <NoticeBar notices={notices} />
    </>
  )
}

/** The tab is in the address, so that a window can be opened on either and reloaded. */
function useTabOfAddress(): [string, (id: string) => void] {
  const ofAddress = () => tabs.find((tab) => `#${tab.id}` === location.hash)?.id ?? 'staff'
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
