/// Removing a row at once, with an offer to bring it back.

import type { Identified } from '../live/live_table'
import type { TableSource } from '../live/table_source'
import type { Notices } from './notices'

export async function removeWithUndo<Row extends Identified>(
  source: TableSource<Row>,
  notices: Notices,
  row: Row,
  name: string,
): Promise<void> {
  source.table.hide(row.id)
  const outcome = await source.remove(row.id)
  if (outcome.kind === 'failed') {
    source.table.dropOverlay(row.id)
    notices.trouble(`${name} was not removed: ${outcome.message}`)
    return
  }
  source.table.forget(row.id)
  notices.offerUndo(`Removed ${name}`, () => void restore(source, notices, row, name))
}

async function restore<Row extends Identified>(
  source: TableSource<Row>,
  notices: Notices,
  row: Row,
  name: string,
): Promise<void> {
  const outcome = await source.insert(row)
  if (outcome.kind === 'failed') {
    notices.trouble(`${name} was not brought back: ${outcome.message}`)
    return
  }
  notices.quiet(`${name} is back`)
}
