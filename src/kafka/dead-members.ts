import { LogError } from '../../consumers/ports/log-error.ts'
import type { BrokerExchange } from './broker-connections.ts'
import { findCoordinator } from './coordinator.ts'
import type { Brokers } from './leader.ts'
import type { LinkLogger } from './logger.ts'
import { isProtocolError } from './protocol/protocol-errors.ts'

const DEADLINE_MS = 1000

/**
 * Removes dead members, recognised by the client id of their join; the group would wait for each until its session
 * ends. A member that was removed by mistake is informed and joins again. Never rejects.
 *
 * @param brokers not the connections that join: a broker answers nothing else on a connection with a pending join
 * @returns whether all of them could be found and removed
 */
export const removeMembers = async (
  brokers: Brokers,
  group: string,
  isDead: (clientId: string) => boolean,
  logger: LinkLogger,
): Promise<boolean> => {
  try {
    const members = await brokers.connections.run('describe group', DEADLINE_MS, (untilMs) =>
      askCoordinator(brokers, group, untilMs, async (broker) => {
        const { groups } = await broker.describeGroups({ groupIds: [group] })
        return groups.flatMap(({ members }) => members)
      }),
    )
    for (const { memberId, clientId } of members.filter((member) => isDead(member.clientId))) {
      await brokers.connections
        .run('leave group', DEADLINE_MS, (untilMs) =>
          askCoordinator(brokers, group, untilMs, (broker) => broker.leaveGroup({ groupId: group, memberId })),
        )
        .then(() => logger.info({ group, member: clientId }, 'a member whose process is no more is out of the group'))
        .catch(unlessGone)
    }
    return true
  } catch (error) {
    logger.debug({ group, err: error }, 'dead members were not looked for')
    return false
  }
}

const askCoordinator = async <T>(
  brokers: Brokers,
  group: string,
  untilMs: number,
  exchange: BrokerExchange<T>,
): Promise<T> => brokers.connections.ask(await findCoordinator(brokers, group, untilMs), untilMs, exchange)

/** Another member was faster. */
const unlessGone = (error: unknown): void => {
  const gone = error instanceof LogError && isProtocolError(error.cause) && error.cause.type === 'UNKNOWN_MEMBER_ID'
  if (!gone) throw error
}
