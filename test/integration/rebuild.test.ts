import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Log } from '../../consumers/ports/log.ts'
import { partitionOf } from '../../consumers/ports/partition.ts'
import type { Projector } from '../../consumers/projector/projector.ts'
import type { BuildThrottle } from '../../src/rebuild/build-throttle.ts'
import { rebuild } from '../../src/rebuild/rebuild.ts'
import { rollback } from '../../src/rebuild/rollback.ts'
import { partitionKeys } from '../../src/redis/keys.ts'
import { type PrivateRedis, privateRedis } from '../support/private-redis.ts'
import { type Projection, projectionOn } from '../support/projection.ts'
import { type OpenedStore, openStore, targetOf } from '../support/redis-store.ts'
import { publisher } from '../support/school.ts'
import { freshTopic, openLog } from '../support/shared-kafka.ts'
import { until } from '../support/until.ts'

const PARTITIONS = 4
const IDS = Array.from({ length: 40 }, (_, index) => `S-${index}`)
const OPTIONS = { sample: 100, acceptDifferences: false }
const never = new AbortController().signal

let log: Log
let redis: PrivateRedis
let store: OpenedStore
let topic: string
let school: ReturnType<typeof publisher>
let projection: Projection
let projector: Projector | null = null

beforeAll(() => {
  log = openLog()
})
afterAll(() => log.close())
beforeEach(async () => {
  topic = await freshTopic(log, PARTITIONS)
  redis = await privateRedis()
  store = await openStore(targetOf(redis.port), { deadlineMs: 3000 })
  school = publisher(topic, PARTITIONS)
  projection = projectionOn(log, store, topic, PARTITIONS)
  await log.append(IDS.flatMap((id) => [school.enrolled(id), school.assessed(id, 5000)]))
})
afterEach(async () => {
  await projector?.stop()
  projector = null
  await store.connection.close()
  await redis.close()
})

const start = async (): Promise<number> => {
  projector = await projection.project()
  await projection.caughtUp()
  return (await store.admin.activeGeneration())!
}

/** Hears of every write that is done. */
const counting = (pace: BuildThrottle, onWritten: (records: number) => void): BuildThrottle => ({
  ...pace,
  paced: async (records, work) => {
    const worked = await work()
    onWritten(records)
    return worked
  },
})

