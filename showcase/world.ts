import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { kafkaLog } from '../consumers/kafkajs/kafka-log.ts'
import type { NewRecord } from '../consumers/log.ts'
import { topicSpecs } from '../consumers/topics.ts'
import { startStack } from '../scripts/setup/stack.mjs'
import { hashSecret } from '../src/http/secret.ts'
import { type Books, openBooks, startErp } from './erps.ts'
import { BRANCHES, PARTITIONS } from './school.ts'

/** Everything that runs: servers, ERPs, the program itself. */
export type World = {
  readonly topic: string
  readonly url: string
  readonly credentials: string
  readonly books: Books
  /** Publishes and enters into the ERPs' books; resolves when Kafka has acknowledged. */
  readonly publish: (records: readonly NewRecord[]) => Promise<void>
  /** `null` where the broker is not ours to pause. */
  readonly pause: (() => Promise<unknown>) | null
  readonly resume: (() => Promise<unknown>) | null
  readonly logFile: string
  readonly close: () => Promise<void>
}

const BIN = fileURLToPath(new URL('../bin/pullgate.mjs', import.meta.url))
const SLOW_ERP_MS = 120
const QUIET = { debug: () => {}, info: () => {}, warn: () => {} }

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

export const startWorld = async (choice: string | undefined, say: (text: string) => void): Promise<World> => {
  const closing: (() => Promise<unknown>)[] = []
  const close = async (): Promise<void> => {
    for (const end of closing.splice(0).reverse()) await end().catch(() => {})
  }
  try {
    const stack = await startStack({ choice, say })
    closing.push(stack.stop)
    const folder = await mkdtemp(join(tmpdir(), 'pullgate-demo-'))
    closing.push(() => rm(folder, { recursive: true, force: true }))
    const topic = `demo.${randomBytes(4).toString('hex')}`
    const log = kafkaLog({ brokers: stack.brokers.split(','), clientId: 'demo-erps', logger: QUIET })
    closing.push(() => log.close())
    await log.ensureTopics(topicSpecs(topic, PARTITIONS))

    const books = openBooks()
    const erpPassword = randomBytes(12).toString('base64url')
    const credentials = `pullgate:${erpPassword}`
    const erps = await Promise.all(BRANCHES.map((branch) => startErp(branch, books, credentials, SLOW_ERP_MS)))
    closing.push(() => Promise.all(erps.map((erp) => erp.close())))

    const secret = randomBytes(12).toString('base64url')
    const [port, metricsPort] = [await freePort(), await freePort()]
    const config = {
      topic: { name: topic, partitions: PARTITIONS },
      policy: { balance_basis: 'net_of_direct', paid_instalments: 'omit' },
      branches: erps.map(({ branch, url }) => ({
        collector_code: branch,
        erp: { url, username: 'pullgate', password: 'env:DEMO_ERP_PASSWORD' },
      })),
      clients: [{ username: 'jodo', secrets: [await hashSecret(secret)], branches: 'all' }],
    }
    const file = join(folder, 'pullgate.yaml')
    await writeFile(file, JSON.stringify(config, null, 2))
    const logFile = join(folder, 'pullgate.log')
    const env = {
      ...process.env,
      KAFKA_BROKERS: stack.brokers,
      REDIS_URL: stack.redisUrl,
      HOST: '127.0.0.1',
      PORT: String(port),
      METRICS_PORT: String(metricsPort),
      DEMO_ERP_PASSWORD: erpPassword,
    }
    // Detached: Ctrl-C at the terminal is for the demo, which ends the program in its turn.
    const args = [BIN, 'all', '--config', file]
    const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
    const output = createWriteStream(logFile, { flags: 'a' })
    for (const stream of [child.stdout, child.stderr]) stream?.pipe(output, { end: false })
    closing.push(() => end(child))
    await untilReady(child, `http://127.0.0.1:${metricsPort}/readyz`, logFile)
    return {
      topic,
      url: `http://127.0.0.1:${port}/fetch-student`,
      credentials: `jodo:${secret}`,
      books,
      publish: async (records) => {
        books.enter(records)
        await log.append(records)
      },
      pause: stack.pauseKafka,
      resume: stack.resumeKafka,
      logFile,
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

const untilReady = async (child: ChildProcess, url: string, logFile: string): Promise<void> => {
  const until = Date.now() + 30_000
  for (;;) {
    if (child.exitCode !== null) throw new Error(`the program ended with ${child.exitCode}; its log is ${logFile}`)
    const response = await fetch(url).catch(() => null)
    if (response?.ok) return
    if (Date.now() > until) throw new Error(`the program is not ready after 30 s; its log is ${logFile}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

const end = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), 10_000)
  await exited
  clearTimeout(timer)
}
