import type { Log } from '../../consumers/ports/log.ts'
import type { BrokerConnections } from './broker-connections.ts'
import { controllerClockRequest, DESCRIBE_QUORUM_VERSION } from './protocol/describe-quorum.ts'
import { API } from './protocol/wire.ts'

const DEADLINE_MS = 2000

/**
 * The cluster's clock: that of its active controller. Records tell no broker's clock, because their topic has
 * `message.timestamp.type=CreateTime`. A broker that does not know the request would close the connection, so its
 * versions are looked up first.
 */
export const brokerClock =
  (connections: BrokerConnections): NonNullable<Log['clock']> =>
  () =>
    connections.run('clock', DEADLINE_MS, (untilMs) =>
      connections.askSeed(untilMs, async (broker) => {
        const known = broker.versions?.[API.describeQuorum]
        const isKnown =
          known !== undefined &&
          known.minVersion <= DESCRIBE_QUORUM_VERSION &&
          DESCRIBE_QUORUM_VERSION <= known.maxVersion
        return isKnown ? broker.connectionPool.send(controllerClockRequest()) : null
      }),
    )
