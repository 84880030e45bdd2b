import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { ProjectionStore } from '../../consumers/ports/projection-store.ts'
import type { ScoutedForStudent, ScoutReport } from '../../consumers/ports/scouted.ts'
import { memoryStore } from '../../src/memory/store.ts'
import { hasNothingPending } from '../../src/pull/freshness.ts'
import { type RedisConnection, redisConnection } from '../../src/redis/connection.ts'
import { redisStore } from '../../src/redis/store.ts'
import { type PrivateRedis, privateRedis } from '../support/private-redis.ts'
import { batch, sid } from '../support/store-fixtures.ts'

/** What a pull can read of a store at one moment, and what the log was then. */
type Moment = {
  readonly end: number
  readonly scouted: ScoutedForStudent | null
  readonly next: number
  /** Offsets of the student's events in its record, and of all that lay in the log then. */
  readonly record: readonly number[]
  readonly ours: readonly number[]
}

type Op =
  | { readonly kind: 'append'; readonly isOurs: boolean }
  | { readonly kind: 'apply' | 'forget' }
  /** A scout begins at the checkpoint or goes on, scans some records, and its report comes in at some later op. */
  | { readonly kind: 'begin' | 'land'; readonly scout: number }
  | { readonly kind: 'scan'; readonly scout: number; readonly count: number }

const op: fc.Arbitrary<Op> = fc.oneof(
  { weight: 4, arbitrary: fc.boolean().map((isOurs): Op => ({ kind: 'append', isOurs })) },
  { weight: 3, arbitrary: fc.constant<Op>({ kind: 'apply' }) },
  { weight: 1, arbitrary: fc.constant<Op>({ kind: 'forget' }) },
  { weight: 1, arbitrary: fc.nat({ max: 1 }).map((scout): Op => ({ kind: 'begin', scout })) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.nat({ max: 1 }), fc.integer({ min: 1, max: 3 }))
      .map(([scout, count]): Op => ({ kind: 'scan', scout, count })),
  },
  { weight: 3, arbitrary: fc.nat({ max: 1 }).map((scout): Op => ({ kind: 'land', scout })) },
)

const OURS = sid('S-1')
const IDENTITY = 'log.0'

/** Runs the ops against a store, and looks at it before the first and after each. */
const momentsOf = async (
  { writer, reader, admin }: ProjectionStore,
  ops: readonly Op[],
): Promise<readonly Moment[]> => {
  await admin.activate(null, 1)
  const log: boolean[] = []
  let next = 0
  const offsetsBelow = (end: number): number[] => [...log.keys()].filter((offset) => offset < end && log[offset])
  const write = async (expected: number | null): Promise<void> => {
    const records = new Map([[OURS, Buffer.from(JSON.stringify(offsetsBelow(next)))]])
    await writer.apply(batch({ expected, checkpoint: { next, metadata: '' }, records }))
  }
  await write(null)
  const scouts = [0, 1].map(() => ({ at: 0, begins: true, report: null as ScoutReport | null }))
  const run = async (one: Op): Promise<void> => {
    if (one.kind === 'append') log.push(one.isOurs)
    else if (one.kind === 'forget') await writer.forgetScouted(0)
    else if (!('scout' in one)) {
      if (next === log.length) return
      next += 1
      await write(next - 1)
    } else {
      const scout = scouts[one.scout]!
      if (one.kind === 'begin') Object.assign(scout, { at: next, begins: true, report: null })
      else if (one.kind === 'scan') {
        const upTo = Math.min(log.length, scout.at + one.count)
        const ours = offsetsBelow(upTo).filter((offset) => offset >= scout.at)
        const marks = new Map(ours.map((offset) => [OURS, offset] as const))
        const range = { identity: IDENTITY, from: scout.at, upTo, everybody: -1, misrouted: -1 }
        scout.report = {
          ...range,
          partition: 0,
          generation: 1,
          marks,
          begins: scout.begins,
          marksAtMost: 9,
          proof: null,
        }
      } else if (scout.report) {
        const outcome = await writer.scout(scout.report)
        if (outcome.kind === 'added') Object.assign(scout, { at: scout.report.upTo, begins: false })
      }
    }
  }
  const look = async (): Promise<Moment> => {
    const { checkpoint, record, scouted } = await reader.studentAhead(0, OURS)
    return {
      end: log.length,
      scouted: scouted ?? null,
      next: checkpoint!.next,
      record: JSON.parse(Buffer.from(record!).toString()) as number[],
      ours: offsetsBelow(log.length),
    }
  }
  const moments = [await look()]
  for (const one of ops) {
    await run(one)
    moments.push(await look())
  }
  return moments
}

/** Every way in which the end, the marks, the checkpoint and then the record can be read at four moments. */
const proofsIn = (moments: readonly Moment[]): { readonly proven: number; readonly wrong: number } => {
  let [proven, wrong] = [0, 0]
  const all = moments.at(-1)!.ours
  for (const { end } of moments)
    for (const { scouted } of moments)
      for (const [at, { next }] of moments.entries()) {
        if (next >= end || !hasNothingPending(scouted, next, { identity: IDENTITY, end })) continue
        proven += 1
        for (const { record } of moments.slice(at))
          if (all.some((offset) => offset < end && !record.includes(offset))) wrong += 1
      }
  return { proven, wrong }
}

let server: PrivateRedis
let connection: RedisConnection
beforeAll(async () => {
  server = await privateRedis()
  connection = redisConnection({ kind: 'single', host: '127.0.0.1', port: server.port }, { deadlineMs: 5000 })
  await connection.whenReady(5000)
})
afterAll(async () => {
  await connection?.close()
  await server?.close()
})

const neverLacksAnEvent = async (open: () => Promise<ProjectionStore>, numRuns: number): Promise<void> => {
  let proven = 0
  await fc.assert(
    fc.asyncProperty(fc.array(op, { minLength: 8, maxLength: 30 }), async (ops) => {
      const found = proofsIn(await momentsOf(await open(), ops))
      proven += found.proven
      expect(found.wrong).toBe(0)
    }),
    { numRuns },
  )
  expect(proven).toBeGreaterThan(numRuns)
}

it('marks, checkpoint and record read at any moments, in any order, never prove a record that lacks an event', async () => {
  await neverLacksAnEvent(async () => memoryStore(1), 1000)
}, 60_000)

it('on Redis neither', async () => {
  const open = async () => {
    await connection.run((client) => client.flushall())
    return redisStore(connection, 1)
  }
  await neverLacksAnEvent(open, 100)
}, 60_000)
