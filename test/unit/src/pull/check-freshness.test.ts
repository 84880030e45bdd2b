import { expect, test } from 'vitest'
import type { PartitionView } from '../../../../consumers/ports/store.ts'
import type { StudentId } from '../../../../projections/values/ids.ts'
import { checkFreshness, type FreshnessDeps } from '../../../../src/pull/check-freshness.ts'
import { type Scripted, SIGNATURE, scripted } from '../../../support/scripted-projection.ts'

const WAIT_MS = 100

const proofOf = async (
  script: Scripted,
  part: Partial<FreshnessDeps> = {},
  ahead?: () => Promise<readonly PartitionView[]>,
) => {
  const waits: number[] = []
  const deps: FreshnessDeps = {
    mode: 'strict',
    waitMs: WAIT_MS,
    signature: SIGNATURE,
    ends: script.endsLookup,
    isSound: () => true,
    onWait: (seconds) => waits.push(seconds),
    ...part,
  }
  const arrivedMs = Date.now()
  const read = () => script.reader.partitions()
  const reads = {
    wanted: 'all' as const,
    read,
    partitionsOf: (views: readonly PartitionView[]) => views,
    ...(ahead && { readAhead: ahead }),
  }
  const proven = await checkFreshness(deps, reads, performance.now() + 10_000)
  return { ...proven, waits, arrivedMs, next: proven.read[0]?.checkpoint?.next }
}

test('what is applied up to the log’s end is proven as of the moment that the end was asked', async () => {
  const { freshness, asOfMs, arrivedMs, waits } = await proofOf(scripted())
  expect(freshness).toBe('proven')
  expect(asOfMs).toBeGreaterThanOrEqual(arrivedMs)
  expect(waits).toEqual([])
})

test('what is behind is waited for, and read anew', async () => {
  const script = scripted()
  script.ends.set(0, 11)
  let reads = 0
  script.onRead = (what) => {
    if (what === 'partitions' && ++reads === 3) script.next.set(0, 11)
  }
  const { freshness, next, waits } = await proofOf(script)
  expect({ freshness, next, reads }).toEqual({ freshness: 'proven', next: 11, reads: 3 })
  expect(waits).toHaveLength(1)
})

test('who waits long does not look often', async () => {
  const script = scripted()
  script.ends.set(2, 11)
  let reads = 0
  script.onRead = (what) => {
    if (what === 'partitions') reads += 1
  }
  await proofOf(script, { waitMs: 400 })
  expect(reads).toBeLessThan(45)
})

test('what stays behind is behind after the wait', async () => {
  const script = scripted()
  script.ends.set(2, 11)
  expect((await proofOf(script)).freshness).toBe('behind')
})

test('events that come between the look at the end and the read do not make it stale', async () => {
  const script = scripted()
  script.onRead = (what) => {
    if (what !== 'partitions') return
    script.ends.set(0, 12)
    script.next.set(0, 12)
  }
  expect((await proofOf(script)).freshness).toBe('proven')
})

test('a partition on which events never cease to come is proven when it has passed the end that was asked', async () => {
  const script = scripted()
  script.ends.set(0, 100)
  script.onRead = (what) => {
    if (what === 'partitions') script.next.set(0, script.next.get(0)! + 45)
    else script.ends.set(0, Math.max(script.ends.get(0)!, script.next.get(0)!) + 50)
  }
  const { freshness, next } = await proofOf(script)
  expect(freshness).toBe('proven')
  expect(next).toBeGreaterThanOrEqual(150)
})

test('a projection that is ahead of its log is not proven: it is of another log', async () => {
  const script = scripted()
  script.next.set(3, 11)
  expect((await proofOf(script)).freshness).toBe('unknown')
})

test('a log that cannot be asked proves nothing', async () => {
  expect((await proofOf(scripted(), { ends: async () => null })).freshness).toBe('unknown')
})

test('an end that is missing for one partition proves nothing', async () => {
  const script = scripted()
  script.ends.delete(1)
  expect((await proofOf(script)).freshness).toBe('unknown')
})

test('answers under another signature are not proven', async () => {
  expect((await proofOf(scripted(), { signature: 'tes' })).freshness).toBe('unknown')
  expect((await proofOf(scripted(), { signature: 'other' })).freshness).toBe('unknown')
})

test('a partition without a checkpoint is never complete: nobody has looked which log it is', async () => {
  const script = scripted()
  script.next.delete(0)
  script.ends.set(0, 0)
  expect((await proofOf(script)).freshness).toBe('behind')
})

test('another log proves nothing, though its end is where the projection is, until the projection says that it is it', async () => {
  const script = scripted()
  script.identity = 'another.0'
  expect((await proofOf(script)).freshness).toBe('behind')
  script.identity = 'log.1'
  expect((await proofOf(script)).freshness).toBe('behind')
})

test('a log that is another one at the second look proves nothing', async () => {
  const script = scripted()
  script.next.set(0, 12)
  let looks = 0
  script.onRead = (what) => {
    if (what !== 'ends' || ++looks !== 2) return
    script.identity = 'another.0'
    script.ends.set(0, 12)
  }
  expect((await proofOf(script)).freshness).toBe('unknown')
})

