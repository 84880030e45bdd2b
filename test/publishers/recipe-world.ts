import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import type { Log, LogRecord } from '../../consumers/ports/log.ts'
import { basic, cheapHash } from '../integration/http-edge.ts'
import { type PrivateRedis, privateRedis } from '../support/private-redis.ts'
import { openProgram, type Running } from '../support/program.ts'
import { freshTopic, openLog, sharedBrokers } from '../support/shared-kafka.ts'
import { until } from '../support/until.ts'
import type { Runtime } from './runtimes.ts'
import { call } from './shell.ts'

export const SOURCE = '/erp/blr-01'
export const PARTITIONS = 16
const PARTNER = basic('jodo', 'j-secret')

/** The real program, and a topic that a recipe's records go to. */
export type RecipeWorld = {
  readonly topic: string
  readonly folder: string
  readonly running: Running
  /** Waits for an answer of the projection, and returns its body. */
  readonly answer: (identifier: string) => Promise<string>
  /** The sum of its series, of those that have this label. */
  readonly metric: (name: string, label?: string) => Promise<number>
  /** All records of the student's partition. */
  readonly records: (topic: string) => Promise<readonly LogRecord[]>
  readonly run: (args: readonly string[]) => Promise<{ readonly code: number | null; readonly stdout: string }>
  readonly close: () => Promise<void>
}

export const recipeWorld = async (): Promise<RecipeWorld> => {
  const folder = await mkdtemp(join(tmpdir(), 'pullgate-recipe-'))
  const redis: PrivateRedis = await privateRedis()
  const log: Log = openLog()
  const topic = await freshTopic(log, PARTITIONS)
  const program = await openProgram({
    brokers: sharedBrokers(),
    redisUrl: `redis://127.0.0.1:${redis.port}`,
    config: JSON.stringify({
      topic: { name: topic, partitions: PARTITIONS },
      policy: { balance_basis: 'net_of_direct', paid_instalments: 'omit' },
      freshness: { wait_ms: 5_000 },
      clients: [
        { username: 'jodo', secrets: [cheapHash('j-secret')], branches: 'all' },
        { username: 'erp', secrets: [cheapHash('p-secret')], publish: [SOURCE] },
      ],
    }),
  })
  const running = await program.start('all')
  await until('the projector', async () => (await fetch(`${running.metricsUrl}/readyz`)).ok, 60_000)
  const pulled = async (identifier: string): Promise<string | null> => {
    const url = `${running.url}/fetch-student?identifier=${encodeURIComponent(identifier)}`
    const response = await fetch(url, { headers: { authorization: PARTNER } })
    const text = await response.text()
    return response.headers.get('x-pullgate-source') === 'projection' ? text : null
  }
  return {
    topic,
    folder,
    running,
    answer: async (identifier) => {
      let text: string | null = null
      await until(
        `an answer for ${identifier}`,
        async () => {
          text = await pulled(identifier)
          return text !== null
        },
        60_000,
      )
      return text!
    },
    metric: async (name, label = '') => {
      const text = await (await fetch(`${running.metricsUrl}/metrics`)).text()
      const values = text.split('\n').filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
      return values
        .filter((line) => line.includes(label))
        .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0)
    },
    records: async (name) => {
      const numbers = Array.from({ length: PARTITIONS }, (_, partition) => partition)
      const ends = await log.ends(name, numbers)
      const batches = await Promise.all(
        [...ends].filter(([, { next }]) => next > 0).map(([partition]) => log.read(name, partition, 0)),
      )
      return batches.flatMap((batch) => batch?.records ?? [])
    },
    run: (args) => program.run(args),
    close: async () => {
      await program.close()
      await redis.close()
      await log.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Compiles a recipe's program into the folder; the command that runs it. */
export const compileRecipe = async (runtime: Runtime, file: string, main: string, folder: string) => {
  const ended = await call('javac', ['-nowarn', '-d', folder, file], { env: runtime.env })
  if (ended.code !== 0) throw new Error(ended.output)
  return [...runtime.command, '-cp', [folder, runtime.env['CLASSPATH']].join(delimiter), main]
}

const student = (identifier: string) => ({
  ...{ identifier, grade: '5', academic_year_start: '2026', academic_year_end: '2027', collector_code: 'BLR-01' },
})

const profile = {
  ...{ fullname: 'Asha Rao', new_admission: true, primary_contact_name: 'R "Rao" \\ Rão' },
  ...{ primary_contact_number: '9800000000', primary_contact_email: 'rao@example.edu' },
}

/** An enrolment and its fees, numbered, as an outbox holds them. */
export const outboxEvents = (identifier: string, rupees: string): readonly (object & { readonly sequence: string })[] =>
  [
    { type: 'erp.student.enrolled.v1', data: { student: student(identifier), ...profile } },
    {
      type: 'erp.fees.assessed.v1',
      data: { student: student(identifier), fee_components: [{ component_type: 'TUITION_FEE', amount: rupees }] },
    },
  ].map((event, index) => ({
    ...{ specversion: '1.0', id: `${identifier}-${index}`, source: SOURCE, ...event },
    ...{ time: `2026-06-01T10:00:0${index}+05:30`, sequence: String(index + 1) },
  }))
