import { describe, expect, it } from 'vitest'
import { planOf } from '../../../bench/day/plan.ts'
import { ackedAt, hitSharesOf } from '../../../bench/day/tally.ts'
import { verdictOf } from '../../../bench/day/verdict.ts'
import { scattered, zipf } from '../../../bench/day/zipf.ts'
import { randomFrom } from '../../../bench/world.ts'

describe('the students who are asked for', () => {
  it('are drawn as 1 / rank says', () => {
    const draw = zipf(1_000, randomFrom(1))
    const counts = new Array<number>(1_000).fill(0)
    for (let n = 0; n < 200_000; n += 1) counts[draw()]! += 1
    // 1 / H(1000) = 0.1336 of all for the first.
    expect(counts[0]! / 200_000).toBeCloseTo(0.1336, 2)
    expect(counts[0]! / counts[9]!).toBeGreaterThan(8)
    expect(counts[0]! / counts[9]!).toBeLessThan(12)
    expect(counts.slice(500).reduce((sum, count) => sum + count, 0)).toBeGreaterThan(10_000)
  })

  it('are all there are, each with a rank of its own', () => {
    for (const count of [1, 7, 1_000, 7_919, 2 * 7_919])
      expect(new Set(Array.from({ length: count }, (_, rank) => scattered(rank, count))).size).toBe(count)
  })

  it('are the only one where there is one', () => expect(zipf(1, () => 0.999)()).toBe(0))
})

describe('the plan of a day', () => {
  it('has as many pulls in each stretch as its rate says, evenly and in order', () => {
    const due = [
      ...planOf([
        { perSecond: 2, forMs: 1_000 },
        { perSecond: 4, forMs: 500 },
      ]),
    ]
    expect(due).toEqual([0, 500, 1_000, 1_250])
  })
})

describe('the verdict on an answer', () => {
  const body = (identifier: string, fees: readonly number[], planned?: readonly number[]): string =>
    JSON.stringify({
      data: {
        student: { identifier },
        fee_components: fees.map((fee_amount) => ({ fee_amount })),
        ...(planned && { payment_schedule: planned.map((amount) => ({ details: [{ amount }] })) }),
      },
    })

  it('tells the balance before a change from the one after it', () => {
    expect(verdictOf(body('S', [100.1, 200.2], [300.3]), 'S', 30_030, 40_000)).toBe('before')
    expect(verdictOf(body('S', [400], [100, 300]), 'S', 30_030, 40_000)).toBe('after')
    expect(verdictOf(body('S', [400]), 'S', 30_030, 40_000)).toBe('after')
  })

  it('is wrong for another amount, another student, and a schedule that does not come to the fees', () => {
    expect(verdictOf(body('S', [300], [300]), 'S', 30_030, 40_000)).toBe('wrong')
    expect(verdictOf(body('T', [400], [400]), 'S', 30_030, 40_000)).toBe('wrong')
    expect(verdictOf(body('S', [400], [300.3]), 'S', 30_030, 40_000)).toBe('wrong')
  })
})

describe('the acknowledgement of a fee change', () => {
  const acks = [
    { upTo: 10, at: 5 },
    { upTo: 20, at: 7 },
  ]

  it('is that of the batch with the student in it', () => {
    expect([0, 9, 10, 19].map((index) => ackedAt(acks, index))).toEqual([5, 5, 7, 7])
  })

  it('never comes for one that the fee run leaves alone', () => expect(ackedAt(acks, 20)).toBe(Infinity))
})

describe('the share of pulls that the projection answers', () => {
  it('is told for students whom the fee run touches, and for the others', () => {
    const shot = (turn: number, ms: number, status = 200) => ({ turn, ms, status, dueMs: 0, lateMs: 0, sentAt: 0 })
    const pull = (isTouched: boolean, source: string) => ({ index: 0, isTouched, source, bytes: 0, verdict: null })
    const pulled = [pull(true, 'erp'), pull(true, 'projection'), pull(false, 'projection'), pull(false, 'projection')]
    const shots = [shot(0, 300), shot(1, 200), shot(2, 4), shot(3, 3, 503)]
    expect(hitSharesOf(shots, pulled)).toEqual({
      all: 50,
      untouched: 50,
      touched: 50,
      hitP99Ms: 200,
      untouchedHitP99Ms: 4,
    })
  })
})
