import kafkajs from 'kafkajs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Log } from '../../consumers/ports/log.ts'
import { topicHints } from '../../consumers/ports/topic-spec.ts'
import { kafkaLog } from '../../src/kafka/kafka-log.ts'
import { collector, consuming, newName, record } from '../contract/log-harness.ts'
import { type KafkaCluster, kafkaCluster, leadersKnownTo } from '../support/kafka-cluster.ts'
import { until } from '../support/until.ts'
import { elapsed, quiet } from './kafka-clients.ts'
import { canRunKafka } from './private-kafka.ts'

const PARTITIONS = [0, 1, 2, 3, 4, 5]
/** How long brokers wait for a silent one, and elect, on a busy machine. */
const ELECTION_MS = 60_000

describe.runIf(canRunKafka)('the log on three brokers', () => {
  let cluster: KafkaCluster
  let admin: kafkajs.Admin
  let log: Log

  beforeAll(async () => {
    cluster = await kafkaCluster()
    admin = new kafkajs.Kafka({ brokers: [...cluster.addresses], logLevel: kafkajs.logLevel.NOTHING }).admin()
    await admin.connect()
  }, 240_000)
  afterAll(async () => {
    await admin?.disconnect()
    await cluster?.close()
  }, 60_000)

  const withLog = async (body: () => Promise<void>): Promise<void> => {
    log = kafkaLog({ brokers: cluster.addresses, clientId: 'cluster', logger: quiet })
    try {
      await body()
    } finally {
      await log.close()
    }
  }

  const newTopic = async (replicationFactor = 3): Promise<string> => {
    const topic = newName('t')
    const numPartitions = PARTITIONS.length
    // kafkajs itself would wait by asking one broker, and fails where that one has not heard of the topic yet.
    await admin.createTopics({ topics: [{ topic, numPartitions, replicationFactor }], waitForLeaders: false })
    await until(
      'every partition tells its end',
      async () => (await endsOf(topic)).size === PARTITIONS.length,
      ELECTION_MS,
    )
    return topic
  }

  const endsOf = (topic: string, partitions = PARTITIONS) =>
    log.ends(topic, partitions).catch(() => new Map() as Awaited<ReturnType<Log['ends']>>)

  const leadersOf = (topic: string) => leadersKnownTo(admin, topic, PARTITIONS)

  const brokerOf = (nodeId: number) => cluster.brokers.find((broker) => broker.nodeId === nodeId)!
  const ledBy = (leaders: readonly number[], node: number): number[] => PARTITIONS.filter((at) => leaders[at] === node)
  const others = (leaders: readonly number[], node: number): number[] => PARTITIONS.filter((at) => leaders[at] !== node)
  const allAnswer = (topic: string) =>
    until('all partitions answer', async () => (await endsOf(topic)).size === PARTITIONS.length, ELECTION_MS)

  /** A broker that was cut off before is counted again once the controller has heard of it. */
  const allBrokersKnown = (topic: string) =>
    until('three brokers are known', async () => (await log.describe(topic))?.copies?.brokers === 3, ELECTION_MS)

  it(
    'parts the partitions by their leaders, and one leader’s silence costs its own alone',
    () =>
      withLog(async () => {
        const topic = await newTopic()
        await log.append(PARTITIONS.map((partition) => record(topic, partition, 'a')))
        const leaders = await leadersOf(topic)
        const [victim] = leaders
        expect(log.domains(topic, PARTITIONS).map((domain) => new Set(domain.map((at) => leaders[at])).size)).toEqual(
          log.domains(topic, PARTITIONS).map(() => 1),
        )
        const healthy = others(leaders, victim!)
        const seen = collector()
        await consuming(log, topic, newName('g'), seen, async () => {
          await until('all is consumed', () => seen.texts().length === PARTITIONS.length, ELECTION_MS)
          brokerOf(victim!).pause()
          try {
            const domains = log
              .domains(topic, PARTITIONS)
              .filter((domain) => !ledBy(leaders, victim!).includes(domain[0]!))
            const began = performance.now()
            let asked = 0
            while (performance.now() - began < 5000) {
              for (const domain of domains)
                expect([...(await endsOf(topic, [...domain])).keys()].sort()).toEqual(domain)
              asked += 1
            }
            expect(asked).toBeGreaterThan(20)
            // A look-up of all of them tells of those that answer.
            expect([...(await endsOf(topic)).keys()]).toEqual(expect.arrayContaining(healthy))
            await until(
              'the victims have other leaders',
              async () => (await endsOf(topic)).size === PARTITIONS.length,
              ELECTION_MS,
            )
            await log.append(PARTITIONS.map((partition) => record(topic, partition, 'b')))
            await until(
              'all of it is consumed',
              () => seen.texts().filter((text) => text === 'b').length >= 6,
              ELECTION_MS,
            )
          } finally {
            brokerOf(victim!).resume()
          }
        })
        await allAnswer(topic)
      }),
    240_000,
  )

  it(
    'never believes a leader that was cut off and replaced for longer than a second',
    () =>
      withLog(async () => {
        // Needs networks of the brokers' own, which not every machine allows.
        if (!cluster.canCutOff) return
        const topic = await newTopic()
        await log.append(PARTITIONS.map((partition) => record(topic, partition, 'a')))
        const leaders = await leadersOf(topic)
        const victim = leaders[0]!
        const [partition] = ledBy(leaders, victim)
        const direct = kafkaLog({
          brokers: cluster.addresses.filter((address) => address !== brokerOf(victim).address),
          clientId: 'direct',
          logger: quiet,
        })
        await cluster.cutOff(victim)
        try {
          // It is asked all the time, so that it is believed as long as it can be.
          let acknowledged = Number.POSITIVE_INFINITY
          const stale: number[] = []
          let isOver = false
          const asking = (async () => {
            while (!isOver) {
              const askedMs = performance.now()
              const end = (await endsOf(topic, [partition!])).get(partition!)
              if (end !== undefined && end.next < 2) stale.push(askedMs)
              await new Promise((resolve) => setTimeout(resolve, 5))
            }
          })()
          const writing = until(
            'a new leader acknowledges',
            () =>
              direct.append([record(topic, partition!, 'b')]).then(
                () => true,
                () => false,
              ),
            ELECTION_MS,
          )
          await writing
          acknowledged = performance.now()
          await new Promise((resolve) => setTimeout(resolve, 4000))
          await until(
            'the new leader is believed',
            async () => (await endsOf(topic, [partition!])).get(partition!)?.next === 2,
            ELECTION_MS,
          )
          isOver = true
          await asking
          const longest = Math.max(0, ...stale.map((askedMs) => askedMs - acknowledged))
          expect(longest).toBeLessThan(1000)
        } finally {
          await cluster.rejoin(victim)
          await direct.close()
        }
        await allAnswer(topic)
      }),
    240_000,
  )

  it('creates topics with three copies, two of which must have a record, and says where another topic is weaker', () =>
    withLog(async () => {
      const [name, weak] = [newName('t'), newName('t')]
      await allBrokersKnown(await newTopic())
      const spec = { name, partitions: 2, settings: new Map([['retention.ms', '-1']]) }
      expect(await log.ensureTopics([spec])).toEqual([{ kind: 'created' }])
      await allBrokersKnown(name)
      const made = (await log.describe(name))!
      expect(made.copies).toEqual({ replicas: 3, brokers: 3 })
      expect(made.settings.get('min.insync.replicas')).toBe('2')
      expect(made.settings.get('unclean.leader.election.enable')).toBe('false')
      expect(topicHints(made)).toEqual([])
      const configEntries = [
        { name: 'min.insync.replicas', value: '1' },
        { name: 'unclean.leader.election.enable', value: 'true' },
      ]
      await admin.createTopics({
        topics: [{ topic: weak, numPartitions: 1, replicationFactor: 3, configEntries }],
        waitForLeaders: false,
      })
      await until('it is there', async () => (await log.describe(weak)) !== null, ELECTION_MS)
      expect(topicHints((await log.describe(weak))!).map(({ mend }) => mend.split(' ').at(-1))).toEqual([
        'min.insync.replicas=2',
        'unclean.leader.election.enable=false',
      ])
    }))

  it('proves nothing by a leader alone while none of the other brokers can be asked', () =>
    withLog(async () => {
      const topic = await newTopic()
      const leaders = await leadersOf(topic)
      const [near] = leaders
      const own = ledBy(leaders, near!)
      let isAlone = true
      const lonely = kafkaLog({
        brokers: [brokerOf(near!).address],
        clientId: 'lonely',
        logger: quiet,
        route: (host, port) =>
          isAlone && `${host}:${port}` !== brokerOf(near!).address ? { host: '127.0.0.1', port: 1 } : { host, port },
      })
      try {
        await expect(lonely.ends(topic, own)).rejects.toMatchObject({ code: 'unavailable' })
        isAlone = false
        await until('the others vouch for it', async () => (await lonely.ends(topic, own)).size === own.length)
      } finally {
        await lonely.close()
      }
    }))

  it(
    'tells of the others while a partition has no leader, and of all again once it is back',
    () =>
      withLog(async () => {
        const topic = await newTopic(1)
        const leaders = await leadersOf(topic)
        const victim = leaders[0]!
        const lost = ledBy(leaders, victim)
        const healthy = others(leaders, victim)
        await brokerOf(victim).kill()
        await until(
          'it is known to be gone',
          async () => {
            const found = await endsOf(topic)
            return healthy.every((at) => found.has(at)) && lost.every((at) => !found.has(at))
          },
          ELECTION_MS,
        )
        for (const at of healthy) expect(await elapsed(log.append([record(topic, at, 'a')]))).toBeLessThan(5000)
        await brokerOf(victim).start()
        await allAnswer(topic)
      }),
    300_000,
  )
})
