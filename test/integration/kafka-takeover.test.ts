import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import kafkajs from 'kafkajs'
import { describe, expect, it } from 'vitest'
import type { ConsumerHandler } from '../../consumers/ports/log.ts'
import { openBrokerConnections } from '../../src/kafka/broker-connections.ts'
import { openCluster } from '../../src/kafka/cluster.ts'
import { startConsumer } from '../../src/kafka/consumer.ts'
import { kafkaLog } from '../../src/kafka/kafka-log.ts'
import type { Brokers } from '../../src/kafka/leader.ts'
import { brokerFactory } from '../../src/kafka/protocol/kafkajs-internals.ts'
import { unpackBudget } from '../../src/log/unpack-budget.ts'
import { collector, consuming, newName } from '../contract/log-harness.ts'
import { until } from '../support/until.ts'
import { kafkaBrokers, quiet } from './kafka-clients.ts'

const member = async (topic: string, group: string) => {
  const child = spawn(process.execPath, [
    join(import.meta.dirname, 'kafka-member.ts'),
    kafkaBrokers().join(','),
    topic,
    group,
  ])
  await once(child.stdout, 'data')
  return child
}

/** What a silent member has until the group goes on without it. */
const SESSION_MS = 6000

const waits = async (group: string): Promise<boolean> => {
  const admin = new kafkajs.Kafka({ brokers: [...kafkaBrokers()], logLevel: kafkajs.logLevel.NOTHING }).admin()
  await admin.connect()
  try {
    const { groups } = await admin.describeGroups([group])
    return groups[0]?.state === 'PreparingRebalance'
  } finally {
    await admin.disconnect()
  }
}

describe('a group whose member goes', () => {
  const ends = [
    { how: 'is killed', signal: 'SIGKILL', withinMs: 10_000 },
    { how: 'stops', signal: 'SIGTERM', withinMs: 3000 },
  ] as const
  it.each(ends)('gives its partitions to the others in time when it $how', async ({ signal, withinMs }) => {
    const log = kafkaLog({ brokers: kafkaBrokers(), clientId: 'member', logger: quiet })
    const [topic, group] = [newName('t'), newName('g')]
    await log.ensureTopics([{ name: topic, partitions: 4, settings: new Map() }])
    const child = await member(topic, group)
    try {
      const heir = collector()
      await consuming(log, topic, group, heir, async () => {
        await until('they share', () => heir.owned.size === 2)
        child.kill(signal)
        const began = performance.now()
        await until('the heir has all', () => heir.owned.size === 4)
        expect(performance.now() - began).toBeLessThan(withinMs)
      })
      if (signal === 'SIGTERM') await until('it has ended by itself', () => child.exitCode === 0)
    } finally {
      child.kill('SIGKILL')
      await log.close()
    }
  })

  it('is joined at once by one that takes the place of a killed one of this host', async () => {
    const log = kafkaLog({ brokers: kafkaBrokers(), clientId: 'member', logger: quiet })
    const [topic, group] = [newName('t'), newName('g')]
    await log.ensureTopics([{ name: topic, partitions: 4, settings: new Map() }])
    const child = await member(topic, group)
    try {
      child.kill('SIGKILL')
      await once(child, 'exit')
      const heir = collector()
      const began = performance.now()
      await consuming(log, topic, group, heir, () => until('the heir has all', () => heir.owned.size === 4))
      expect(performance.now() - began).toBeLessThan(SESSION_MS / 2)
    } finally {
      await log.close()
    }
  })

  it('does not wait any longer for one that is killed while others join', async () => {
    const log = kafkaLog({ brokers: kafkaBrokers(), clientId: 'member', logger: quiet })
    const [topic, group] = [newName('t'), newName('g')]
    await log.ensureTopics([{ name: topic, partitions: 4, settings: new Map() }])
    const child = await member(topic, group)
    try {
      child.kill('SIGSTOP')
      const heir = collector()
      await consuming(log, topic, group, heir, async () => {
        await until('it waits for the silent one', () => waits(group))
        expect(heir.owned.size).toBe(0)
        child.kill('SIGKILL')
        const began = performance.now()
        await until('the heir has all', () => heir.owned.size === 4)
        expect(performance.now() - began).toBeLessThan(SESSION_MS / 2)
      })
    } finally {
      child.kill('SIGKILL')
      await log.close()
    }
  })

  it('comes to rest at once though its members take each other for dead, as containers on one network may', async () => {
    const log = kafkaLog({ brokers: kafkaBrokers(), clientId: 'member', logger: quiet })
    const [topic, group] = [newName('t'), newName('g')]
    await log.ensureTopics([{ name: topic, partitions: 4, settings: new Map() }])
    const makeBroker = brokerFactory({ brokers: [...kafkaBrokers()], logLevel: kafkajs.logLevel.NOTHING })
    const openBrokers = (): Brokers => ({
      cluster: openCluster(openBrokerConnections(makeBroker, quiet)),
      connections: openBrokerConnections(makeBroker, quiet),
    })
    const open = (handler: ConsumerHandler) =>
      startConsumer({
        brokers: openBrokers(),
        spareConnections: openBrokers(),
        member: { hasEnded: () => false, isPredecessor: () => true },
        logger: quiet,
        topic,
        group,
        budget: unpackBudget(),
        handler,
        ended: () => {},
      })
    const [one, other] = [collector(), collector()]
    const members = [open(one)]
    try {
      await until('the first has all', () => one.owned.size === 4)
      members.push(open(other))
      await until('they share', () => one.owned.size === 2 && other.owned.size === 2)
      // The second took the first one out, and was joined by it.
      expect(one.assignments.length + other.assignments.length).toBeLessThanOrEqual(4 + 4 + 2)
    } finally {
      await Promise.all(members.map((member) => member.stop()))
      await log.close()
    }
  })

  it('costs next to nothing while nothing happens', async () => {
    const log = kafkaLog({ brokers: kafkaBrokers(), clientId: 'idle', logger: quiet })
    const topic = newName('t')
    await log.ensureTopics([{ name: topic, partitions: 16, settings: new Map() }])
    try {
      const seen = collector()
      await consuming(log, topic, newName('g'), seen, async () => {
        await until('it has all', () => seen.owned.size === 16)
        const [before, began] = [process.cpuUsage(), performance.now()]
        await new Promise((resolve) => setTimeout(resolve, 4000))
        const { user, system } = process.cpuUsage(before)
        expect((user + system) / 1000 / (performance.now() - began)).toBeLessThan(0.03)
      })
    } finally {
      await log.close()
    }
  })
})
