/// Where Dunlin differs from PostgreSQL and says so. Nothing else may differ.

import { sampleTypes } from './sample_types.mjs'

const everyCondition = (conditions) =>
  conditions.flatMap((condition) => [
    condition,
    ...everyCondition(condition.any ?? condition.all ?? []),
  ])
const isArray = ({ column }) => sampleTypes[column]?.sql.endsWith('[]')

/// Each with the sentence of the documentation that says it.
const differences = [
  {
    docs: 'rest.md: rows are not ordered by arrays',
    is: (query, _, actual) =>
      query.order.some(isArray) && /^0A000 ordering by a value of type .*\[\]/.test(actual),
  },
  {
    docs: 'values.md: double precision: infinity, no NaN',
    is: (query, _, actual) =>
      query.select.some(({ cast }) => cast === 'float8') &&
      actual === '0A000 NaN of a floating-point type is not supported on SQLite',
  },
  {
    docs: 'rest.md: of several values that a cast cannot take, another may be named first',
    is: (query, expected, actual) =>
      query.select.some(({ cast }) => cast) &&
      /^22/.test(expected) &&
      expected.slice(0, 5) === actual.slice(0, 5),
  },
]

/** The documented difference that explains these two answers, or nothing. */
export function knownDifference(query, expected, actual) {
  return differences.find(({ is }) =>
    is({ ...query, conditions: everyCondition(query.where) }, expected, actual),
  )
}

const isRefusal = (answer) => /^2[23]/.test(answer)

/// rest.md: each of these has its sentence there.
const writeDifferences = [
  // A body that does not fit its columns is refused also when no row matches.
  (expected, actual) => expected === '[]' && /^22/.test(actual),
  // Of several things that are wrong, another may be named first; refusals.test.mjs has them singly.
  (expected, actual) => isRefusal(expected) && isRefusal(actual),
]

/** Whether a documented difference explains these two answers to a write. */
export function isKnownWriteDifference(expected, actual) {
  return writeDifferences.some((is) => is(expected, actual))
}

const unnamed = (answer) =>
  answer.replace(/policy (".*?" )?(\(USING expression\) )?for table/, 'policy for table')

/// rest.md, rules: each of these has its sentence there.
const policyDifferences = [
  // The error does not name the policy.
  (_, expected, actual) => unnamed(expected) === unnamed(actual),
  // A conflict is found before WITH CHECK refuses the row.
  (request, expected, actual) =>
    request.method === 'POST' && /^42501/.test(expected) && /^23505/.test(actual),
]

/** Whether a documented difference explains these two answers of a table with policies. */
export function isKnownPolicyDifference(request, expected, actual) {
  return policyDifferences.some((is) => is(request, expected, actual))
}
