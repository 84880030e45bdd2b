import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Log } from '../../consumers/ports/log.ts'
import { initialiseGeneration } from '../../consumers/projector/generations.ts'
import { type Config, loadConfig } from '../../src/config/load.ts'
import type { BuildThrottle } from '../../src/rebuild/build-throttle.ts'
import type { Helper } from '../../src/rebuild/parallel-build.ts'
import { rebuild } from '../../src/rebuild/rebuild.ts'
import { buildHelpers } from '../../src/roles/build-helpers.ts'
import { type PrivateRedis, privateRedis } from '../support/private-redis.ts'
import { type Projection, projectionOn } from '../support/projection.ts'
import { type OpenedStore, openStore, targetOf } from '../support/redis-store.ts'
import { publisher } from '../support/school.ts'
import { freshTopic, openLog, sharedBrokers } from '../support/shared-kafka.ts'

const PARTITIONS = 4
const IDS = Array.from({ length: 200 }, (_, index) => `S-${index}`)
const OPTIONS = { sample: 1000, acceptDifferences: false }
const never = new AbortController().signal

let log: Log
let redis: PrivateRedis
let store: OpenedStore
let topic: string
let projection: Projection
let config: Config

beforeAll(() => {
  log = openLog()
})
afterAll(() => log.close())
beforeEach(async () => {
  topic = await freshTopic(log, PARTITIONS)
  redis = await privateRedis()
  store = await openStore(targetOf(redis.port), { deadlineMs: 3000 })
  projection = projectionOn(log, store, topic, PARTITIONS)
  config = configOf()
  const school = publisher(topic, PARTITIONS)
  await log.append(IDS.flatMap((id) => [school.enrolled(id), school.assessed(id, 5000)]))
})
afterEach(async () => {
  await store.connection.close()
  await redis.close()
})

const configOf = (): Config => {
  const env = { KAFKA_BROKERS: sharedBrokers(), REDIS_URL: `redis://127.0.0.1:${redis.port}` }
  const yaml = `timezone: Asia/Kolkata
topic: { name: ${topic}, partitions: ${PARTITIONS} }
policy: { balance_basis: outstanding, paid_instalments: zero }
`
  const loaded = loadConfig({ file: 'pullgate.yaml', env, readFile: () => yaml })
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
  return loaded.config
}

/** Without regard to how little there is to do. */
const eager = (helper: Helper): Helper => ({ ...helper, worthFrom: 0 })

describe('a rebuild with helpers', () => {
  it('makes the bytes that one without them makes', async () => {
    const told: number[] = []
    let own = 0
    const { pace, ...deps } = projection.rebuildDeps()
    const paced: BuildThrottle['paced'] = (records, work) => {
      own += records
      return pace.paced(records, work)
    }
    const outcome = await rebuild(
      {
        ...deps,
        pace: { ...pace, paced },
        helpers: buildHelpers(config, 3).map(eager),
        onProgress: (done) => told.push(done),
      },
      OPTIONS,
      never,
    )
    expect(own).toBeLessThan(IDS.length)
    expect(outcome).toMatchObject({ kind: 'switched', events: 2 * IDS.length, former: null })
    expect(told.at(-1)).toBe(2 * IDS.length)
    expect(await rebuild(projection.rebuildDeps(), OPTIONS, never)).toMatchObject({
      kind: 'switched',
      comparison: { students: { live: IDS.length, built: IDS.length }, compared: IDS.length, differences: [] },
    })
  })

  it('does itself what they leave undone', async () => {
    const [helper] = buildHelpers(config, 2)
    /** Does the first of its partitions, and dies. */
    const dying: Helper = {
      worthFrom: 0,
      reach: async (generation, targets, done, signal) => {
        await helper!.reach(generation, new Map([...targets].slice(0, 1)), done, signal)
        throw new Error('killed')
      },
    }
    await rebuild({ ...projection.rebuildDeps(), helpers: [dying] }, OPTIONS, never)
    expect(await rebuild(projection.rebuildDeps(), OPTIONS, never)).toMatchObject({
      kind: 'switched',
      comparison: { compared: IDS.length, differences: [] },
    })
  })
})

describe('a helping thread', () => {
  const begin = async (): Promise<number> => {
    const generation = await store.admin.beginBuild()
    await initialiseGeneration(projection.rebuildDeps(), generation, 'start')
    return generation
  }

  it('takes its partitions up to their ends, and no others', async () => {
    const generation = await begin()
    const ends = await log.endOffsets(topic, [0, 1, 2, 3])
    let events = 0
    await buildHelpers(config, 2)[0]!.reach(
      generation,
      new Map([1, 3].map((partition) => [partition, ends.get(partition)!])),
      (done) => {
        events += done
      },
      never,
    )
    const nexts = [0, 1, 2, 3].map(async (partition) => (await store.writer.checkpoint(generation, partition))!.next)
    expect(await Promise.all(nexts)).toEqual([0, ends.get(1), 0, ends.get(3)])
    expect(events).toBe(ends.get(1)! + ends.get(3)!)
  })

  it('ends when it is told to, and where it cannot go on', async () => {
    const generation = await begin()
    const [helper] = buildHelpers(config, 2)
    const nowhere = new Map([[0, Number.MAX_SAFE_INTEGER]])
    await expect(helper!.reach(generation, nowhere, () => {}, AbortSignal.timeout(100))).rejects.toThrow('ended')
    await redis.close()
    await expect(helper!.reach(generation, nowhere, () => {}, never)).rejects.toThrow()
  })

  it('is one for each further core, up to what Redis can take and memory is there for', () => {
    const gib = 1024 ** 3
    expect([1, 2, 3, 64].map((cores) => buildHelpers(config, cores, 16 * gib).length)).toEqual([0, 1, 2, 3])
    expect([0.5, 1, 1.5, 3].map((room) => buildHelpers(config, 8, room * gib).length)).toEqual([0, 0, 1, 3])
  })
})