describe('a rebuild', () => {
  it('makes the same bytes beside the live generation, switches, and the projectors go on with it', async () => {
    const live = await start()
    const deps = projection.rebuildDeps()
    const outcome = await rebuild(deps, OPTIONS, never)
    expect(outcome).toMatchObject({
      kind: 'switched',
      former: live,
      comparison: { students: { live: IDS.length, built: IDS.length }, differences: [] },
    })
    const active = (await store.admin.activeGeneration())!
    expect(await store.admin.generations()).toMatchObject({ active, former: live, building: null })
    for (const id of IDS) expect(await projection.record(active, id)).toEqual(await projection.record(live, id))
    await log.append(IDS.map((id) => school.feeChanged(id, 7000)))
    await projection.caughtUp()
  })

  it('loses and doubles nothing of what is published while it builds, compares and switches', async () => {
    const live = await start()
    let publishing = true
    let rounds = 0
    const load = (async () => {
      for (; publishing; rounds++) {
        await log.append(IDS.slice(0, 10).map((id) => school.paid(id, `P-${rounds}`, 1)))
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
    })()
    const outcome = await rebuild(projection.rebuildDeps(), OPTIONS, never)
    publishing = false
    await load
    expect(outcome).toMatchObject({ kind: 'switched', former: live, comparison: { differences: [] } })
    await projection.caughtUp()
    const second = await rebuild(projection.rebuildDeps(), OPTIONS, never)
    expect(second).toMatchObject({ kind: 'switched', comparison: { differences: [], compared: IDS.length } })
  })

  it('refuses to switch where a record differs, says where, and goes on when it is told to', async () => {
    const live = await start()
    const keys = partitionKeys(live, partitionOf('S-3', PARTITIONS))
    await store.connection.run((client) => client.set(keys.student('S-3' as never), 'something else'))
    const outcome = await rebuild(projection.rebuildDeps(), OPTIONS, never)
    expect(outcome).toMatchObject({
      kind: 'different',
      comparison: { differences: [{ kind: 'record', identifier: 'S-3' }] },
    })
    expect(await store.admin.activeGeneration()).toBe(live)
    const deps = projection.rebuildDeps()
    expect(await rebuild(deps, { ...OPTIONS, acceptDifferences: true }, never)).toMatchObject({ kind: 'switched' })
    expect(deps.phases[0]).toMatchObject({ kind: 'building', resumed: true })
  })

  it('notices a student that only one generation knows, and a suspect too many', async () => {
    const live = await start()
    const keys = partitionKeys(live, 0)
    await store.connection.run((client) => client.set(keys.student('nobody' as never), 'x'))
    await store.connection.run((client) => client.sadd(keys.suspects, 'nobody'))
    const outcome = await rebuild(projection.rebuildDeps(), { ...OPTIONS, sample: 1 }, never)
    if (outcome.kind !== 'different') throw new Error(`it is ${outcome.kind}`)
    const { differences } = outcome.comparison
    expect(differences).toContainEqual({ kind: 'suspects', partition: 0, live: 1, built: 0 })
    expect(differences).toContainEqual({ kind: 'record', partition: 0, identifier: 'nobody' })
  })

  it('goes on where it was when it was broken off', async () => {
    await start()
    const stop = new AbortController()
    let written = 0
    const deps = projection.rebuildDeps()
    const watched = counting(deps.pace, (records) => {
      written += records
      if (written >= 30) stop.abort()
    })
    await expect(rebuild({ ...deps, pace: watched }, OPTIONS, stop.signal)).rejects.toThrow()
    const again = projection.rebuildDeps()
    let more = 0
    const counted = counting(again.pace, (records) => {
      more += records
    })
    expect(await rebuild({ ...again, pace: counted }, OPTIONS, never)).toMatchObject({ kind: 'switched' })
    expect(again.phases[0]).toMatchObject({ kind: 'building', resumed: true })
    expect(written + more).toBe(2 * IDS.length)
  })

  it('is alone: a second one at the same time is refused', async () => {
    await start()
    const gate = Promise.withResolvers<void>()
    const deps = projection.rebuildDeps()
    const paced: BuildThrottle['paced'] = (_records, work) => gate.promise.then(work)
    const first = rebuild({ ...deps, pace: { ...deps.pace, paced } }, OPTIONS, never)
    await until('it builds', () => deps.phases.length > 0)
    expect(await rebuild(projection.rebuildDeps(), OPTIONS, never)).toEqual({ kind: 'busy' })
    gate.resolve()
    expect(await first).toMatchObject({ kind: 'switched' })
  })

  it('goes back to the former generation, caught up, and forward again', async () => {
    const first = await start()
    await rebuild(projection.rebuildDeps(), OPTIONS, never)
    const second = (await store.admin.activeGeneration())!
    await log.append(IDS.map((id) => school.feeChanged(id, 9000)))
    await projection.caughtUp()
    expect(await rollback(projection.rebuildDeps(), never)).toMatchObject({ kind: 'switched', generation: first })
    await projection.caughtUp()
    for (const id of IDS) expect(await projection.record(first, id)).toEqual(await projection.record(second, id))
    expect(await rollback(projection.rebuildDeps(), never)).toMatchObject({ kind: 'switched', generation: second })
  })

  it('removes what is older than the former generation, and nothing of it can be written again', async () => {
    const first = await start()
    await rebuild(projection.rebuildDeps(), OPTIONS, never)
    const second = (await store.admin.activeGeneration())!
    await rebuild(projection.rebuildDeps(), OPTIONS, never)
    expect(await store.admin.generations()).toMatchObject({ former: second, leftovers: [] })
    expect(await projection.record(first, 'S-1')).toBeNull()
    expect(await store.writer.lease(first, 0, { next: 0, provenAtMs: 0 }, 1)).toEqual({ kind: 'retired' })
  })

  it('moves nothing a second time and writes no dead letter again', async () => {
    await start()
    const stray = school.feeChanged('S-5', 100)
    await log.append([
      { ...stray, partition: (stray.partition + 1) % PARTITIONS },
      { ...school.feeChanged('S-6', 1), value: Buffer.from('{broken') },
    ])
    await until('both are dealt with', () => projection.observed.letters === 1 && projection.observed.misrouted === 1)
    await projection.caughtUp()
    const numbers = [0, 1, 2, 3]
    const before = [await log.endOffsets(topic, numbers), await log.endOffsets(`${topic}.dlq`, numbers)]
    expect(await rebuild(projection.rebuildDeps(), OPTIONS, never)).toMatchObject({ comparison: { differences: [] } })
    await store.connection.run((client) => client.flushall())
    await until('the emptied store is filled again', async () => (await store.admin.activeGeneration()) !== null)
    await projection.caughtUp()
    expect([await log.endOffsets(topic, numbers), await log.endOffsets(`${topic}.dlq`, numbers)]).toEqual(before)
    expect(await store.admin.claim('another')).toBe(topic)
  })
})
