import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { unansweredPulls } from '../../../../src/http/unanswered-pulls.ts'

type Line = { readonly branch: string | null; readonly reason?: string; readonly count: number; requestId: string }

let lines: Line[] = []
let branches = [{ collector_code: 'BLR-01' }, { collector_code: 'MUM-02' }]
const log = { warn: (fields: object) => void lines.push(fields as Line) }
const opened = () => unansweredPulls({ log, branches: () => branches })
const pull = (branch: string | null, reason: string, requestId: string) =>
  ({ branch, reason, requestId, code: 'temporarily_unavailable' }) as const
const told = () => lines.splice(0).map(({ branch, reason, count, requestId }) => [branch, reason, count, requestId])

beforeEach(() => void vi.useFakeTimers())
afterEach(() => {
  vi.useRealTimers()
  lines = []
})

test('the first of a branch and reason is logged at once, the others as a number every 10 s', () => {
  const unanswered = opened()
  for (const id of ['r-1', 'r-2', 'r-3']) unanswered.add(pull('BLR-01', 'stale', id))
  unanswered.add(pull('BLR-01', 'miss', 'r-4'))
  unanswered.add(pull('MUM-02', 'stale', 'r-5'))
  expect(told()).toEqual([
    ['BLR-01', 'stale', 1, 'r-1'],
    ['BLR-01', 'miss', 1, 'r-4'],
    ['MUM-02', 'stale', 1, 'r-5'],
  ])
  vi.advanceTimersByTime(9_999)
  expect(told()).toEqual([])
  vi.advanceTimersByTime(1)
  expect(told()).toEqual([['BLR-01', 'stale', 2, 'r-3']])
})

test('a cause that pauses for 10 s begins anew, and keeps no timer', () => {
  const unanswered = opened()
  unanswered.add(pull('BLR-01', 'stale', 'r-1'))
  vi.advanceTimersByTime(10_000)
  expect(vi.getTimerCount()).toBe(0)
  unanswered.add(pull('BLR-01', 'stale', 'r-2'))
  expect(told().map(([, , , id]) => id)).toEqual(['r-1', 'r-2'])
})

test('branches that the configuration does not have share a line, and a reload counts', () => {
  const unanswered = opened()
  for (let n = 0; n < 1_000; n++) unanswered.add(pull(`made-up-${n}`, 'miss', `r-${n}`))
  unanswered.add(pull(null, 'miss', 'r-none'))
  expect(told().map(([branch]) => branch)).toEqual(['(not configured)', null])
  branches = [...branches, { collector_code: 'made-up-7' }]
  unanswered.add(pull('made-up-7', 'miss', 'r-new'))
  expect(told()).toEqual([['made-up-7', 'miss', 1, 'r-new']])
})

test('what is counted is logged at the end', () => {
  const unanswered = opened()
  for (const id of ['r-1', 'r-2']) unanswered.add(pull('BLR-01', 'stale', id))
  unanswered.close()
  expect(told().map(([, , count]) => count)).toEqual([1, 1])
  expect(vi.getTimerCount()).toBe(0)
})
