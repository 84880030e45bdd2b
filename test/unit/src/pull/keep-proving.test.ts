import { expect, test } from 'vitest'
import type { FreshnessDeps } from '../../../../src/pull/check-freshness.ts'
import { keepProving } from '../../../../src/pull/keep-proving.ts'
import { SIGNATURE, scripted } from '../../../support/scripted-projection.ts'
import { until } from '../../../support/until.ts'

test('each partition is dated by its own proofs, whether anybody pulls or not', async () => {
  const script = scripted()
  script.ends.set(2, 11)
  const dates = new Map<number, number[]>()
  const proof: FreshnessDeps = {
    mode: 'strict',
    waitMs: 20,
    signature: SIGNATURE,
    ends: script.endsLookup,
    isSound: () => true,
    onWait: () => {},
  }
  const stop = keepProving(proof, script.reader, [...script.next.keys()], {
    seen: () => {},
    forgetOld: () => {},
    proven: (views, atMs) => {
      for (const { partition } of views) dates.set(partition, [...(dates.get(partition) ?? []), atMs])
    },
  })
  await until('two rounds', () => dates.get(0)?.length === 2)
  expect(dates.get(0)![1]).toBeGreaterThan(dates.get(0)![0]!)
  expect([...dates.keys()].sort()).toEqual([0, 1, 3])
  script.next.set(2, 11)
  await until('the partition that was behind', () => dates.has(2))
  const before = dates.get(0)!.length
  let failed = 0
  script.onRead = (what) => {
    if (what !== 'partitions') return
    failed++
    throw new Error('gone')
  }
  await until('a round that cannot read', () => failed === 4)
  expect(dates.get(0)).toHaveLength(before)
  stop()
})
