import kafkajs from 'kafkajs'
import { until } from '../../support/until.ts'
import { changeTopic } from './brokers-admin.ts'
import { nothing, type RealFault, type Scene, sleep } from './faults.ts'
import { PARTITIONS } from './settings.ts'
import { type PullingDeps, pullOnce, type RealPull } from './traffic.ts'

/** Settings are read again at least every minute. */
const NOTICED_MS = 70_000
const LATELY_MS = 1500

const isPlain = ({ result }: RealPull): boolean => result.source === 'projection' && result.reason === undefined

const monthMs = String(30 * 24 * 3600 * 1000)

/** The topic may delete for a while: nothing is proven from then on, and everything again once it may not. */
export const settingsChanged = (addresses: readonly string[]): RealFault => {
  const setRetention = (topic: string, value: string): Promise<void> =>
    changeTopic(addresses, (admin) =>
      admin.alterConfigs({
        validateOnly: false,
        resources: [
          {
            type: kafkajs.ConfigResourceTypes.TOPIC,
            name: topic,
            configEntries: [
              { name: 'retention.ms', value },
              { name: 'cleanup.policy', value: 'delete' },
              { name: 'message.timestamp.type', value: 'CreateTime' },
              { name: 'min.insync.replicas', value: '2' },
              { name: 'unclean.leader.election.enable', value: 'false' },
              { name: 'max.message.bytes', value: '2097152' },
            ],
          },
        ],
      }),
    )
  const lately = ({ pulls }: Scene): readonly RealPull[] =>
    pulls().filter(({ askedMs }) => askedMs > Date.now() - LATELY_MS)
  return {
    name: 'topic settings changed (retention.ms), and back',
    wound: async (scene) => {
      const { topic, wrong } = scene
      await setRetention(topic, monthMs)
      await until(
        'nothing is proven',
        () => lately(scene).length > 3 && !lately(scene).some(isPlain),
        NOTICED_MS,
      ).catch(() => wrong('stale: answered as fresh although the topic may delete'))
      // From then on it stays so.
      const [since, before] = [Date.now(), scene.pulls().length]
      await sleep(2000)
      const said = scene.pulls().slice(before)
      if (said.some((one) => one.askedMs > since && isPlain(one)))
        wrong('stale: answered as fresh again although the topic may still delete')
      await setRetention(topic, '-1')
      await until('the projection answers again', () => lately(scene).some(isPlain), NOTICED_MS).catch(() =>
        wrong('stuck: the projection does not answer although the settings are as before'),
      )
      return nothing
    },
  }
}

const GRACE_MS = 2000
const WATCHED_MS = 4000

/** The end of a round, as only an operator can mend it: from then on the projection answers for nobody. */
export const addPartitions =
  (addresses: readonly string[]) =>
  async ({ topic, counts }: Scene, deps: PullingDeps): Promise<readonly string[]> => {
    await changeTopic(addresses, (admin) =>
      admin.createPartitions({ topicPartitions: [{ topic, count: PARTITIONS + 2 }] }),
    )
    counts.add('partitions added to the topic')
    await sleep(GRACE_MS)
    for (const untilMs = performance.now() + WATCHED_MS; performance.now() < untilMs; ) {
      const made = await pullOnce(deps)
      if (made !== null && isPlain(made))
        return ['stale: answered as fresh although the topic has partitions that nobody reads']
    }
    return []
  }
