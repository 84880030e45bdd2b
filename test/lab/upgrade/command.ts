import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Log } from '../../../consumers/ports/log.ts'
import { topicSpecs } from '../../../consumers/ports/topic-spec.ts'
import { kafkaLog } from '../../../src/kafka/kafka-log.ts'
import { privateKafka } from '../../integration/private-kafka.ts'
import { fakeErp } from '../../support/fake-erp.ts'
import { privateRedis } from '../../support/private-redis.ts'
import { openProgram } from '../../support/program.ts'
import { until } from '../../support/until.ts'
import { checkOut, lastOfFormerFold, packThis } from './former.ts'
import { upgradeSchool } from './school.ts'
import { PARTITIONS, upgradeConfig } from './settings.ts'
import { numbersOf, readKeys, readRecords, type Stored, topicIdOf } from './stored.ts'
import { openTraffic } from './traffic.ts'
import { exchangeVersions } from './trial.ts'

const TOPIC = 'upgrade.student-events'
const say = (text: string): void => void process.stderr.write(`[lab] ${text}\n`)
const quiet = { debug: () => {}, info: () => {}, warn: () => {} }

export type UpgradeOptions = {
  /** A commit; the last one of the former fold version unless named. */
  readonly former: string | undefined
  /** Where to store what the former version has left behind, instead of an upgrade. */
  readonly store: string | undefined
}

/** `npm run lab -- --upgrade`: this package takes over from a former commit, and gives back. Returns the exit code. */
export const upgrade = async ({ former: named, store }: UpgradeOptions): Promise<number> => {
  const folder = await mkdtemp(join(tmpdir(), 'pullgate-upgrade-'))
  const [kafka, redis, erp] = [await privateKafka(), await privateRedis(), await fakeErp()]
  const commit = named ?? lastOfFormerFold()
  const { bin, foldVersion } = checkOut(commit, join(folder, 'former'))
  say(`former version: ${commit}, fold ${foldVersion}`)
  await kafka.start()
  const log = kafkaLog({ brokers: kafka.brokers, clientId: 'upgrade', logger: quiet })
  const servers = {
    brokers: kafka.brokers.join(','),
    redisUrl: `redis://127.0.0.1:${redis.port}`,
    config: upgradeConfig(TOPIC, erp.url),
    env: { UPGRADE_ERP_PASSWORD: 'upgrade' },
  }
  const former = await openProgram({ ...servers, bin })
  const current = await openProgram({ ...servers, bin: store === undefined ? packThis(join(folder, 'current')) : bin })
  try {
    await log.ensureTopics(topicSpecs(TOPIC, PARTITIONS))
    const school = upgradeSchool(TOPIC, PARTITIONS)
    await log.append(school.filling)
    if (store !== undefined) {
      const projector = await former.start('projector')
      await until('the former projector', async () => (await fetch(`${projector.metricsUrl}/readyz`)).ok, 60_000)
      await until('all of the log to be applied', () => isApplied(log, redis.port), 60_000)
      await projector.stop()
      const [identity, records, keys] = [
        await topicIdOf(log, TOPIC),
        await readRecords(log, TOPIC, PARTITIONS),
        await readKeys(redis.port),
      ]
      const stored: Stored = {
        ...{ madeBy: commit, foldVersion, topic: TOPIC, identity, partitions: PARTITIONS, records, keys },
      }
      await writeFile(store, `${JSON.stringify(stored, null, 2)}\n`)
      return 0
    }
    const traffic = openTraffic(log, school, erp)
    const phases = await exchangeVersions(former, current, traffic, say)
    const bad = phases.flatMap(({ name, wrong, unanswered }) =>
      [...wrong, ...unanswered].map((one) => `${name}: ${one}`),
    )
    for (const one of bad.slice(0, 50)) say(`WRONG: ${one}`)
    const pulls = phases.reduce((sum, { projection, erp: byErp }) => sum + projection + byErp, 0)
    const ofMany = (kind: 'wrong' | 'unanswered') => phases.reduce((sum, phase) => sum + phase[kind].length, 0)
    say(`${pulls} pulls answered, ${ofMany('wrong')} wrong, ${ofMany('unanswered')} unanswered`)
    return bad.length === 0 ? 0 : 1
  } finally {
    await Promise.all([former.close(), current.close()])
    await log.close()
    await Promise.all([kafka.close(), redis.close(), erp.close()])
    await rm(folder, { recursive: true, force: true })
  }
}

/** Whether the checkpoints hold all of the log. */
const isApplied = async (log: Log, port: number): Promise<boolean> => {
  const ends = [...(await log.ends(TOPIC, numbersOf(PARTITIONS))).values()]
  const keys = (await readKeys(port)).filter(([key]) => key.endsWith(':cp'))
  const applied = keys.map(([, , [value = '']]) => Number.parseInt(Buffer.from(value, 'base64').toString(), 10))
  const sum = (all: readonly number[]): number => all.reduce((total, one) => total + one, 0)
  return sum(applied) === sum(ends.map(({ next }) => next))
}
