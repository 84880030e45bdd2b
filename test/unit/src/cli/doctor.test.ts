import { expect, test } from 'vitest'
import type { Engine } from '../../../../consumers/ports/engine.ts'
import type { LogEnd } from '../../../../consumers/ports/log.ts'
import { LogError } from '../../../../consumers/ports/log-error.ts'
import { checkReading } from '../../../../src/cli/doctor/reading-checks.ts'
import { checkStore } from '../../../../src/cli/doctor/store-checks.ts'
import type { Config } from '../../../../src/config/load.ts'
import { memoryStore } from '../../../../src/memory/store.ts'
import { storeUnavailable } from '../../../../src/store-unavailable.ts'

const config = { topic: { name: 'events', partitions: 3 } } as Config

/** A log whose partitions end at 7. */
const engineWith = (log: Partial<Engine['log']>): Engine => {
  const ends = new Map(
    [0, 1, 2].map((partition): [number, LogEnd] => [partition, { next: 7, identity: 'x.0', partitions: 3 }]),
  )
  const startOffsets = async () => new Map([0, 1, 2].map((partition) => [partition, 2] as const))
  return { log: { ends: async () => ends, startOffsets, read: async () => null, ...log } } as unknown as Engine
}

test('every partition is read at its start and at its end', async () => {
  const read: [number, number][] = []
  const engine = engineWith({
    read: async (_, partition, from) => {
      read.push([partition, from])
      return null
    },
  })
  expect(await checkReading(engine, config)).toEqual([expect.objectContaining({ status: 'ok', check: 'reading' })])
  expect(read.sort()).toEqual([0, 1, 2].flatMap((partition) => [2, 6].map((from) => [partition, from])))
})

test('a broken batch fails with its place, why, and what shows it', async () => {
  const why = 'read: a record batch has a wrong checksum'
  const engine = engineWith({
    read: async (_, partition, from) => {
      if (partition === 1 && from === 2) throw new LogError('refused', why)
      return null
    },
  })
  expect(await checkReading(engine, config)).toEqual([
    {
      check: 'reading',
      status: 'fail',
      detail: `partition 1 cannot be read at 2: ${why}`,
      mend: expect.stringContaining('kafka-dump-log.sh --deep-iteration shows what lies at 2'),
    },
  ])
})

test('a leader that does not answer fails by the names of its partitions, and no other does', async () => {
  const end: LogEnd = { next: 0, identity: 'x.0', partitions: 3 }
  const engine = engineWith({ ends: async () => new Map([[1, end]]) })
  expect(await checkReading(engine, config)).toEqual([
    {
      check: 'reading',
      status: 'fail',
      detail: 'the leader of partition 0, 2 does not answer',
      mend: expect.stringMatching(/kafka-topics\.sh --describe --topic events .*advertised\.listeners/),
    },
  ])
})

test('brokers that advertise themselves where nobody reaches them fail, with the setting that mends it', async () => {
  const engine = engineWith({
    ends: async () => {
      throw new LogError('unavailable', 'ends: connect ECONNREFUSED')
    },
  })
  expect(await checkReading(engine, config)).toEqual([
    {
      check: 'reading',
      status: 'fail',
      detail: 'no leader of events answers: ends: connect ECONNREFUSED',
      mend: 'check that advertised.listeners of each broker can be reached from here',
    },
  ])
})

test('a store that runs no script fails, though it answers everything else', async () => {
  const store = memoryStore(3)
  const refused = async (): Promise<never> => {
    throw storeUnavailable('NOPERM: the user of Redis may not run evalsha (ACL: +evalsha)')
  }
  const engine = {
    store: { ...store, writer: { ...store.writer, clockMs: refused } },
    names: { log: 'Kafka', store: 'Redis' },
    ready: async () => {},
    file: null,
  } as unknown as Engine
  const found = await checkStore(engine, config)
  expect(found.filter(({ status }) => status === 'fail')).toEqual([
    {
      check: 'store',
      status: 'fail',
      detail: expect.stringMatching(/^no script can be run, and every write is one: .*\+evalsha/),
      mend: expect.stringContaining('+eval +evalsha'),
    },
  ])
})
