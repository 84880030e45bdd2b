import type { ClusterBroker, KafkaCluster } from '../../support/kafka-cluster.ts'
import { until } from '../../support/until.ts'
import { type Described, describedBy } from './brokers-admin.ts'
import { nothing, type RealFault, type Scene, sleep, type WeightedFaults } from './faults.ts'

/** How long three brokers on a busy machine may need for an election, or for their copies to be in step. */
const ELECTION_MS = 60_000

/** What happens to three brokers that keep three copies. */
export const brokerFaults = (cluster: KafkaCluster): WeightedFaults => {
  const addressesBeside = (nodeId: number): readonly string[] =>
    cluster.brokers.filter((broker) => broker.nodeId !== nodeId).map(({ address }) => address)
  const brokerOf = (nodeId: number): ClusterBroker => cluster.brokers.find((broker) => broker.nodeId === nodeId)!

  const described = async (topic: string, beside = 0): Promise<readonly Described[]> => {
    let told: readonly Described[] | null = null
    const ask = async (): Promise<boolean> => {
      told = await describedBy(addressesBeside(beside), topic)
      return told !== null
    }
    await until('a broker describes the topic', ask, ELECTION_MS)
    return told!
  }

  const allInStep = (topic: string): Promise<void> =>
    until(
      'all copies are in step',
      async () => (await described(topic)).every(({ inSync }) => inSync === cluster.brokers.length),
      ELECTION_MS,
    )

  /** One that leads a partition; nobody is hurt twice, so that two copies are always there. */
  const aLeader = async ({ topic, random }: Scene): Promise<ClusterBroker> => {
    await allInStep(topic)
    return brokerOf(random.pick(await described(topic)).leader)
  }

  /** Hurts that broker, and waits until all that it led is led by others. */
  const loseLeader = async (
    scene: Scene,
    victim: ClusterBroker,
    hurt: () => Promise<void>,
    isCutOff = false,
  ): Promise<void> => {
    const { topic, noteAway } = scene
    const led = (await described(topic)).filter(({ leader }) => leader === victim.nodeId)
    const fromMs = Date.now()
    await hurt()
    await until(
      'other brokers lead',
      async () => (await described(topic, victim.nodeId)).every(({ leader }) => leader > 0 && leader !== victim.nodeId),
      ELECTION_MS,
    )
    noteAway({ lost: led.map(({ partition }) => partition), fromMs, knownMs: Date.now(), isCutOff })
  }

  const leaderPaused: RealFault = {
    name: 'broker that leads paused (SIGSTOP, SIGCONT)',
    wound: async (scene) => {
      const victim = await aLeader(scene)
      await loseLeader(scene, victim, async () => victim.pause())
      return async () => {
        await sleep(scene.random.below(3000))
        victim.resume()
      }
    },
  }

  const leaderKilled: RealFault = {
    name: 'broker that leads killed (SIGKILL), started',
    wound: async (scene) => {
      const victim = await aLeader(scene)
      await loseLeader(scene, victim, victim.kill)
      return victim.start
    },
  }

  const leaderCutOff: RealFault = {
    name: 'broker that leads cut off from the others, not from clients',
    wound: async (scene) => {
      const victim = await aLeader(scene)
      await loseLeader(scene, victim, () => cluster.cutOff(victim.nodeId), true)
      return async () => {
        // Callers go on to ask while two brokers take themselves for the leader.
        await sleep(2000 + scene.random.below(4000))
        await cluster.rejoin(victim.nodeId)
      }
    },
  }

  const controllerLost: RealFault = {
    name: 'broker that leads the controllers killed (SIGKILL), started',
    wound: async (scene) => {
      await allInStep(scene.topic)
      const victim = brokerOf(await cluster.controller())
      await loseLeader(scene, victim, victim.kill)
      return victim.start
    },
  }

  const rollingRestart: RealFault = {
    name: 'broker after broker restarted (SIGTERM)',
    wound: async ({ topic }) => {
      for (const broker of cluster.brokers) {
        await allInStep(topic)
        await broker.stop()
        await broker.start()
      }
      return nothing
    },
  }

  // Of 45 minutes each fault gets twenty or more; a rolling restart and a change of settings take the longest.
  return [
    [20, leaderPaused],
    [20, leaderKilled],
    ...(cluster.canCutOff ? ([[20, leaderCutOff]] as const) : []),
    [20, controllerLost],
    [16, rollingRestart],
  ]
}
