import { afterEach, expect, test } from 'vitest'
import { ANSWER, basic, call, type Edge, JODO, startEdge } from './http-edge.ts'

let edge: Edge | undefined
afterEach(async () => {
  await edge?.close()
  edge = undefined
})

const refused = async (): Promise<Readonly<Record<string, number>>> => {
  const text = await edge!.metrics.render()
  const found = text.matchAll(/^pullgate_pull_refused_total\{reason="(\w+)"\} (\d+)$/gm)
  return Object.fromEntries(
    [...found].filter(([, , count]) => count !== '0').map(([, name, count]) => [name, Number(count)]),
  )
}
const pull = (authorization = JODO) => call(edge!.port, '/fetch-student?identifier=S-1', { headers: { authorization } })

test('an answered pull counts as no refusal, and bad credentials as one each', async () => {
  edge = await startEdge({})
  expect((await pull()).status).toBe(200)
  expect(await refused()).toEqual({})
  expect((await pull(basic('jodo', 'wrong'))).status).toBe(401)
  expect((await pull(basic('nobody', 'wrong'))).status).toBe(401)
  expect(await refused()).toEqual({ unauthorized: 2 })
})

test('pulls over a client’s limit are counted apart from log-ins that are throttled', async () => {
  edge = await startEdge({})
  const slow = basic('slow', 's-secret')
  const statuses = await Promise.all(Array.from({ length: 8 }, () => pull(slow).then(({ status }) => status)))
  const over = statuses.filter((status) => status === 429).length
  expect(over).toBeGreaterThan(0)
  expect(await refused()).toEqual({ rate_limited: over })
})

test('pulls that are shed are counted', async () => {
  const answer = Promise.withResolvers<typeof ANSWER>()
  edge = await startEdge({ limits: { maxPullsInProgress: 1 }, pull: () => answer.promise })
  const first = pull()
  while (!/^pullgate_pulls_in_progress 1$/m.test(await edge.metrics.render())) await new Promise(setImmediate)
  const shed = await pull()
  expect([shed.status, shed.headers['x-pullgate-reason']]).toEqual([503, 'overload'])
  answer.resolve(ANSWER)
  expect((await first).status).toBe(200)
  expect(await refused()).toEqual({ overload: 1 })
})
