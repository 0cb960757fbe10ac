/// Reads the rows of a live query over the REST API, with the position of the snapshot they are of.

import type { Row } from './change.ts'
import type { Link } from './link.ts'
import type { Plan } from './query.ts'

export type RowsAnswer =
  | { readonly kind: 'rows'; readonly rows: readonly Row[]; readonly position: string | undefined }
  | { readonly kind: 'refused'; readonly error: LiveQueryError }
  | { readonly kind: 'unreachable' }

/** A refusal of the REST API. */
export class LiveQueryError extends Error {
  override readonly name = 'LiveQueryError'
  readonly status: number
  /** As in the REST API: a SQLSTATE or PGRST…. */
  readonly code: string
  readonly details: string | null
  readonly hint: string | null

  constructor(status: number, body: Partial<LiveQueryError>) {
    super(body.message ?? `HTTP ${status}`)
    this.status = status
    this.code = body.code ?? ''
    this.details = body.details ?? null
    this.hint = body.hint ?? null
  }
}

export async function readRows(link: Link, plan: Plan): Promise<RowsAnswer> {
  let response: Response
  let body: unknown
  try {
    response = await link.request(plan.path, {
      headers: { Accept: 'application/json', 'Accept-Profile': plan.schema, Prefer: 'position' },
    })
    body = await response.json()
  } catch {
    return { kind: 'unreachable' }
  }
  if (response.ok && Array.isArray(body))
    return {
      kind: 'rows',
      rows: body,
      position: response.headers.get('Dunlin-Position') ?? undefined,
    }
  if (response.status >= 500 || response.status === 429) return { kind: 'unreachable' }
  const error = new LiveQueryError(response.status, (body ?? {}) as Partial<LiveQueryError>)
  return { kind: 'refused', error }
}
