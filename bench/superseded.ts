import { readFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { partitionOf } from '../consumers/ports/partition.ts'
import { answersName } from '../consumers/ports/topic-spec.ts'
import type { StudentId } from '../projections/values/ids.ts'
import { encodeAnswer } from '../src/answers/encode-answer.ts'
import { keyedHash, keyFingerprint } from '../src/answers/keyed-hash.ts'
import { recorderHeader, signatureFingerprint } from '../src/answers/recorder-header.ts'
import type { AnsweredPull } from '../src/pull/port.ts'
import { RECORDING_KEY, schoolOnKafka } from '../test/support/recording-school.ts'
import { publisher } from '../test/support/school.ts'

/**
 * `pullgate answers superseded` over as many answers as events, on a real broker: time and memory of the command. Each
 * student is enrolled and assessed, is asked about three times, and pays once: every answer has changed.
 * `node bench/superseded.ts [answers]`, with KAFKA_BROKERS set; Markdown on stdout.
 */
const ANSWERS = Number(process.argv[2] ?? 1_000_000)
const PARTITIONS = 16
const STUDENTS_AT_ONCE = 2000
const hashed = keyedHash(RECORDING_KEY)

const school = await schoolOnKafka({ partitions: PARTITIONS })
const pupil = publisher(school.topic, PARTITIONS)
const offsets = new Map<number, number>()
const body = Buffer.from(
  JSON.stringify({
    status: 'success',
    data: { fee_components: [{ component_type: 'TUITION', fee_amount: 1000 }] },
  }),
)
let number = 0

const answerOf = (identifier: string, applied: number) => {
  number += 1
  const partition = partitionOf(identifier, PARTITIONS)
  const enrolment = { collectorCode: 'BLR-01', grade: '5', yearStart: '2026' }
  const about = { id: identifier as StudentId, enrolment, partitions: [] }
  const answer: AnsweredPull['answer'] = {
    ...({ kind: 'answer', status: 200, source: 'projection' } as const),
    ...{ body, asOfMs: Date.now(), version: `${partition}:${applied - 1}`, about },
  }
  const pulled = { client: 'partner', requestId: `request-${number}`, query: { identifier }, answer }
  const mark = {
    ...{ recorder: 'abcdefabcdef', number, sentAtMs: Date.now(), key: keyFingerprint(hashed) },
    ...{ signature: signatureFingerprint('v:bench'), applied },
  }
  const { key, value } = encodeAnswer(pulled, hashed, Date.now())
  return { topic: answersName(school.topic), partition, key, value, headers: [recorderHeader(mark)] }
}

const countOffsets = (records: readonly { readonly partition: number }[]): void => {
  for (const { partition } of records) offsets.set(partition, (offsets.get(partition) ?? 0) + 1)
}

const peakMebibytes = (pid: number): number => {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024
  } catch {
    // The command has ended.
    return 0
  }
}

try {
  for (let first = 0; first < ANSWERS / 3; first += STUDENTS_AT_ONCE) {
    const ids = Array.from({ length: STUDENTS_AT_ONCE }, (_, index) => `S-${first + index}`)
    const before = ids.flatMap((id) => [pupil.enrolled(id), pupil.assessed(id, 1000)])
    countOffsets(before)
    const answers = ids.flatMap((id) => {
      const applied = offsets.get(partitionOf(id, PARTITIONS))!
      return [answerOf(id, applied), answerOf(id, applied), answerOf(id, applied)]
    })
    const after = ids.map((id) => pupil.paid(id, 'desk', 400))
    countOffsets(after)
    for (const records of [before, answers, after]) await school.publish(records)
  }

  const began = performance.now()
  let peak = 0
  const command = school.program.begin(['answers', 'superseded', '--csv'])
  const watch = setInterval(() => {
    peak = Math.max(peak, peakMebibytes(command.pid))
  }, 200)
  const { code, stdout, stderr } = await command.ended
  clearInterval(watch)
  const seconds = (performance.now() - began) / 1000
  process.stderr.write(stderr.slice(-300))
  process.stdout.write(
    `| answers | events | changed | time | peak memory |
|---|---|---|---|---|
| ${number} | ${number} | ${stdout.trimEnd().split('\n').length - 1} | ${seconds.toFixed(1)} s | ${peak.toFixed(0)} MiB |

Exit code ${code}. ${cpus().length} × ${cpus()[0]?.model.trim()}, Node ${process.version}.
`,
  )
} finally {
  await school.close()
}
