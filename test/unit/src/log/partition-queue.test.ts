import { expect, test } from 'vitest'
import type { LogBatch } from '../../../../consumers/ports/log.ts'
import { openPartitionQueue } from '../../../../src/log/partition-queue.ts'
import { pause } from '../../../../src/log/pause.ts'
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
  const lane = openPartitionQueue(3, {
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
  })
  /** Answers what the lane asks for, one record at a time, as a fetch loop does. */
  const fetchOnce = (): void => {
    const ask = lane.ask()
    if (typeof ask !== 'object' || ask.offset >= 13) return
    const { offset, epoch } = ask
    const records = () => {
      if (offset === 11 && broken) throw new RangeError('a record runs past its batch')
      return [recordAt(offset)]
    }
    lane.fetched(epoch, { from: offset, next: offset + 1, identity: 'log.0', records, bytes: 1 })
  }
  await until('the failure to be told', async () => {
    fetchOnce()
    return failures.length > 0
  })
  expect(failures[0]).toBe('3 an unreadable batch: a record runs past its batch')
  expect(given.map(({ next }) => next)).toEqual([11])
  expect(lane.ask()).toBe('later')
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
  await lane.close()
})
