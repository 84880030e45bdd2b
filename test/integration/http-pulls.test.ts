import { afterEach, expect, test } from 'vitest'
import type { Scope } from '../../projections/answers/lookup.ts'
import type { PullQuery } from '../../projections/answers/pull-query.ts'
import type { errors } from '../../src/errors.ts'
import type { PullResult } from '../../src/pull/port.ts'
import { ANSWER, BRANCH_CLIENT, basic, call, configOf, type Edge, PUBLISHER, startEdge } from './http-edge.ts'
import { ASK, expectError } from './http-envelope.ts'

let edge: Edge | undefined
afterEach(async () => {
  await edge?.close()
  edge = undefined
})

test('a client without branches has no pulls, one of some branches names none or one of its own', async () => {
  const asked: [PullQuery, Scope][] = []
  edge = await startEdge({
    pull: async (query, { scope }) => {
      asked.push([query, scope])
      return ANSWER
    },
  })
  expectError(await call(edge.port, ASK, { headers: { authorization: PUBLISHER } }), 'forbidden')
  for (const path of [ASK, `${ASK}&collector_code=BLR-01`, `${ASK}&collector_code=007`]) {
    expect((await call(edge.port, path, { headers: { authorization: BRANCH_CLIENT } })).status).toBe(200)
  }
  expectError(
    await call(edge.port, `${ASK}&collector_code=7`, { headers: { authorization: BRANCH_CLIENT } }),
    'forbidden',
  )
  expect(asked.map(([query]) => query.collector_code)).toEqual([undefined, 'BLR-01', '007'])
  expect(asked[0]![1]).toEqual(new Set(['BLR-01', '007']))
})

test.each<[PullResult, keyof typeof errors, string | undefined]>([
  [{ kind: 'failure', code: 'forbidden' }, 'forbidden', undefined],
  [{ kind: 'failure', code: 'erp_bad_response', reason: 'miss' }, 'erp_bad_response', undefined],
  [{ kind: 'failure', code: 'temporarily_unavailable', retryAfterSeconds: 7 }, 'temporarily_unavailable', '7'],
  [{ kind: 'failure', code: 'temporarily_unavailable' }, 'temporarily_unavailable', '1'],
])('the failure %o has its own answer', async (result, code, retryAfter) => {
  edge = await startEdge({ pull: async () => result })
  const answer = await call(edge.port, ASK)
  expectError(answer, code)
  expect(answer.headers['retry-after']).toBe(retryAfter)
})

test('pulls without an answer for one reason are one log line at once, and a number at the end', async () => {
  edge = await startEdge({
    pull: async () => ({ kind: 'failure', code: 'temporarily_unavailable', reason: 'stale', branch: 'BLR-01' }),
  })
  for (let n = 0; n < 50; n++) expectError(await call(edge.port, ASK), 'temporarily_unavailable')
  await edge.close()
  const counts = [...edge.logged().matchAll(/"count":(\d+),"msg":"a pull was not answered"/g)].map(([, n]) => Number(n))
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(50)
  expect([counts[0], counts.length < 10]).toEqual([1, true])
  edge = undefined
})

test.each([
  ['rejects', () => Promise.reject(new TypeError('S-1 has no fees'))],
  [
    'throws',
    () => {
      throw new TypeError('S-1 has no fees')
    },
  ],
])('a pull that %s is a 500 without details, and no identifier in the log', async (_, pull) => {
  edge = await startEdge({ pull })
  const answer = await call(edge.port, ASK, {
    headers: { authorization: basic('jodo', 'correct horse'), 'x-request-id': 'r-1' },
  })
  expectError(answer, 'internal_error')
  expect(edge.logged()).toContain('"requestId":"r-1"')
  expect(edge.logged()).toContain('TypeError')
  expect(edge.logged()).not.toMatch(/S-1|horse|Basic/)
})

test('a pull that does not keep its deadline is answered within it', async () => {
  const late = Promise.withResolvers<PullResult>()
  edge = await startEdge({ config: configOf({ deadlineMs: 2_000 }), pull: () => late.promise })
  const ask = async (): Promise<number> => {
    const began = performance.now()
    const answer = await call(edge!.port, ASK)
    expectError(answer, 'temporarily_unavailable')
    expect(answer.headers['x-pullgate-reason']).toBe('deadline')
    return performance.now() - began
  }
  // On a machine that is busy elsewhere all three may be late by as much.
  expect(Math.min(...(await Promise.all([ask(), ask(), ask()])))).toBeLessThan(2_000 + 5_000)
  late.resolve(ANSWER)
  expect(await edge.metrics.render()).toContain('pullgate_pull_duration_seconds_count{source="none",code="503"} 3')
})

test('beyond the bound of pulls in progress one is shed with 503, and those in progress are answered', async () => {
  const held: ((result: PullResult) => void)[] = []
  edge = await startEdge({
    limits: { maxPullsInProgress: 2 },
    pull: () => new Promise((resolve) => held.push(resolve)),
  })
  const first = [call(edge.port, ASK), call(edge.port, ASK)]
  await expect.poll(() => held.length).toBe(2)
  const shed = await call(edge.port, ASK)
  expectError(shed, 'temporarily_unavailable')
  expect(shed.headers['retry-after']).toBe('1')
  for (const resolve of held) resolve(ANSWER)
  expect((await Promise.all(first)).map((answer) => answer.status)).toEqual([200, 200])
  const again = call(edge.port, ASK)
  await expect.poll(() => held.length).toBe(3)
  held[2]!(ANSWER)
  expect((await again).status).toBe(200)
})
