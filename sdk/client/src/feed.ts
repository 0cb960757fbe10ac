/// Reads changes over HTTP: GET /sync/v1/changes (docs/protocol/sync.md).

import { type Binding, type Change, type ChangeType, feedName, type Row } from './change.ts'
import type { Link } from './link.ts'

/**
 * changes: what came after the asked position. resync: that cannot be told. refused: there is no feed for it.
 * unauthorized: not with this token. unreachable: no answer worth the name.
 */
export type FeedAnswer =
  | {
      readonly kind: 'changes'
      readonly position: string
      readonly more: boolean
      readonly changes: readonly Change[]
    }
  | { readonly kind: 'resync'; readonly position: string | undefined; readonly reason: string }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'unauthorized' }
  | { readonly kind: 'unreachable' }

export interface FeedRequest {
  readonly since: string | undefined
  readonly tables: readonly string[]
  readonly filter?: string | undefined
  readonly select?: readonly string[] | undefined
  readonly waitSeconds: number
  readonly limit?: number
  readonly signal?: AbortSignal
}

/** Beyond the time that the server was asked to wait. */
const answerTimeoutMs = 30_000

export function feedRequestOf(binding: Binding, since: string | undefined): FeedRequest {
  return {
    since,
    tables: [feedName(binding)],
    filter: binding.filter,
    select: binding.select,
    waitSeconds: 0,
  }
}

export async function readFeed(link: Link, request: FeedRequest): Promise<FeedAnswer> {
  const query = new URLSearchParams({ tables: request.tables.join(',') })
  if (request.since !== undefined) query.set('since', request.since)
  if (request.filter !== undefined) query.set('filter', request.filter)
  if (request.select !== undefined) query.set('select', request.select.join(','))
  if (request.waitSeconds > 0) query.set('wait', String(request.waitSeconds))
  if (request.limit !== undefined) query.set('limit', String(request.limit))
  let response: Response
  let body: unknown
  try {
    const init: RequestInit = { headers: { Accept: 'application/json' } }
    if (request.signal !== undefined) init.signal = request.signal
    const timeoutMs = answerTimeoutMs + request.waitSeconds * 1000
    response = await link.request(`sync/v1/changes?${query}`, init, timeoutMs)
    body = await response.json()
  } catch (problem) {
    // Something answers, though not in our words: no such feed there.
    if (problem instanceof SyntaxError) return { kind: 'refused', reason: 'the answer is not JSON' }
    return { kind: 'unreachable' }
  }
  return interpret(response.status, body as AnswerBody)
}

interface AnswerBody {
  readonly position?: string
  readonly more?: boolean
  readonly commits?: readonly CommitBody[]
  readonly message?: string
}

interface CommitBody {
  readonly position: string
  readonly commit_timestamp: string
  readonly changes: readonly ChangeBody[]
}

interface ChangeBody {
  readonly position: string
  readonly schema: string
  readonly table: string
  readonly type: ChangeType
  readonly record?: Row
  readonly old_record?: Row
}

function interpret(status: number, body: AnswerBody): FeedAnswer {
  const reason = body.message ?? `HTTP ${status}`
  if (status === 410) return { kind: 'resync', position: body.position, reason }
  if (status === 401 || status === 403) return { kind: 'unauthorized' }
  if (status >= 500 || status === 429) return { kind: 'unreachable' }
  if (status !== 200 || body.position === undefined) return { kind: 'refused', reason }
  const changes = (body.commits ?? []).flatMap((commit) =>
    commit.changes.map((change) => changeOf(commit, change)),
  )
  return { kind: 'changes', position: body.position, more: body.more === true, changes }
}

function changeOf(commit: CommitBody, change: ChangeBody): Change {
  return {
    schema: change.schema,
    table: change.table,
    type: change.type,
    record: change.record ?? {},
    old: change.old_record ?? {},
    position: change.position,
    commit: commit.position,
    committedAt: commit.commit_timestamp,
    types: undefined,
    isPartial: false,
  }
}
