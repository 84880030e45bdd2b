import type { BrokerConnections } from './broker-connections.ts'
import type { Address } from './protocol/metadata.ts'

const GROUP = 0

/** The broker that keeps this group's members. */
export const findCoordinator = async (link: BrokerConnections, groupId: string): Promise<Address> =>
  (await (await link.seed()).findGroupCoordinator({ groupId, coordinatorType: GROUP })).coordinator
