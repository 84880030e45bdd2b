import { NODES } from './brokers.ts'
import type { World } from './world.ts'

type Fault = (world: World) => Promise<void>

/** How long a broker's metadata may be behind an election. */
const METADATA_LAG_MS = 300

/**
 * A leader is cut off from the others and replaced, and answers on. Sometimes clients reach nobody else, a third
 * broker learns of the election late, or the projectors are slow: then the projection is what the old leader knows.
 */
const cutOffLeader: Fault = async ({ random, counts, brokers, servers, time }) => {
  if (isTroubled(brokers) || servers.log.down !== 'no') return
  troubled.add(brokers)
  const victim = random.pick(brokers.leaders())
  const isSlow = random.chance(0.6)
  const late = random.chance(0.4) ? NODES.find((node) => node !== victim)! : null
  if (isSlow) servers.slowApplyMs = 500 + random.below(4000)
  if (late !== null) await brokers.fallBehind(late)
  await brokers.cutOff(victim)
  counts.add('fault: a leader was cut off and replaced')
  if (late !== null) {
    counts.add('fault: a broker learns late of an election')
    await time.sleep(random.below(METADATA_LAG_MS))
    brokers.rejoin(late)
  } else if (random.chance(0.6)) {
    counts.add('fault: clients reach a replaced leader alone')
    brokers.reachOnly(victim)
  }
  await time.sleep(1000 + random.below(5000))
  brokers.reachOnly(null)
  brokers.rejoin(victim)
  if (isSlow) servers.slowApplyMs = 0
  troubled.delete(brokers)
}

/** One election at a time: three brokers have a majority without one of them alone. */
const troubled = new WeakSet<World['brokers']>()
const isTroubled = (brokers: World['brokers']): boolean => troubled.has(brokers)

/** What happens between the brokers. */
export const BROKER_FAULTS: readonly (readonly [weight: number, Fault])[] = [[8, cutOffLeader]]
