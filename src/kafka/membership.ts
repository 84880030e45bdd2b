/**
 * One membership of a consumer group: join, heartbeat, commit, leave. The protocol is that of kafkajs (same assigner
 * name and layout), so that releases and other kafkajs members can share a group. Partitions are assigned in turn to
 * the members in the order of their ids.
 *
 * | state    | event                                        | next state                       |
 * |----------|----------------------------------------------|----------------------------------|
 * | outside  | `join` answered                              | member of a generation           |
 * | member   | heartbeat or commit answered                 | member                           |
 * | member   | the group rebalances                         | member, until `join` is repeated |
 * | member   | another generation exists, or the id is gone | outside (`lost`)                 |
 * | any      | the coordinator fails                        | the same; the coordinator is found again |
 * | any      | `leave` answered                             | outside                          |
 */

import kafkajs from 'kafkajs'
import { LogError } from '../../consumers/ports/log-error.ts'
import { findCoordinator } from './coordinator.ts'
import type { Brokers } from './leader.ts'
import type { Broker } from './protocol/kafkajs-internals.ts'
import type { Address } from './protocol/metadata.ts'
import { isProtocolError } from './protocol/protocol-errors.ts'

const { MemberAssignment, MemberMetadata } = kafkajs.AssignerProtocol

export type Assignment = { readonly generation: number; readonly partitions: readonly number[] }

/** `rebalance`: join again. `lost`: the group continues without this member, and others may have had its partitions. */
export type MembershipState = 'member' | 'rebalance' | 'lost'

export type GroupTimes = {
  /** The group considers a member dead after this silence. */
  readonly sessionMs: number
  /** Milliseconds that the group waits for a member to finish its current work. */
  readonly rebalanceMs: number
}

export type Membership = {
  readonly join: () => Promise<Assignment>
  readonly heartbeat: () => Promise<MembershipState>
  readonly commit: (offsets: ReadonlyMap<number, number>) => Promise<MembershipState>
  readonly leave: () => Promise<void>
}

const ASSIGNER = 'RoundRobinAssigner'
const REQUEST_MS = 3000

export const groupMembership = (brokers: Brokers, topic: string, groupId: string, times: GroupTimes): Membership => {
  let memberId = ''
  let generation = -1
  let coordinator: Address | null = null

  /** One exchange with the coordinator, which is found again where it has moved. */
  const ask = <T>(
    what: string,
    deadlineMs: number,
    exchange: (broker: Broker) => Promise<T>,
    attemptMs = deadlineMs,
  ): Promise<T> =>
    brokers.connections.run(
      what,
      deadlineMs,
      async (untilMs) => {
        coordinator ??= await findCoordinator(brokers, groupId, untilMs)
        try {
          return await brokers.connections.ask(coordinator, untilMs, exchange)
        } catch (error) {
          const stays = isProtocolError(error) && !error.retriable
          if (!stays) coordinator = null
          throw error
        }
      },
      attemptMs,
    )

  const standing = async (exchange: Promise<unknown>): Promise<MembershipState> => {
    try {
      await exchange
      return 'member'
    } catch (error) {
      const type = error instanceof LogError && isProtocolError(error.cause) ? error.cause.type : ''
      if (type === 'REBALANCE_IN_PROGRESS') return 'rebalance'
      if (type === 'ILLEGAL_GENERATION') return 'lost'
      if (type !== 'UNKNOWN_MEMBER_ID') throw error
      memberId = ''
      return 'lost'
    }
  }

  const join = async (): Promise<Assignment> => {
    const { sessionMs: sessionTimeout, rebalanceMs: rebalanceTimeout } = times
    const metadata = MemberMetadata.encode({ version: 0, topics: [topic], userData: Buffer.alloc(0) })
    const groupProtocols = [{ name: ASSIGNER, metadata }]
    const joined = await ask('join group', rebalanceTimeout + REQUEST_MS, (broker) =>
      broker.joinGroup({ groupId, sessionTimeout, rebalanceTimeout, memberId, groupProtocols }),
    )
    memberId = joined.memberId
    generation = joined.generationId
    const leads = joined.leaderId === memberId
    const groupAssignment = leads ? await deal(joined.members.map((member) => member.memberId)) : []
    const { memberAssignment } = await ask('sync group', rebalanceTimeout + REQUEST_MS, (broker) =>
      broker.syncGroup({ groupId, generationId: generation, memberId, groupAssignment }),
    )
    const partitions = MemberAssignment.decode(memberAssignment)?.assignment[topic] ?? []
    return { generation, partitions: [...partitions].sort((a, b) => a - b) }
  }

  const deal = async (memberIds: readonly string[]) => {
    const { count } = await brokers.connections.run('metadata', REQUEST_MS, (untilMs) =>
      brokers.cluster.refresh(topic, untilMs),
    )
    const numbers = Array.from({ length: count }, (_, partition) => partition)
    return [...memberIds].sort().map((id, seat) => {
      const dealt = numbers.filter((_, index) => index % memberIds.length === seat)
      const assignment = dealt.length === 0 ? {} : { [topic]: dealt }
      return {
        memberId: id,
        memberAssignment: MemberAssignment.encode({ version: 0, assignment, userData: Buffer.alloc(0) }),
      }
    })
  }

  const commit: Membership['commit'] = (offsets) => {
    const partitions = [...offsets].map(([partition, offset]) => ({ partition, offset: String(offset) }))
    return standing(
      ask('commit offsets', REQUEST_MS, (broker) =>
        broker.offsetCommit({ groupId, memberId, groupGenerationId: generation, topics: [{ topic, partitions }] }),
      ),
    )
  }

  return {
    join: async () => {
      const joining = join()
      await standing(joining)
      return joining
    },
    heartbeat: () =>
      standing(
        ask('heartbeat', REQUEST_MS, (broker) =>
          broker.heartbeat({ groupId, memberId, groupGenerationId: generation }),
        ),
      ),
    commit,
    leave: async () => {
      if (memberId === '') return
      await ask('leave group', 1000, (broker) => broker.leaveGroup({ groupId, memberId }))
      memberId = ''
    },
  }
}
