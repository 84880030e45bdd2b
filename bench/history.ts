import { cpus } from 'node:os'
import { historyOf } from '../consumers/history/history.ts'
import { partitionOf } from '../consumers/ports/partition.ts'
import { calendarOf } from '../projections/values/calendar.ts'
import type { StudentId } from '../projections/values/ids.ts'
import { publisher } from '../test/support/school.ts'
import { freshTopic, openLog } from '../test/support/shared-kafka.ts'

/**
 * One student's history among many events: how many records a second are passed over, on one partition. A log of ten
 * million events over 16 partitions has 625,000 on the one that is read. `node bench/history.ts [events]`, with
 * KAFKA_BROKERS set; Markdown on stdout.
 */
const EVENTS = Number(process.argv[2] ?? 100_000)
const BATCH = 5000
const EVENTS_OF_ALL = 10_000_000
const PARTITIONS_OF_ALL = 16

const log = openLog()
const topic = await freshTopic(log, 1)
const school = publisher(topic, 1)
const students = Array.from({ length: 5000 }, (_, index) => `S-${index}`)
for (const student of students) school.enrolled(student)
for (let written = 0; written < EVENTS; written += BATCH)
  await log.append(
    Array.from({ length: BATCH }, (_, index) => school.paid(students[(written + index) % 5000]!, `P-${written}`, 100)),
  )

const identifier = students[17] as StudentId
const deps = { log, topic, partitions: 1, calendar: calendarOf('Asia/Kolkata'), onProgress: () => {} }
if (partitionOf(identifier, 1) !== 0) throw new Error('one partition holds all')
const began = performance.now()
const cpu = process.cpuUsage()
let steps = 0
for await (const _ of historyOf(deps, identifier)) steps += 1
const seconds = (performance.now() - began) / 1000
const { user, system } = process.cpuUsage(cpu)
const rate = EVENTS / seconds
process.stdout.write(
  `| events on the partition | of the student | time | records a second | CPU a record | ten million over 16 partitions |
|---|---|---|---|---|---|
| ${EVENTS} | ${steps} | ${seconds.toFixed(2)} s | ${Math.round(rate)} | ${((user + system) / EVENTS).toFixed(2)} µs | ${(EVENTS_OF_ALL / PARTITIONS_OF_ALL / rate).toFixed(1)} s |

${cpus()[0]?.model.trim()}, ${cpus().length} cores, Node ${process.version}
`,
)
await log.close()