test('in bounded mode every partition needs a living lease, and the oldest dates the proof', async () => {
  const script = scripted()
  for (const partition of script.next.keys()) script.leases.set(partition, 1_000 + partition)
  expect(await proofOf(script, { mode: 'bounded' })).toMatchObject({ freshness: 'proven', asOfMs: 1_000 })
  script.leases.delete(3)
  expect((await proofOf(script, { mode: 'bounded' })).freshness).toBe('behind')
})

test.each(['strict', 'bounded'] as const)(
  'nothing is proven in %s mode while settings may lose events',
  async (mode) => {
    const script = scripted()
    for (const partition of script.next.keys()) script.leases.set(partition, 1)
    expect((await proofOf(script, { mode })).freshness).toBe('proven')
    expect((await proofOf(script, { mode, isSound: () => false })).freshness).toBe('unknown')
  },
)

/** Partition 0 is behind, and scanned up to its end; what else is known of it is the test's. */
const backlog = (part: { readonly upTo?: number; readonly mark?: number; readonly provenAtMs?: number } = {}) => {
  const { upTo = 15, mark, provenAtMs } = part
  const script = scripted()
  script.ends.set(0, 15)
  script.scouted.set(0, {
    upTo,
    marks: mark === undefined ? {} : { 'S-1': mark },
    ...(provenAtMs !== undefined && { proof: { end: 15, provenAtMs } }),
  })
  const aheadOf = (id: string) => () => script.reader.partitionsAhead(id as StudentId)
  return { script, aheadOf }
}

test('a student who has no event in the backlog is proven with one more read, and no wait', async () => {
  const { script, aheadOf } = backlog({ mark: 12 })
  const reads: string[] = []
  script.onRead = (what) => void reads.push(what)
  const proven = await proofOf(script, {}, aheadOf('S-2'))
  expect(proven).toMatchObject({ freshness: 'proven', covers: 'student', next: 10, waits: [] })
  expect(reads.toSorted()).toEqual(['ahead', 'ends', 'partitions'])
  expect(proven.asOfMs).toBeGreaterThanOrEqual(proven.arrivedMs)
})

test('a student who has one waits until it is applied', async () => {
  const { script, aheadOf } = backlog({ mark: 12 })
  let reads = 0
  script.onRead = (what) => {
    if (what === 'ahead' && ++reads === 4) script.next.set(0, 13)
  }
  const proven = await proofOf(script, {}, aheadOf('S-1'))
  expect(proven).toMatchObject({ freshness: 'proven', covers: 'student', next: 13 })
  expect(proven.waits).toHaveLength(1)
})

test('a student waits until the end that was asked for is scanned', async () => {
  const { script, aheadOf } = backlog({ upTo: 14 })
  let reads = 0
  script.onRead = (what) => {
    if (what === 'ahead' && ++reads === 3) script.scouted.set(0, { upTo: 15 })
  }
  expect(await proofOf(script, {}, aheadOf('S-2'))).toMatchObject({ freshness: 'proven', covers: 'student' })
  script.scouted.set(0, { upTo: 14 })
  expect((await proofOf(script, { waitMs: 20 }, aheadOf('S-2'))).freshness).toBe('behind')
})

test('what was scanned ahead is looked at even where nothing is waited for', async () => {
  const { script, aheadOf } = backlog()
  expect(await proofOf(script, { waitMs: 0 }, aheadOf('S-2'))).toMatchObject({ freshness: 'proven' })
})

test('a whole partition is not proven by what was scanned ahead', async () => {
  const { script } = backlog()
  expect((await proofOf(script, { waitMs: 20 })).freshness).toBe('behind')
})

test('what was scanned of another log proves nothing', async () => {
  const { script, aheadOf } = backlog()
  script.scouted.set(0, { upTo: 15, identity: 'log.1' })
  expect((await proofOf(script, { waitMs: 20 }, aheadOf('S-2'))).freshness).toBe('behind')
})

test('in bounded mode the scout’s proof counts for those who have no event before its end', async () => {
  const { script, aheadOf } = backlog({ mark: 12, provenAtMs: 500 })
  for (const partition of [1, 2, 3]) script.leases.set(partition, 1_000)
  const bounded = (id: string) => proofOf(script, { mode: 'bounded' }, aheadOf(id))
  expect(await bounded('S-2')).toMatchObject({ freshness: 'proven', covers: 'student', asOfMs: 500 })
  expect(await bounded('S-1')).toMatchObject({ freshness: 'behind' })
  script.leases.set(0, 900)
  expect(await bounded('S-1')).toMatchObject({ freshness: 'proven', covers: 'partitions', asOfMs: 900 })
})

test('in bounded mode a scout’s proof of another log, or none that is young, proves nothing', async () => {
  const { script, aheadOf } = backlog()
  for (const partition of [1, 2, 3]) script.leases.set(partition, 1_000)
  const bounded = () => proofOf(script, { mode: 'bounded' }, aheadOf('S-2'))
  expect(await bounded()).toMatchObject({ freshness: 'behind' })
  script.scouted.set(0, { upTo: 15, identity: 'log.1', proof: { end: 15, provenAtMs: 500 } })
  expect(await bounded()).toMatchObject({ freshness: 'behind' })
})
