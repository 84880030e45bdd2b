import { expect, test } from 'vitest'
import { partitionOf } from '../../../../consumers/ports/partition.ts'
import { foldChunk } from '../../../../consumers/projector/chunk.ts'
import { newMetadata } from '../../../../consumers/stored/checkpoint-metadata.ts'
import { calendarOf } from '../../../../projections/values/calendar.ts'
import type { StudentId } from '../../../../projections/values/ids.ts'
import { publisher } from '../../../support/school.ts'

const DAY_MS = 86_400_000
const NOW_MS = 100 * DAY_MS
const PARTITIONS = 2

/** Sources that a chunk of records on partition 0 shows as misrouting. */
const misroutingOf = (timestamps: ReadonlyMap<string, number>, beside: boolean): readonly string[] => {
  const elsewhere = Array.from({ length: 20 }, (_, index) => `S-${index}`).filter(
    (id) => partitionOf(id, PARTITIONS) === 1,
  )
  const records = [...timestamps].map(([source, timestampMs], offset) => ({
    ...publisher('t', PARTITIONS, source).enrolled(elsewhere[offset]!),
    partition: 0,
    offset,
    timestampMs,
  }))
  const metadata = newMetadata('test', 'log.0')
  const folded = foldChunk(
    { partition: 0, at: { generation: 1, next: 0, metadata }, records, next: records.length },
    new Map(),
    {
      topic: 't',
      partitionOf: (id: StudentId) => partitionOf(id, PARTITIONS),
      rendering: {
        policy: { balance_basis: 'payable', paid_instalments: 'zero' },
        calendar: calendarOf('Asia/Kolkata'),
      },
      clock: () => NOW_MS,
      beside,
    },
  )
  if (folded.kind !== 'folded') throw new Error('nothing is to be loaded')
  return folded.write.misrouting
}

const sources = new Map([
  ['/erp/lately', NOW_MS - 29 * DAY_MS],
  ['/erp/long-ago', NOW_MS - 31 * DAY_MS],
  ['/erp/clock-ahead', NOW_MS + DAY_MS],
])

test('a rebuild forgets a publisher whose misrouted records are all older than 30 days', () => {
  expect(misroutingOf(sources, true)).toEqual(['/erp/lately', '/erp/clock-ahead'])
})

test('a projector that applies live events knows every publisher that misroutes, whatever its clock says', () => {
  expect(misroutingOf(sources, false)).toEqual([...sources.keys()])
})
