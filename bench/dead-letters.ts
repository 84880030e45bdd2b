import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { Redis } from 'ioredis'
import { deadLetterTopic } from '../consumers/dead-letters/write.ts'
import type { NewRecord } from '../consumers/ports/log.ts'
import { privateRedis } from '../test/support/private-redis.ts'
import { openProgram } from '../test/support/program.ts'
import { publisher } from '../test/support/school.ts'
import { freshTopic, openLog, sharedBrokers } from '../test/support/shared-kafka.ts'
import { until } from '../test/support/until.ts'
import { applied } from './applied.ts'

/**
 * Dead letters in bulk: how long lists and decisions take, and how much memory. `node bench/dead-letters.ts
 * [--letters 50000] [--students 10000] [--listed 0]`, with KAFKA_BROKERS set; Markdown on stdout. `--listed` writes so many
 * further letters straight into their topic, and lists all.
 */
const { values } = parseArgs({
  options: {
    letters: { type: 'string', default: '50000' },
    students: { type: 'string', default: '10000' },
    listed: { type: 'string', default: '0' },
  },
})
const [LETTERS, STUDENTS, LISTED] = [Number(values.letters), Number(values.students), Number(values.listed)]
const PARTITIONS = 16
const AT_ONCE = 5_000

const log = openLog()
const topic = await freshTopic(log, PARTITIONS)
const redis = await privateRedis()
const program = await openProgram({
  brokers: sharedBrokers(),
  redisUrl: `redis://127.0.0.1:${redis.port}`,
  config: JSON.stringify({
    topic: { name: topic, partitions: PARTITIONS },
    policy: { balance_basis: 'payable', paid_instalments: 'omit' },
  }),
})
const school = publisher(topic, PARTITIONS)
const ids = Array.from({ length: STUDENTS }, (_, index) => `S-${index}`)
const poison = (index: number): NewRecord =>
  school.event(ids[index % STUDENTS]!, 'erp.fee.changed.v1', { component_type: 'TUITION', amount: 'many' })
const appendAll = async (count: number, record: (index: number) => NewRecord): Promise<void> => {
  for (let from = 0; from < count; from += AT_ONCE)
    await log.append(Array.from({ length: Math.min(AT_ONCE, count - from) }, (_, at) => record(from + at)))
}
const say = (what: string, value: string): void => void process.stdout.write(`| ${what} | ${value} |\n`)
const seconds = (from: number): number => (performance.now() - from) / 1000

/** A command with its time and the most memory that it had. */
const timed = async (args: readonly string[]) => {
  const began = performance.now()
  const { pid, ended } = program.begin(args)
  let most = 0
  const watching = setInterval(() => {
    most = Math.max(most, memoryMiB(pid))
  }, 20)
  const { code, stdout, stderr } = await ended
  clearInterval(watching)
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}: ${stderr.slice(-500)}`)
  return { seconds: seconds(began), mebibytes: most, lines: stdout.split('\n').length }
}

/** The most that the process had at any time. */
const memoryMiB = (pid: number): number => {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024
  } catch {
    return 0
  }
}

const client = new Redis({ port: redis.port })
const numbers = Array.from({ length: PARTITIONS }, (_, partition) => partition)
const caughtUp = async (): Promise<void> => {
  const total = [...(await log.endOffsets(topic, numbers)).values()].reduce((sum, end) => sum + end, 0)
  await until('all to be applied', async () => (await applied(client)) >= total, 900_000)
}

process.stdout.write(
  `| ${LETTERS.toLocaleString('en')} broken events of ${STUDENTS.toLocaleString('en')} students | |\n|---|---|\n`,
)
await appendAll(STUDENTS, (index) => school.enrolled(ids[index]!))
await appendAll(LETTERS, poison)
let began = performance.now()
let projector = await program.start('projector')
await caughtUp()
say(
  'projector: start, and all of them applied',
  `${seconds(began).toFixed(1)} s, ${memoryMiB(projector.pid).toFixed(0)} MiB`,
)
const line = ({ seconds: time, mebibytes, lines }: Awaited<ReturnType<typeof timed>>): string =>
  `${time.toFixed(1)} s, ${mebibytes.toFixed(0)} MiB, ${lines.toLocaleString('en')} lines`
say('dlq list', line(await timed(['dlq', 'list'])))
await projector.stop()
await appendAll(STUDENTS, poison)
began = performance.now()
projector = await program.start('projector')
await caughtUp()
say(
  `projector: start again, and ${STUDENTS.toLocaleString('en')} further ones applied, looked up among the others`,
  `${seconds(began).toFixed(1)} s, ${memoryMiB(projector.pid).toFixed(0)} MiB`,
)
const discarded = await timed(['dlq', 'discard', '--all'])
say(
  'dlq discard --all',
  `${line(discarded)}: ${Math.round((LETTERS + STUDENTS) / discarded.seconds).toLocaleString('en')} a second`,
)
if (LISTED > 0) {
  const letters = deadLetterTopic(log, topic)
  for (let from = 0; from < LISTED; from += AT_ONCE) {
    const records = Array.from({ length: AT_ONCE }, (_, at) => ({
      ...poison(from + at),
      offset: 10_000_000 + from + at,
      timestampMs: 0,
    }))
    for (const [, some] of Map.groupBy(records, ({ partition }) => partition))
      await letters.write(
        some.map(({ partition, offset }) => ({
          place: { partition, offset },
          reason: 'poison',
          detail: 'invalid_data',
          where: '',
        })),
        new Map(some.map((record) => [record.offset, record])),
        0,
      )
  }
  const listed = `dlq list of ${(LETTERS + STUDENTS + LISTED).toLocaleString('en')}`
  say(listed, line(await timed(['dlq', 'list'])))
  await projector.stop()
  await appendAll(PARTITIONS, poison)
  began = performance.now()
  projector = await program.start('projector')
  await caughtUp()
  say(
    'projector: start again, and an event of some partitions looked up among all of them',
    `${seconds(began).toFixed(1)} s, ${memoryMiB(projector.pid).toFixed(0)} MiB`,
  )
}
client.disconnect()
await program.close()
await redis.close()
await log.close()
