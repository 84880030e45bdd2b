import { LogError } from '../log-error.ts'
import { findCoordinator } from './coordinator.ts'
import type { Link } from './link.ts'
import type { LinkLogger } from './logger.ts'
import { isProtocolError } from './protocol-errors.ts'

const DEADLINE_MS = 1000

/**
 * Takes members out of a group whose processes have ended, by the client id that they joined with: the group would wait
 * for each until its session is over. Never rejects. One that was taken out by mistake is told so and joins again.
 *
 * `link` is not the one that joins: a broker answers nothing else on a connection while a join waits there.
 */
export const removeDeadMembers = async (
  link: Link,
  group: string,
  hasEnded: (clientId: string) => boolean,
  logger: LinkLogger,
): Promise<void> => {
  try {
    const members = await link.run('describe group', DEADLINE_MS, async () => {
      const { groups } = await (await coordinator(link, group)).describeGroups({ groupIds: [group] })
      return groups.flatMap(({ members }) => members)
    })
    for (const { memberId, clientId } of members.filter((member) => hasEnded(member.clientId))) {
      await link
        .run('leave group', DEADLINE_MS, async () =>
          (await coordinator(link, group)).leaveGroup({ groupId: group, memberId }),
        )
        .then(() => logger.info({ group, member: clientId }, 'a member whose process has ended is out of the group'))
        .catch(unlessGone)
    }
  } catch (error) {
    logger.debug({ group, err: error }, 'dead members were not looked for')
  }
}

const coordinator = async (link: Link, group: string) => link.broker(await findCoordinator(link, group))

/** Somebody else was faster. */
const unlessGone = (error: unknown): void => {
  const gone = error instanceof LogError && isProtocolError(error.cause) && error.cause.type === 'UNKNOWN_MEMBER_ID'
  if (!gone) throw error
}
