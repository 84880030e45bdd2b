import { expect, it } from 'vitest'
import { topicSpecs } from '../../consumers/ports/topic-spec.ts'
import { newName } from '../contract/log-harness.ts'
import { privateRedis } from '../support/private-redis.ts'
import { projectionOn } from '../support/projection.ts'
import { openStore, targetOf } from '../support/redis-store.ts'
import { publisher } from '../support/school.ts'
import { until } from '../support/until.ts'
import { withClients } from './kafka-clients.ts'

const MIB = 2 ** 20
const PARTITIONS = 4
const IDS = Array.from({ length: 40 }, (_, index) => `S-${index}`)
/** No consumer looks at it, and it is not stored. */
const PADDING = 'x'.repeat(64 * 1024)
const CHANGES = 16
/** What waits of one partition, a fetch that was asked just below it, and the batch in hand; a little for the rest. */
const HELD_AT_MOST = PARTITIONS * (2 + 1 + 1) * MIB + MIB

it(
  'a projector whose store hangs holds a bounded part of a backlog, and catches up when it is back',
  () =>
    withClients(1, async ({ direct, disturbed, proxy }) => {
      const topic = newName('backlog')
      await direct.ensureTopics(topicSpecs(topic, PARTITIONS))
      const redis = await privateRedis()
      const store = await openStore(targetOf(redis.port), { deadlineMs: 1000 })
      const projection = projectionOn(disturbed, store, topic, PARTITIONS)
      const projector = await projection.project()
      try {
        const school = publisher(topic, PARTITIONS)
        await direct.append(IDS.flatMap((id) => [school.enrolled(id), school.assessed(id, 100)]))
        await projection.caughtUp()

        redis.pause()
        const before = proxy.received()
        let published = 0
        for (let change = 1; change <= CHANGES; change++) {
          const data = { component_type: 'TUITION', amount: 100 + change, padding: PADDING }
          const records = IDS.map((id) => school.event(id, 'erp.fee.changed.v1', data))
          for (let at = 0; at < records.length; at += 10) await direct.append(records.slice(at, at + 10))
          published += records.length * PADDING.length
        }
        expect(published).toBeGreaterThan(2 * HELD_AT_MOST)
        const held = await settled(() => proxy.received() - before)
        expect(held).toBeGreaterThan(MIB)
        expect(held).toBeLessThan(HELD_AT_MOST)

        redis.resume()
        // It refuses until its client has connected again.
        const answers = () =>
          store.reader.partitions().then(
            () => true,
            () => false,
          )
        await until('the store to answer again', answers)
        await projection.caughtUp()
        expect(proxy.received() - before).toBeGreaterThan(published)
      } finally {
        redis.resume()
        await projector.stop()
        await store.connection.close()
        await redis.close()
      }
    }),
  120_000,
)

/** The count once it hardly grows any more: idle answers are small. */
const settled = async (count: () => number): Promise<number> => {
  let seen = -1
  let still = 0
  await until(
    'nothing more to be fetched',
    () => {
      const now = count()
      still = seen >= MIB && now - seen < 16 * 1024 ? still + 1 : 0
      seen = now
      return still === 100
    },
    60_000,
  )
  return seen
}
