import type { RedisServers } from '../../../src/redis/target.ts'
import type { Scene, WeightedFaults } from './faults.ts'
import type { PullingDeps } from './traffic.ts'

/** How a round's publishers behave. */
export type TrafficOptions = {
  /** The share of publishers that partition wrongly. */
  readonly misrouting: number
  /** Some records bear the headers of copies that were moved in another cluster. */
  readonly isMirrored: boolean
}

/** The brokers of all rounds. */
export type LabLog = {
  /** Where the lab itself asks. */
  readonly addresses: readonly string[]
  /** Where the program asks. */
  readonly brokers: string
  readonly faults: WeightedFaults
  readonly traffic: (round: number) => TrafficOptions
  /** What happens to a round's topic after everything was compared; returns what was wrong. */
  readonly lastFault: (scene: Scene, deps: PullingDeps) => Promise<readonly string[]>
  readonly close: () => Promise<void>
}

/** The Redis of one round. */
export type LabRedis = {
  readonly url: string
  readonly servers: RedisServers
  readonly faults: WeightedFaults
  readonly close: () => Promise<void>
}
