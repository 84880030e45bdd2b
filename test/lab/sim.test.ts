import { expect, test } from 'vitest'
import { runMany } from './sim/many.ts'
import { SOMETIMES } from './sim/sometimes.ts'

const many = (first: number, seeds: number, seconds: number) =>
  runMany({ first, seeds, seconds, workers: 1, failuresAtMost: 3 })

test('under faults nothing is lost, doubled, wrong, stale without a word, or stuck', async () => {
  const { seeds, failed } = await many(1, 400, 20)
  expect(failed.map(({ seed, faults }) => ({ seed, faults }))).toEqual([])
  expect(seeds).toBeGreaterThan(0)
}, 120_000)

test('the same seed gives the same run', async () => {
  const [one, other] = [await many(4711, 3, 50), await many(4711, 3, 50)]
  expect(one.counts).toEqual(other.counts)
  expect(SOMETIMES.some((what) => what in one.counts)).toBe(true)
}, 120_000)
