import { askAny, type Brokers } from './leader.ts'
import type { Address } from './protocol/metadata.ts'

const GROUP = 0

/** The broker that coordinates this group. */
export const findCoordinator = async (brokers: Brokers, groupId: string, untilMs: number): Promise<Address> =>
  askAny(
    brokers,
    untilMs,
    async (broker) => (await broker.findGroupCoordinator({ groupId, coordinatorType: GROUP })).coordinator,
  )
