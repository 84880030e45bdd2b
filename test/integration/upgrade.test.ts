import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Log } from '../../consumers/ports/log.ts'
import { FOLD_VERSION } from '../../projections/state/state.ts'
import { upgradeSchool } from '../lab/upgrade/school.ts'
import { PARTITIONS, upgradeConfig } from '../lab/upgrade/settings.ts'
import { readKeys, type Stored, topicIdOf, writeKeys, writeRecords } from '../lab/upgrade/stored.ts'
import { openTraffic, type Tally } from '../lab/upgrade/traffic.ts'
import { fakeErp } from '../support/fake-erp.ts'
import { privateRedis } from '../support/private-redis.ts'
import { openProgram, type Running } from '../support/program.ts'
import { openStore, targetOf } from '../support/redis-store.ts'
import { freshTopic, openLog, sharedBrokers } from '../support/shared-kafka.ts'
import { until } from '../support/until.ts'

/** What former versions left behind in Redis and topic, as `npm run lab -- --upgrade --store` has written it. */
const formerVersions = [3, 9].map((version): Stored => {
  const file = new URL(`../golden/former/fold-${version}.json`, import.meta.url)
  return JSON.parse(readFileSync(file, 'utf8'))
})
const SLOW_MS = 120_000

let log: Log
beforeAll(() => {
  log = openLog()
})
afterAll(() => log.close())

const readiness = async ({ metricsUrl }: Running): Promise<boolean> => (await fetch(`${metricsUrl}/readyz`)).ok

it.each(formerVersions)(
  'this version takes over what fold $foldVersion has stored, gives back and takes over again: none wrong, all answered',
  async (stored) => {
    expect(stored.foldVersion).toBeLessThan(FOLD_VERSION)
    const [redis, erp, topic] = [await privateRedis(), await fakeErp(), await freshTopic(log, PARTITIONS)]
    const school = upgradeSchool(topic, PARTITIONS)
    await writeRecords(log, stored, topic)
    await writeKeys(redis.port, stored, topic, await topicIdOf(log, topic))
    const formerKeys = async () => (await readKeys(redis.port)).filter(([key]) => key.startsWith('pg:1:'))
    const left = await formerKeys()
    const program = await openProgram({
      brokers: sharedBrokers(),
      redisUrl: `redis://127.0.0.1:${redis.port}`,
      config: upgradeConfig(topic, erp.url),
      env: { UPGRADE_ERP_PASSWORD: 'upgrade' },
    })
    const store = await openStore(targetOf(redis.port), { deadlineMs: 3000 })
    const traffic = openTraffic(log, school, erp)
    const taken: Tally[] = []
    /** Twenty pulls in a row. */
    const answeredBy = async (source: 'projection' | 'erp'): Promise<void> => {
      let inRow = 0
      await until(
        `pulls answered by ${source}`,
        () => {
          const tally = traffic.take()
          taken.push(tally)
          const others = tally[source === 'erp' ? 'projection' : 'erp']
          inRow = others > 0 ? 0 : inRow + tally[source]
          return inRow >= 20
        },
        SLOW_MS,
      )
    }
    try {
      // A gateway of this version asks the ERPs as long as the former generation is active.
      const gateway = await program.start('gateway')
      traffic.sendTo(gateway)
      await answeredBy('erp')
      const projector = await program.start('projector')
      await until('the new projector', () => readiness(projector), SLOW_MS)
      await answeredBy('projection')
      const own = (await store.admin.activeGeneration())!
      expect(own).toBeGreaterThan(1)
      expect(await formerKeys()).toEqual(left)

      // What `rebuild --rollback` of the former version does in the end.
      expect(await store.admin.activate(own, 1)).toBe(true)
      await answeredBy('erp')
      expect(await store.admin.activeGeneration()).toBe(1)
      expect(await formerKeys()).toEqual(left)

      const forward = await program.run(['rebuild', '--rollback'])
      expect(forward.code, forward.stderr).toBe(0)
      await answeredBy('projection')
      await traffic.stop()
      taken.push(traffic.take())
      expect(taken.flatMap(({ wrong, unanswered }) => [...wrong, ...unanswered])).toEqual([])
    } finally {
      await traffic.stop()
      await store.connection.close()
      await program.close()
      await Promise.all([redis.close(), erp.close()])
    }
  },
  400_000,
)
