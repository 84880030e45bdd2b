import { expect, test } from 'vitest'
import type { LogBatch } from '../../../../consumers/ports/log.ts'
import type { UnpackedPart, UnpackLease } from '../../../../consumers/ports/unpack.ts'
import { type FetchPosition, openPartitionQueue } from '../../../../src/log/partition-queue.ts'
import { pause } from '../../../../src/log/pause.ts'
import { freeLease, UNPACKED_BYTES_AT_MOST, unpackBudget } from '../../../../src/log/unpack-budget.ts'
import { until } from '../../../support/until.ts'

const recordAt = (offset: number) => ({
  partition: 3,
  offset,
  timestampMs: 0,
  key: null,
  value: Buffer.from(`${offset}`),
  headers: [],
})

test('a batch that cannot be unpacked is fetched again, and what waited behind it comes after it', async () => {
  const given: LogBatch[] = []
  const failures: string[] = []
  let broken = true
  const queue = openPartitionQueue(3, {
    handler: {
      assigned: async () => 10,
      batch: async (batch) => {
        given.push(batch)
        return { kind: 'next' }
      },
    },
    changed: () => {},
    progressed: () => {},
    failed: (partition, what, error) => failures.push(`${partition} ${what}: ${(error as Error).message}`),
    pause,
    after: Promise.resolve(),
    lease: freeLease,
  })
  /** Answers what the queue asks for, one record at a time, as a fetch loop does. */
  const fetchOnce = (): void => {
    const ask = queue.ask()
    if (typeof ask !== 'object' || ask.offset >= 13) return
    const { offset, epoch } = ask
    const next = offset + 1
    const unpack = () => {
      if (offset === 11 && broken) throw new RangeError('a record runs past its batch')
      return { records: [recordAt(offset)], next, rest: null }
    }
    queue.fetched(epoch, { from: offset, next, identity: 'log.0', unpack, bytes: 1 })
  }
  await until('the failure to be told', async () => {
    fetchOnce()
    return failures.length > 0
  })
  expect(failures[0]).toBe('3 an unreadable batch: a record runs past its batch')
  expect(given.map(({ next }) => next)).toEqual([11])
  expect(queue.ask()).toBe('later')
  broken = false
  await until('all to be given', async () => {
    fetchOnce()
    return given.length === 3
  })
  expect(given.map(({ from, records }) => [from, records.map(({ offset }) => offset)])).toEqual([
    [10, [10]],
    [11, [11]],
    [12, [12]],
  ])
  await queue.close()
})

test('a batch waits while its neighbours hold all the room, is delivered in parts, and then holds none', async () => {
  const budget = unpackBudget()
  const neighbour = budget.lease()
  neighbour.reserve(UNPACKED_BYTES_AT_MOST)
  const large = UNPACKED_BYTES_AT_MOST / 2
  const given: LogBatch[] = []
  const queue = openPartitionQueue(3, {
    handler: {
      assigned: async () => 0,
      batch: async (batch) => {
        given.push(batch)
        return { kind: 'next' }
      },
    },
    changed: () => {},
    progressed: () => {},
    failed: () => {},
    pause,
    after: Promise.resolve(),
    lease: budget.lease(),
  })
  let attempts = 0
  const unpack = (lease: UnpackLease): UnpackedPart | null => {
    attempts += 1
    if (!lease.reserve(large)) return null
    const rest = (): UnpackedPart => ({ records: [recordAt(1)], next: 2, rest: null })
    return { records: [recordAt(0)], next: 1, rest }
  }
  await until('the first question', async () => typeof queue.ask() === 'object')
  const { epoch } = queue.ask() as FetchPosition
  queue.fetched(epoch, { from: 0, next: 2, identity: 'log.0', unpack, bytes: 1 })
  await until('some attempts', async () => attempts > 2)
  expect(given).toEqual([])
  neighbour.release()
  await until('both parts', async () => given.length === 2)
  expect(given.map(({ from, next, records }) => [from, next, records.length])).toEqual([
    [0, 1, 1],
    [1, 2, 1],
  ])
  await until('the room to be given back', async () => new Int32Array(budget.shared)[0] === 0)
  await queue.close()
})

test('a partition takes a small batch whatever its neighbours hold', () => {
  const budget = unpackBudget()
  budget.lease().reserve(UNPACKED_BYTES_AT_MOST)
  const lease = budget.lease()
  expect([lease.reserve(4 * 1024 * 1024), lease.reserve(1)]).toEqual([true, false])
})

test('a queue that is closed during a pause asks its handler nothing any more', async () => {
  let asked = 0
  const pauses: (() => void)[] = []
  const queue = openPartitionQueue(3, {
    handler: {
      assigned: async () => {
        asked += 1
        return 10
      },
      batch: async () => ({ kind: 'next' }),
    },
    changed: () => {},
    progressed: () => {},
    failed: () => {},
    pause: () => new Promise((resolve) => void pauses.push(resolve)),
    after: Promise.resolve(),
    lease: freeLease,
  })
  await until('the first question', async () => typeof queue.ask() === 'object')
  queue.outOfRange((queue.ask() as FetchPosition).epoch)
  await until('the pause', async () => pauses.length === 1)
  await queue.close()
  pauses[0]!()
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve))
  expect([asked, queue.ask()]).toEqual([1, 'never'])
})
