import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Log, LogRecord, NewRecord } from '../../consumers/ports/log.ts'
import { answersName } from '../../consumers/ports/topic-spec.ts'
import { hashSecret } from '../../src/config/secret.ts'
import { openEmbedded } from '../../src/sqlite/embedded.ts'
import { privateRedis } from './private-redis.ts'
import { openProgram, type Program } from './program.ts'
import { openLog, sharedBrokers } from './shared-kafka.ts'

export const RECORDING_PARTITIONS = 4
export const RECORDING_KEY = randomBytes(24).toString('base64')
const SECRET = randomBytes(12).toString('base64url')

/** The real program that records its answers, on Kafka and Redis or on one file. */
export type RecordingSchool = {
  readonly program: Program
  readonly topic: string
  /** The configuration file's text. */
  readonly config: string
  readonly publish: (records: readonly NewRecord[]) => Promise<void>
  readonly pull: (url: string, query: Record<string, string>, headers?: Record<string, string>) => Promise<Response>
  /** Everything in the topic of answers, partition by partition. */
  readonly recorded: () => Promise<readonly LogRecord[]>
  /** The log itself, beside the program. */
  readonly log: Log
  readonly close: () => Promise<void>
}

export type SchoolOptions = { readonly answers?: string; readonly more?: string; readonly partitions?: number }

const recordedIn = async (log: Log, topic: string, partitions: number): Promise<readonly LogRecord[]> => {
  const name = answersName(topic)
  const numbers = Array.from({ length: partitions }, (_, index) => index)
  const [starts, ends] = await Promise.all([log.startOffsets(name, numbers), log.endOffsets(name, numbers)])
  const found: LogRecord[] = []
  for (const partition of numbers)
    for (let next = starts.get(partition)!; next < ends.get(partition)!; ) {
      const batch = await log.read(name, partition, next, { maxBytes: 8 * 1024 * 1024, waitMs: 500 })
      found.push(...(batch?.records ?? []))
      next = batch?.next ?? ends.get(partition)!
    }
  return found
}

const configOf = async (topic: string, partitions: number, { answers = '', more = '' }: SchoolOptions) => {
  const hash = await hashSecret(SECRET)
  return `
policy: { balance_basis: net_of_direct, paid_instalments: omit }
topic: { name: ${topic}, partitions: ${partitions} }
answers: { record: true, key: env:ANSWERS_KEY${answers} }
clients:
  - { username: partner, secrets: ["${hash}"], branches: all }
  - { username: other, secrets: ["${hash}"], branches: [BLR-01, MYS-02] }
${more}`
}

const ENV = { ANSWERS_KEY: RECORDING_KEY }

const pull = (url: string, query: Record<string, string>, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${url}/fetch-student?${new URLSearchParams(query)}`, {
    headers: { Authorization: `Basic ${Buffer.from(`partner:${SECRET}`).toString('base64')}`, ...headers },
  })

export const schoolOnKafka = async (options: SchoolOptions = {}): Promise<RecordingSchool> => {
  const partitions = options.partitions ?? RECORDING_PARTITIONS
  const topic = `test.${randomBytes(6).toString('hex')}`
  const redis = await privateRedis()
  const log = openLog()
  const config = await configOf(topic, partitions, options)
  const program = await openProgram({
    brokers: sharedBrokers(),
    redisUrl: `redis://127.0.0.1:${redis.port}`,
    config,
    env: ENV,
  })
  await program.run(['topics'])
  return {
    program,
    topic,
    config,
    log,
    publish: async (records) => void (await log.append(records)),
    pull,
    recorded: () => recordedIn(log, topic, partitions),
    close: async () => {
      await program.close()
      await log.close()
      await redis.close()
    },
  }
}

export const schoolOnFile = async (options: SchoolOptions = {}): Promise<RecordingSchool> => {
  const partitions = options.partitions ?? RECORDING_PARTITIONS
  const topic = 'erp.student-events'
  const folder = await mkdtemp(join(tmpdir(), 'pullgate-embedded-'))
  const path = join(folder, 'pullgate.db')
  const config = `${await configOf(topic, partitions, options)}\nembedded: { path: ${JSON.stringify(path)} }\n`
  const program = await openProgram({ brokers: '', redisUrl: '', config, env: ENV })
  await program.run(['topics'])
  const { log, close } = openEmbedded(path, partitions)
  return {
    program,
    topic,
    config,
    log,
    publish: async (records) => void (await log.append(records)),
    pull,
    recorded: () => recordedIn(log, topic, partitions),
    close: async () => {
      await program.close()
      await close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
