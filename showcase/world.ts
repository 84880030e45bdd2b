import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { NewRecord } from '../consumers/ports/log.ts'
import { startStack } from '../scripts/setup/stack.mjs'
import { hashSecret } from '../src/config/secret.ts'
import { type Books, type Erp, openBooks, startErp } from './erps.ts'
import { type Program, startProgram } from './program.ts'
import { overHttp, overKafka } from './publishing.ts'
import { BRANCHES, heartbeat, PARTITIONS, SOURCE } from './school.ts'

/** Everything that runs: servers, ERPs, the program itself. */
export type World = {
  readonly topic: string
  readonly url: string
  readonly credentials: string
  readonly books: Books
  /** Publishes and enters into the ERPs' books; resolves when the events are acknowledged. */
  readonly publish: (records: readonly NewRecord[]) => Promise<void>
  /** Runs a command of the program's, and resolves to what it says. */
  readonly run: (args: readonly string[]) => Promise<string>
  /** Publishes what no ERP has in its books. */
  readonly publishUnbooked: (records: readonly NewRecord[]) => Promise<void>
  /** Who acknowledges them. */
  readonly acknowledger: 'Kafka' | 'Pullgate'
  /** `null` where the broker is not ours to pause. */
  readonly pause: (() => Promise<unknown>) | null
  readonly resume: (() => Promise<unknown>) | null
  readonly pauseRedis: (() => Promise<unknown>) | null
  readonly resumeRedis: (() => Promise<unknown>) | null
  /** The projector as a process of its own; `null` where one process runs both roles. */
  readonly projector: Program | null
  readonly erps: readonly Erp[]
  /** Whether the ERPs send heartbeats. */
  readonly sendHeartbeats: (sends: boolean) => void
  /** Where to look: the page, and the servers. */
  readonly page: string
  readonly servers: readonly string[]
  /** Kills the program and starts it again, where it is the log itself. */
  readonly killAndRestart: (() => Promise<void>) | null
  readonly logFile: string
  readonly close: () => Promise<void>
}

const SLOW_ERP_MS = 120
const HEARTBEAT_EVERY_MS = 2_000
const HEARTBEAT_MAX_AGE_MS = 20_000

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

/** @param split projector and gateway as processes of their own, where there are servers */
export const startWorld = async (
  choice: string | undefined,
  say: (text: string) => void,
  split = false,
): Promise<World> => {
  const closing: (() => Promise<unknown>)[] = []
  const close = async (): Promise<void> => {
    for (const end of closing.splice(0).reverse()) await end().catch(() => {})
  }
  try {
    const stack = await startStack({ choice, say, embedded: true })
    closing.push(stack.stop)
    const folder = await mkdtemp(join(tmpdir(), 'pullgate-demo-'))
    closing.push(() => rm(folder, { recursive: true, force: true }))
    const topic = `demo.${randomBytes(4).toString('hex')}`
    const [port, metricsPort] = [await freePort(), await freePort()]
    const url = `http://127.0.0.1:${port}`
    const [secret, publisherSecret] = [randomBytes(12).toString('base64url'), randomBytes(12).toString('base64url')]
    const embedded = stack.kind === 'embedded'
    const publishing = embedded
      ? overHttp(url, 'erps', publisherSecret)
      : await overKafka(stack.brokers as string, topic)
    closing.push(publishing.close)

    const books = openBooks()
    const erpPassword = randomBytes(12).toString('base64url')
    const credentials = `pullgate:${erpPassword}`
    const erps = await Promise.all(BRANCHES.map((branch) => startErp(branch, books, credentials, SLOW_ERP_MS)))
    closing.push(() => Promise.all(erps.map((erp) => erp.close())))

    const config = {
      topic: { name: topic, partitions: PARTITIONS },
      policy: { balance_basis: 'net_of_direct', paid_instalments: 'omit' },
      branches: erps.map(({ branch, url }) => ({
        collector_code: branch,
        erp: { url, username: 'pullgate', password: 'env:DEMO_ERP_PASSWORD' },
        heartbeat: { source: SOURCE, max_age_ms: HEARTBEAT_MAX_AGE_MS },
      })),
      clients: [
        { username: 'jodo', secrets: [await hashSecret(secret)], branches: 'all' },
        { username: 'erps', secrets: [await hashSecret(publisherSecret)], publish: [SOURCE] },
      ],
      answers: { record: true, key: 'env:DEMO_ANSWERS_KEY', retention_days: 1 },
      embedded: { path: join(folder, 'pullgate.db') },
    }
    const file = join(folder, 'pullgate.yaml')
    await writeFile(file, JSON.stringify(config, null, 2))
    const logFile = join(folder, 'pullgate.log')
    const env = {
      ...process.env,
      KAFKA_BROKERS: stack.brokers ?? '',
      REDIS_URL: stack.redisUrl ?? '',
      HOST: '127.0.0.1',
      PORT: String(port),
      METRICS_PORT: String(metricsPort),
      DEMO_ERP_PASSWORD: erpPassword,
      DEMO_ANSWERS_KEY: randomBytes(24).toString('base64url'),
    }
    const isSplit = split && !embedded
    const projectorEnv = { ...env, METRICS_PORT: String(await freePort()) }
    const projector = isSplit
      ? await startProgram({
          role: 'projector',
          file,
          env: projectorEnv,
          metricsPort: Number(projectorEnv.METRICS_PORT),
          logFile,
        })
      : null
    if (projector) closing.push(projector.end)
    const program = await startProgram({ role: isSplit ? 'gateway' : 'all', file, env, metricsPort, logFile })
    closing.push(program.end)
    let beats = true
    const beat = (): void => {
      if (beats) publishing.publish([heartbeat(topic)]).catch(() => {})
    }
    const beating = setInterval(beat, HEARTBEAT_EVERY_MS)
    closing.push(async () => clearInterval(beating))
    beat()
    return {
      topic,
      url: `${url}/fetch-student`,
      credentials: `jodo:${secret}`,
      books,
      publish: async (records) => {
        books.enter(records)
        await publishing.publish(records)
      },
      run: program.run,
      publishUnbooked: publishing.publish,
      acknowledger: embedded ? 'Pullgate' : 'Kafka',
      pause: stack.pauseKafka,
      resume: stack.resumeKafka,
      pauseRedis: stack.pauseRedis,
      resumeRedis: stack.resumeRedis,
      projector,
      erps,
      sendHeartbeats: (sends) => {
        beats = sends
        beat()
      },
      page: `http://127.0.0.1:${metricsPort}`,
      servers: embedded ? [] : [`Kafka ${stack.brokers}`, `Redis ${stack.redisUrl}`],
      killAndRestart: embedded ? program.killAndRestart : null,
      logFile,
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}
