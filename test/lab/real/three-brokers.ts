import { kafkaCluster } from '../../support/kafka-cluster.ts'
import { brokerFaults } from './broker-faults.ts'
import type { LabLog } from './servers.ts'
import { addPartitions, settingsChanged } from './topic-faults.ts'

/** Three brokers that keep three copies of everything. */
export const openThreeBrokers = async (): Promise<LabLog> => {
  const cluster = await kafkaCluster()
  const { addresses } = cluster
  return {
    addresses,
    brokers: addresses.join(','),
    faults: [...brokerFaults(cluster), [16, settingsChanged(addresses)]],
    // Students of sources that misroute need all partitions: every other round has none, and shows what one leader costs.
    traffic: (round) => ({ misrouting: round % 2 === 0 ? 0 : 0.15, isMirrored: true }),
    lastFault: addPartitions(addresses),
    close: cluster.close,
  }
}
