import { expect, test } from 'vitest'
import { loadConfig } from '../../../../src/config/load.ts'

const load = (answers: string, env: Record<string, string> = {}, more = '') =>
  loadConfig({
    file: 'pullgate.yaml',
    env,
    readFile: () => `policy: { balance_basis: payable, paid_instalments: zero }\nanswers: ${answers}\n${more}`,
  })
const problemsOf = (...args: Parameters<typeof load>): readonly string[] => {
  const result = load(...args)
  return result.ok ? [] : result.problems.map(({ path, message }) => `${path}: ${message}`)
}

test('nothing is recorded unless it is asked for, and a key that is not there is no problem then', () => {
  const result = load('{ record: false, key: env:ANSWERS_KEY, retention_days: 400, watch_hours: 48 }')
  expect(result.ok && result.config.answers).toEqual({ record: false, retention_days: 400, watch_hours: 48 })
})

test('recording needs a key that is there', () => {
  expect(problemsOf('{ record: true }')).toEqual(['answers.key: required with answers.record: true'])
  expect(problemsOf('{ record: true, key: env:ANSWERS_KEY }')).toEqual([
    'answers.key: the environment variable ANSWERS_KEY is not set',
  ])
  const result = load('{ record: true, key: env:ANSWERS_KEY }', { ANSWERS_KEY: 'k' })
  expect(result.ok && result.config.answers).toEqual({ record: true, key: 'k', retention_days: 400, watch_hours: 48 })
})

test('a literal key is a problem, recording or not, and is not repeated', () => {
  for (const record of ['true', 'false']) {
    const problems = problemsOf(`{ record: ${record}, key: hunter2 }`)
    expect(problems).toEqual([expect.stringMatching(/^answers\.key: /)])
    expect(problems.join()).not.toContain('hunter2')
  }
})

test('unknown keys and numbers out of range are problems', () => {
  expect(problemsOf('{ retention_days: 0, watch_hours: 745, keys: 1 }').map((line) => line.split(':')[0])).toEqual([
    'answers.retention_days',
    'answers.watch_hours',
    'answers.keys',
  ])
})

test('a topic whose answers would have too long a name is a problem where they are recorded', () => {
  const topic = `topic: { name: ${'t'.repeat(242)} }`
  expect(problemsOf('{ record: false }', {}, topic)).toEqual([])
  expect(problemsOf('{ record: true, key: env:K }', { K: 'k' }, topic)).toEqual([
    expect.stringMatching(/^topic\.name: at most 241/),
  ])
})
