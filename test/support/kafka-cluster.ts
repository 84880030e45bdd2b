import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Admin } from 'kafkajs'
import { run } from '../../scripts/setup/exec.mjs'
import { requireJars } from '../../scripts/setup/kafka.mjs'
import { freePort, startServer } from '../../scripts/setup/server.mjs'
import { requireJava } from '../../scripts/setup/tools.mjs'
import { openNamespaces } from './namespaces.ts'
import { until } from './until.ts'

/** One of the brokers: also a voter for the controller. */
export type ClusterBroker = {
  readonly nodeId: number
  /** Where clients find it, `host:port`. */
  readonly address: string
  readonly pause: () => void
  readonly resume: () => void
  readonly kill: () => Promise<void>
  /** SIGTERM: it hands over what it leads before it ends. */
  readonly stop: () => Promise<void>
  readonly start: () => Promise<void>
}

/** Three real brokers that keep three copies of everything, and what may come between them. */
export type KafkaCluster = {
  readonly brokers: readonly ClusterBroker[]
  readonly addresses: readonly string[]
  /** Whether a broker can be cut off here: each has a network of its own then. */
  readonly canCutOff: boolean
  /** The node that leads the controllers' quorum, as the nodes have last written it down. */
  readonly controller: () => Promise<number>
  /** This broker and the others no longer reach each other; clients reach all of them. */
  readonly cutOff: (nodeId: number) => Promise<void>
  readonly rejoin: (nodeId: number) => Promise<void>
  readonly close: () => Promise<void>
}

const NODES = [1, 2, 3] as const
const CLUSTER_ID = 'cHVsbGdhdGUtdGVzdC0wMw'
const JVM = ['-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xshare:auto']
const START_MS = 180_000
const STOP_MS = 60_000

type Quorum = { readonly leaderId: number; readonly leaderEpoch: number }

const isRunning = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** @param settings more lines of every broker's properties */
export const kafkaCluster = async (settings = ''): Promise<KafkaCluster> => {
  const say = (): void => {}
  const java = await requireJava(say)
  const classpath = await classpathOf(await requireJars(say))
  const folder = await mkdtemp(join(tmpdir(), 'pullgate-cluster-'))
  const spaces = await openNamespaces(NODES)
  const hostOf = (nodeId: number): string => spaces?.addressOf(nodeId) ?? '127.0.0.1'
  const ports = await Promise.all(NODES.map(async () => [await freePort(), await freePort()] as const))
  const voters = NODES.map((nodeId) => `${nodeId}@${hostOf(nodeId)}:${ports[nodeId - 1]![1]}`).join(',')

  const propertiesOf = (nodeId: number): string => {
    const [port, controllerPort] = ports[nodeId - 1]!
    return `process.roles=broker,controller
node.id=${nodeId}
controller.quorum.voters=${voters}
listeners=PLAINTEXT://${hostOf(nodeId)}:${port},CONTROLLER://${hostOf(nodeId)}:${controllerPort}
advertised.listeners=PLAINTEXT://${hostOf(nodeId)}:${port}
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
log.dirs=${join(folder, `log-${nodeId}`)}
default.replication.factor=3
min.insync.replicas=2
offsets.topic.replication.factor=3
offsets.topic.num.partitions=3
transaction.state.log.replication.factor=3
transaction.state.log.num.partitions=3
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
replica.lag.time.max.ms=3000
group.initial.rebalance.delay.ms=0
auto.create.topics.enable=false
num.network.threads=1
num.io.threads=2
${settings}
`
  }

  const brokerOf = async (nodeId: number): Promise<ClusterBroker> => {
    const file = join(folder, `server-${nodeId}.properties`)
    await writeFile(file, propertiesOf(nodeId))
    const format = ['kafka.tools.StorageTool', 'format', '-t', CLUSTER_ID, '-c', file]
    const formatted = await run(java, ['-cp', classpath, ...JVM, ...format])
    if (formatted.code !== 0) throw new Error(`a broker's storage could not be formatted: ${formatted.output}`)
    type Server = Awaited<ReturnType<typeof startServer>>
    let server: Server | null = null
    const start = async (): Promise<void> => {
      const args = ['-cp', classpath, ...JVM, 'kafka.Kafka', file]
      const [command, all] = spaces?.inside(nodeId, java, args) ?? [java, args]
      const ready = { ready: 'Kafka Server started', timeoutMs: START_MS, env: {}, cwd: folder }
      server = await startServer(`broker ${nodeId}`, command, all, ready)
    }
    const end = async (signal: 'SIGKILL' | 'SIGTERM'): Promise<void> => {
      const ended = server
      server = null
      if (ended === null) return
      process.kill(ended.pid, signal)
      await until(`broker ${nodeId} is gone`, () => !isRunning(ended.pid), STOP_MS).catch(() => {})
      await ended.stop()
    }
    return {
      nodeId,
      address: `${hostOf(nodeId)}:${ports[nodeId - 1]![0]}`,
      pause: () => server?.pause(),
      resume: () => server?.resume(),
      start,
      kill: () => end('SIGKILL'),
      stop: () => end('SIGTERM'),
    }
  }

  const brokers = await Promise.all(NODES.map(brokerOf))
  await Promise.all(brokers.map(({ start }) => start()))
  const othersOf = (nodeId: number): readonly number[] => NODES.filter((other) => other !== nodeId)
  return {
    brokers,
    addresses: brokers.map(({ address }) => address),
    canCutOff: spaces !== null,
    controller: async () => {
      const states = await Promise.all(
        NODES.map((nodeId) => readFile(join(folder, `log-${nodeId}`, '__cluster_metadata-0', 'quorum-state'), 'utf8')),
      )
      const newest = states.map((state) => JSON.parse(state) as Quorum).sort((a, b) => b.leaderEpoch - a.leaderEpoch)
      return newest.find(({ leaderId }) => leaderId > 0)?.leaderId ?? NODES[0]
    },
    cutOff: async (nodeId) => spaces?.part(nodeId, othersOf(nodeId)),
    rejoin: async (nodeId) => spaces?.rejoin(nodeId, othersOf(nodeId)),
    close: async () => {
      await Promise.all(brokers.map(({ kill }) => kill()))
      await spaces?.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

const classpathOf = async (jars: string): Promise<string> =>
  (await readdir(jars))
    .filter((file) => file.endsWith('.jar'))
    .map((file) => join(jars, file))
    .join(':')

/** The leaders of some partitions, as the broker knows them that is asked, which may have to hear of the topic first. */
export const leadersKnownTo = async (
  admin: Pick<Admin, 'fetchTopicMetadata'>,
  topic: string,
  partitions: readonly number[],
): Promise<readonly number[]> => {
  let known: readonly number[] | null = null
  const ask = async (): Promise<boolean> => {
    const metadata = await admin.fetchTopicMetadata({ topics: [topic] }).catch(() => null)
    const leaders = new Map(metadata?.topics[0]?.partitions.map(({ partitionId, leader }) => [partitionId, leader]))
    known = metadata && partitions.map((partition) => leaders.get(partition) ?? -1)
    return known !== null
  }
  await until('the broker that is asked knows the topic', ask, 60_000)
  return known!
}
