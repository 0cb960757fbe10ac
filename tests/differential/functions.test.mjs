import assert from 'node:assert/strict'
import { test } from 'node:test'
import { canonicalJson } from './json_text.mjs'
import { usePostgres } from './postgres.mjs'
import { bothWith, rest } from './projects.mjs'
import { callSql } from './routine_sql.mjs'
import { functionCalls, functionSchema } from './routines/functions.mjs'

const held = usePostgres()

const told = ({ code, message, details, hint }) => ({ code, message, details, hint })

test('functions answer as on PostgreSQL', async (t) => {
  const both = await bothWith(held.postgres, functionSchema)
  t.after(() => both.close())
  for (const call of functionCalls) {
    await t.test(call.why, async () => {
      const person = call.as ?? { role: 'anon' }
      const { rows, error } = await both.database.as(person, callSql(call))
      const body = JSON.stringify(call.arguments ?? {})
      const ours = await rest(both.server, person, `rpc/${call.name}`, { method: 'POST', body })
      const expected = error ? told(error) : canonicalJson(rows[0].body ?? 'null')
      assert.deepEqual(ours.error ? told(ours.error) : canonicalJson(ours.text), expected)
    })
  }
})
