// What recording an answer costs the gateway, and how fast the list of changed answers is made, on a log in memory:
// node bench/answers.ts [answers]
import { partitionOf } from '../consumers/ports/partition.ts'
import { answersName, answersSpec, topicSpecs } from '../consumers/ports/topic-spec.ts'
import { calendarOf } from '../projections/values/calendar.ts'
import type { StudentId } from '../projections/values/ids.ts'
import { encodeAnswer } from '../src/answers/encode-answer.ts'
import { noFindings } from '../src/answers/findings.ts'
import { keyedHash, keyFingerprint } from '../src/answers/keyed-hash.ts'
import { recorderHeader, signatureFingerprint } from '../src/answers/recorder-header.ts'
import { supersededAnswers } from '../src/answers/superseded.ts'
import { writeBatch } from '../src/kafka/protocol/write-batch.ts'
import { memoryLog } from '../src/memory/log.ts'
import type { AnsweredPull } from '../src/pull/port.ts'
import { publisher } from '../test/support/school.ts'

const COUNT = Number(process.argv[2] ?? 100_000)
const PARTITIONS = 16
const TOPIC = 'bench'
const SIGNATURE = 'v:bench'
const hashed = keyedHash('a key of the usual length, as openssl makes it')

const details = (amounts: readonly number[]) =>
  amounts.map((amount, index) => ({ component_type: `COMPONENT_${index}`, amount }))
const fees = [50_000, 12_000.5, 1000]
const body = Buffer.from(
  JSON.stringify({
    status: 'success',
    data: {
      student: { fullname: 'A Student of Usual Length', identifier: 'S-100234', collector_code: 'BLR-01', grade: '5' },
      fee_components: details(fees).map(({ component_type, amount }) => ({ component_type, fee_amount: amount })),
      payment_schedule: [1, 2, 3, 4].map((month) => ({
        due_date: `2026-0${month}-10`,
        reference_id: `ref_${month}`,
        details: details(fees.map((fee) => fee / 4)),
      })),
    },
  }),
)

const pulled = (identifier: string, at: Partial<AnsweredPull['answer']> = {}): AnsweredPull => ({
  client: 'jodo',
  requestId: `request-${identifier}`,
  query: { identifier },
  answer: {
    kind: 'answer',
    status: 200,
    body,
    source: 'projection',
    asOfMs: Date.now(),
    version: '3:99',
    about: {
      id: identifier as StudentId,
      enrolment: { collectorCode: 'BLR-01', grade: '5', yearStart: '2026' },
      partitions: [],
    },
    ...at,
  },
})

/** CPU microseconds of one call, after the code is warm. */
const microsOf = (calls: number, work: (turn: number) => void): number => {
  for (let turn = 0; turn < calls / 4; turn++) work(turn)
  const before = process.cpuUsage()
  for (let turn = 0; turn < calls; turn++) work(turn)
  const { user, system } = process.cpuUsage(before)
  return (user + system) / calls
}

const headerOf = (number: number, applied: number | null) =>
  recorderHeader({
    recorder: 'abcdefabcdef',
    number,
    sentAtMs: Date.now(),
    key: keyFingerprint(hashed),
    signature: signatureFingerprint(SIGNATURE),
    applied,
  })

const recording = (): void => {
  const encoding = microsOf(80_000, (turn) => encodeAnswer(pulled(`S-${turn}`), hashed, Date.now()))
  const { key, value } = encodeAnswer(pulled('S-1'), hashed, Date.now())
  const records = Array.from({ length: 30 }, (_, number) => ({
    topic: TOPIC,
    partition: 0,
    key,
    value,
    headers: [headerOf(number, 5)],
  }))
  const batching = microsOf(4000, () => writeBatch(records, { id: 1n, epoch: 0 }, 0, 1)) / records.length
  console.log(
    `recording: ${encoding.toFixed(1)} µs to encode an answer of ${body.length} bytes, ${batching.toFixed(1)} µs in its batch`,
  )
}

/** One answer and one payment after it for each student. */
const listing = async (): Promise<void> => {
  const log = memoryLog()
  await log.ensureTopics([...topicSpecs(TOPIC, PARTITIONS), answersSpec(TOPIC, PARTITIONS, 400)])
  const school = publisher(TOPIC, PARTITIONS)
  const ids = Array.from({ length: COUNT }, (_, index) => `S-${index}`)
  for (const id of ids) await log.append([school.enrolled(id), school.assessed(id, 63_000.5)])
  for (const [index, id] of ids.entries()) {
    const partition = partitionOf(id, PARTITIONS)
    const applied = (await log.endOffsets(TOPIC, [partition])).get(partition)!
    const { key, value } = encodeAnswer(pulled(id, { version: `${partition}:${applied - 1}` }), hashed, Date.now())
    const headers = [headerOf(index + 1, applied)]
    await log.append([{ topic: answersName(TOPIC), partition, key, value, headers }, school.paid(id, 'desk', 400)])
  }
  const before = process.cpuUsage()
  const found = supersededAnswers(
    {
      log,
      topic: TOPIC,
      partitions: PARTITIONS,
      rendering: {
        policy: {
          balance_basis: 'net_of_direct',
          paid_instalments: 'omit',
          pending_payments: 'count',
        },
        calendar: calendarOf('Asia/Kolkata'),
      },
      hashed,
      signature: SIGNATURE,
      scopeOf: () => 'all',
      watchMs: 48 * 3_600_000,
      sinceMs: 0,
      nowMs: Date.now(),
      onProgress: () => {},
    },
    noFindings(),
  )
  let rows = 0
  for await (const _ of found) rows += 1
  const { user, system } = process.cpuUsage(before)
  const seconds = (user + system) / 1e6
  console.log(
    `listing: ${rows} of ${COUNT} answers changed, ${3 * COUNT} events, in ${seconds.toFixed(1)} s of CPU: ${((seconds * 1e6) / COUNT).toFixed(0)} µs an answer`,
  )
}

recording()
await listing()
