import type { LiveTable } from '../live/live_table'
import type { Patient } from '../queue/queue_table'
import { useChanges } from '../ui/use_changes'
import type { Appointment, Colleague } from './appointment_table'

interface AppointmentsProps {
  appointments: LiveTable<Appointment>
  patients: LiveTable<Patient>
  colleagues: LiveTable<Colleague>
}

/** Whatever the reader may see: a dentist his own, a patient his own, the desk all. */
export function AppointmentsView({ appointments, patients, colleagues }: AppointmentsProps) {
  useChanges(appointments, patients, colleagues)
  const rows = appointments.rows()
  return (
    <>
      <div class="toolbar">
        <h1>Appointments</h1>
        <span class="count">{rows.length}</span>
      </div>
      {rows.length === 0 && appointments.isFilled() && <p class="empty">There are none.</p>}
      <ol class="appointments">
        {rows.map((row) => (
          <li key={row.id} class="appointment" data-status={row.status}>
            <time dateTime={row.starts_at}>{whenText(row.starts_at)}</time>
            <span>{patients.row(row.patient_id)?.full_name ?? ''}</span>
            <span class="count">{colleagues.row(row.dentist_id)?.full_name ?? ''}</span>
            <span class="chip">{row.status}</span>
          </li>
        ))}
      </ol>
    </>
  )
}

function whenText(time: string): string {
  return new Date(time).toLocaleString([], { dateStyle: 'medium', timeStyle: 'short' })
}
