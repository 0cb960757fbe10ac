import assert from 'node:assert/strict'
import { test } from 'node:test'
import { canonicalJson, sortedRows } from './json_text.mjs'
import { usePostgres } from './postgres.mjs'
import { bothWith, rest } from './projects.mjs'
import { callTypes, targetSql } from './routine_sql.mjs'
import { triggerCases } from './routines/triggers.mjs'

const held = usePostgres()

const told = ({ code, message, details, hint }) => ({ code, message, details, hint })

const anyTime = /"(20\d\d-[^"]*T[^"]*)"/g
const recentMs = 3_600_000

/** The two sides write at different moments: a time of this hour is now. */
const withoutNow = (text) =>
  text.replace(anyTime, (whole, time) =>
    Math.abs(Date.parse(time) - Date.now()) < recentMs ? '"now"' : whole,
  )

/** Rows that were written come in any order; those that were read have theirs. */
function answer(error, body, isRead) {
  if (error) return told(error)
  const text = withoutNow(canonicalJson(body || '[]'))
  return isRead ? text : sortedRows(text)
}

for (const { why, sql, steps } of triggerCases) {
  test(`triggers do what they do on PostgreSQL: ${why}`, async () => {
    const both = await bothWith(held.postgres, sql)
    try {
      const types = await callTypes(both.database)
      for (const [person, method, target, body] of steps) {
        const statement = targetSql(types, method, target, body)
        const { rows, error } = await both.database.as(person, statement)
        const options = method ? { method, headers: { prefer: 'return=representation' } } : {}
        if (body) options.body = JSON.stringify(body)
        const ours = await rest(both.server, person, target, options)
        const isRead = method === ''
        assert.deepEqual(
          answer(ours.error, ours.text, isRead),
          answer(error, rows?.[0].body, isRead),
          `${method} ${target} ${JSON.stringify(body)}`,
        )
      }
    } finally {
      await both.close()
    }
  })
}
