/**
 * A consumer group within one process: its members share the partitions in turn, in the order of joining.
 *
 * | state     | event                              | next state                                           |
 * |-----------|------------------------------------|------------------------------------------------------|
 * | settled   | a member joins or leaves, or the partitions change | suspended                            |
 * | suspended | current batches end, or `HOLD_MS` passes | settled: moved partitions are closed, then opened |
 *
 * Changes run one after another, so a partition never has two members.
 */

import type { Consumer, ConsumerHandler } from '../../consumers/ports/log.ts'
import { feedQueue, type LocalDeps } from './feed-queue.ts'
import { openPartitionQueue, type PartitionQueue } from './partition-queue.ts'
import { freeLease } from './unpack-budget.ts'

type LocalMember = {
  readonly handler: ConsumerHandler
  readonly queues: Map<number, PartitionQueue>
  readonly closing: Map<number, Promise<void>>
}

export type LocalGroup = {
  readonly join: (handler: ConsumerHandler) => Promise<Consumer>
  /** More records may be available. */
  readonly feed: () => void
  /** The log may have changed: every member is asked for its offset again. */
  readonly recheck: () => void
  /** The topic's partitions have changed. */
  readonly rebalance: () => Promise<void>
  readonly stop: () => Promise<void>
}

/** Milliseconds that a reassigned partition waits for the current batch, equal to the Kafka adapter's. */
const HOLD_MS = 3000

export const localGroup = (deps: LocalDeps): LocalGroup => {
  const { partitions, pause, failed } = deps
  let members: readonly LocalMember[] = []
  let turn: Promise<unknown> = Promise.resolve()

  const open = (member: LocalMember, partition: number): void => {
    const queue = openPartitionQueue(partition, {
      handler: member.handler,
      changed: () => queueMicrotask(() => member.queues.get(partition) === queue && feedQueue(queue, deps)),
      progressed: () => {},
      failed,
      pause,
      after: member.closing.get(partition) ?? Promise.resolve(),
      lease: freeLease,
    })
    member.queues.set(partition, queue)
  }

  const close = (member: LocalMember, partition: number): void => {
    member.closing.set(partition, member.queues.get(partition)!.close())
    member.queues.delete(partition)
    member.handler.revoked(partition)
  }

  const held = (holding: readonly LocalMember[]): Promise<unknown> => {
    const enough = new AbortController()
    const all = holding.flatMap(({ queues }) => [...queues.values()].map((queue) => queue.suspend()))
    return Promise.race([Promise.all(all), pause(HOLD_MS, enough.signal)]).finally(() => enough.abort())
  }

  const deal = async (next: readonly LocalMember[]): Promise<void> => {
    await held(members)
    members = next
    const seats = [...partitions().keys()]
    members.forEach((member, seat) => {
      for (const partition of [...member.queues.keys()])
        if (partition % members.length !== seat || partition >= seats.length) close(member, partition)
      for (const queue of member.queues.values()) queue.resume()
    })
    members.forEach((member, seat) => {
      for (const partition of seats)
        if (partition % members.length === seat && !member.queues.has(partition)) open(member, partition)
    })
  }

  /** Membership changes run one after another. */
  const inTurn = (change: () => Promise<void>): Promise<void> => {
    const done = turn.then(change)
    turn = done.catch(() => {})
    return done
  }

  const leave = async (member: LocalMember): Promise<void> => {
    if (!members.includes(member)) return
    await held([member])
    for (const partition of [...member.queues.keys()]) close(member, partition)
    await deal(members.filter((other) => other !== member))
  }

  return {
    join: async (handler) => {
      const member: LocalMember = { handler, queues: new Map(), closing: new Map() }
      void inTurn(() => deal([...members, member]))
      return {
        silentMs: () => 0,
        recheck: (partition) => member.queues.get(partition)?.recheck(),
        stop: () => inTurn(() => leave(member)),
      }
    },
    feed: () => {
      for (const { queues } of members) for (const queue of queues.values()) feedQueue(queue, deps)
    },
    recheck: () => {
      for (const { queues } of members) for (const queue of queues.values()) queue.recheck()
    },
    rebalance: () => inTurn(() => deal(members)),
    stop: async () => {
      for (const member of members) await inTurn(() => leave(member))
    },
  }
}
