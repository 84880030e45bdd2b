import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Certificates } from '../support/certificates.ts'
import { until } from '../support/until.ts'

/** Where the set-up keeps Kafka's jars; they are not there where the tests' broker runs in a container. */
const JARS = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'pullgate', 'kafka-4.4.0')

export const canRunKafka = existsSync(JARS)

/** A broker that a test may stop, kill and start again on the same address and data. */
export type PrivateKafka = {
  readonly brokers: readonly string[]
  readonly port: number
  readonly start: () => Promise<void>
  readonly kill: () => Promise<void>
  readonly signal: (signal: 'SIGSTOP' | 'SIGCONT') => void
  readonly close: () => Promise<void>
}

const JVM = ['-Xmx512m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-cp', `${JARS}/*`]

/** Clients log in by SCRAM over TLS and show a certificate of their own. */
export type Secured = {
  readonly certificates: Certificates
  readonly username: string
  readonly password: string
}

/** @param advertised the port that clients are told to use, of a proxy before it; its own unless named */
export const privateKafka = async (advertised?: number, secured?: Secured): Promise<PrivateKafka> => {
  const folder = await mkdtemp(join(tmpdir(), 'pullgate-private-kafka-'))
  const [port, controllerPort] = [await freePort(), await freePort()]
  const file = join(folder, 'server.properties')
  const plain = properties(folder, port, controllerPort, advertised ?? port)
  await writeFile(file, secured ? plain.replaceAll('PLAINTEXT://', 'SASL_SSL://') + security(secured) : plain)
  const users = secured ? ['--add-scram', `SCRAM-SHA-512=[name=${secured.username},password=${secured.password}]`] : []
  const format = [...JVM, 'kafka.tools.StorageTool', 'format', '-t', 'cHVsbGdhdGUtdGVzdC0wMQ', '-c', file, ...users]
  const formatted = spawnSync('java', format, { encoding: 'utf8' })
  if (formatted.status !== 0) throw new Error(`Kafka's storage could not be formatted: ${formatted.stderr}`)
  let child: ChildProcess | null = null

  const kill = async (): Promise<void> => {
    if (child === null) return
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    child = null
    await ended
  }

  return {
    brokers: [`127.0.0.1:${advertised ?? port}`],
    port,
    start: async () => {
      child = spawn('java', [...JVM, 'kafka.Kafka', file], { stdio: 'ignore' })
      await until('the broker listens', () => listens(port), 60_000)
    },
    kill,
    signal: (signal) => void child?.kill(signal),
    close: async () => {
      await kill()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

const properties = (
  folder: string,
  port: number,
  controllerPort: number,
  advertised: number,
): string => `process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:${controllerPort}
listeners=PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}
advertised.listeners=PLAINTEXT://127.0.0.1:${advertised}
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
log.dirs=${join(folder, 'log')}
offsets.topic.replication.factor=1
offsets.topic.num.partitions=2
group.initial.rebalance.delay.ms=0
auto.create.topics.enable=false
`

const SCRAM = 'org.apache.kafka.common.security.scram.ScramLoginModule'

const security = ({ certificates, username, password }: Secured): string => `
listener.security.protocol.map=CONTROLLER:PLAINTEXT,SASL_SSL:SASL_SSL
inter.broker.listener.name=SASL_SSL
sasl.enabled.mechanisms=SCRAM-SHA-512
sasl.mechanism.inter.broker.protocol=SCRAM-SHA-512
listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config=${SCRAM} required username="${username}" password="${password}";
ssl.keystore.type=PEM
ssl.keystore.location=${certificates.server.both}
ssl.truststore.type=PEM
ssl.truststore.location=${certificates.ca}
ssl.client.auth=required
`

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

const listens = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => resolve(false))
  })
