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

/** How clients log in, in the words of the broker's own settings. */
export type Secured = {
  readonly protocol: 'SASL_SSL' | 'SASL_PLAINTEXT'
  readonly settings: string
  /** `SCRAM-SHA-512=[name=…,password=…]` each. */
  readonly scramUsers?: readonly string[]
  readonly jvm?: readonly string[]
}

/** @param advertised the port that clients are told to use, of a proxy before it; its own unless named */
export const privateKafka = async (advertised?: number, secured?: Secured): Promise<PrivateKafka> => {
  const folder = await mkdtemp(join(tmpdir(), 'pullgate-private-kafka-'))
  const [port, controllerPort] = [await freePort(), await freePort()]
  const file = join(folder, 'server.properties')
  const plain = properties(folder, port, controllerPort, advertised ?? port)
  const own = secured ? await securedProperties(plain, secured) : plain
  await writeFile(file, own)
  const users = (secured?.scramUsers ?? []).flatMap((user) => ['--add-scram', user])
  const jvm = [...(secured?.jvm ?? []), ...JVM]
  const format = [...JVM, 'kafka.tools.StorageTool', 'format', '-t', 'cHVsbGdhdGUtdGVzdC0wMQ', '-c', file, ...users]
  const formatted = spawnSync('java', format, { encoding: 'utf8' })
  if (formatted.status !== 0) throw new Error(`Kafka's storage could not be formatted: ${formatted.stderr}`)
  let child: ChildProcess | null = null

  const kill = async (): Promise<void> => {
    if (child === null || child.exitCode !== null) return
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    child = null
    await ended
  }

  return {
    brokers: [`127.0.0.1:${advertised ?? port}`],
    port,
    start: async () => {
      child = spawn('java', [...jvm, 'kafka.Kafka', file], { stdio: 'ignore' })
      const isUp = (): Promise<boolean> => {
        if (child?.exitCode != null) throw new Error(`the broker ended with ${child.exitCode}`)
        return listens(port)
      }
      await until('the broker listens', isUp, 60_000)
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

/** The broker speaks to itself on a listener of its own, where nobody logs in. */
const securedProperties = async (plain: string, { protocol, settings }: Secured): Promise<string> => {
  const inner = `PLAINTEXT://127.0.0.1:${await freePort()}`
  return `${plain
    .replace('listeners=PLAINTEXT://', `listeners=${inner},${protocol}://`)
    .replace('advertised.listeners=PLAINTEXT://', `advertised.listeners=${inner},${protocol}://`)}
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,${protocol}:${protocol}
inter.broker.listener.name=PLAINTEXT
${settings}`
}

const SECURITY = 'org.apache.kafka.common.security'
const SCRAM = `${SECURITY}.scram.ScramLoginModule`

/**
 * Clients log in by SCRAM over TLS and show a certificate of their own. Kafka asks for it beside SASL only where the
 * listener itself says so.
 */
export const scramOverTls = (certificates: Certificates, username: string, password: string): Secured => ({
  protocol: 'SASL_SSL',
  scramUsers: [`SCRAM-SHA-512=[name=${username},password=${password}]`],
  settings: `sasl.enabled.mechanisms=SCRAM-SHA-512
listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config=${SCRAM} required;
ssl.keystore.type=PEM
ssl.keystore.location=${certificates.server.both}
ssl.truststore.type=PEM
ssl.truststore.location=${certificates.ca}
listener.name.sasl_ssl.ssl.client.auth=required
`,
})

/** One user for each mechanism with a password, and tokens that the provider with this key set has signed. */
export const everyMechanism = (
  username: string,
  password: string,
  { jwks, issuer }: { readonly jwks: string; readonly issuer: string },
): Secured => ({
  protocol: 'SASL_PLAINTEXT',
  scramUsers: ['SCRAM-SHA-256', 'SCRAM-SHA-512'].map((name) => `${name}=[name=${username},password=${password}]`),
  jvm: [`-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls=${jwks}`],
  settings: `sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER
listener.name.sasl_plaintext.plain.sasl.jaas.config=${SECURITY}.plain.PlainLoginModule required user_${username}="${password}";
listener.name.sasl_plaintext.scram-sha-256.sasl.jaas.config=${SCRAM} required;
listener.name.sasl_plaintext.scram-sha-512.sasl.jaas.config=${SCRAM} required;
listener.name.sasl_plaintext.oauthbearer.sasl.jaas.config=${SECURITY}.oauthbearer.OAuthBearerLoginModule required;
listener.name.sasl_plaintext.oauthbearer.sasl.server.callback.handler.class=${SECURITY}.oauthbearer.OAuthBearerValidatorCallbackHandler
listener.name.sasl_plaintext.oauthbearer.connections.max.reauth.ms=3600000
listener.name.sasl_plaintext.oauthbearer.sasl.oauthbearer.jwks.endpoint.url=${jwks}
listener.name.sasl_plaintext.oauthbearer.sasl.oauthbearer.expected.audience=kafka
listener.name.sasl_plaintext.oauthbearer.sasl.oauthbearer.expected.issuer=${issuer}
`,
})

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
