import { decode } from '../../consumers/events/decode.ts'
import type { LogRecord, NewRecord } from '../../consumers/ports/log.ts'
import { partitionOf } from '../../consumers/ports/partition.ts'
import { answersName, answersSpec, topicSpecs } from '../../consumers/ports/topic-spec.ts'
import { foldStudent } from '../../consumers/projector/fold-student.ts'
import { decodeRecord } from '../../consumers/stored/record.ts'
import { findMatch } from '../../projections/answers/lookup.ts'
import type { StudentId } from '../../projections/values/ids.ts'
import { encodeAnswer } from '../../src/answers/encode-answer.ts'
import { keyedHash, keyFingerprint } from '../../src/answers/keyed-hash.ts'
import { recorderHeader, signatureFingerprint } from '../../src/answers/recorder-header.ts'
import { type MemoryLog, memoryLog } from '../../src/memory/log.ts'
import { publisher } from './school.ts'
import { RENDERING } from './tell.ts'

export const DAY_TOPIC = 'day'
export const DAY_PARTITIONS = 4
export const DAY_KEY = 'the key of the day'
export const DAY_SIGNATURE = 'v:day'
const HOUR_MS = 3_600_000

export type AnswersDay = {
  readonly log: MemoryLog
  readonly ids: readonly string[]
  readonly nowMs: number
  /** Answers that were sent and not recorded. */
  readonly lost: number
}

export type DayOptions = { readonly seed: number; readonly students: number; readonly turns: number }

/** Deterministic, from 0 up to 1. */
const randomOf = (seed: number) => {
  let state = seed
  return (): number => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/**
 * Sixty hours of pulls and changes of a school in both logs, made by the product's own fold and recorder. Some answers are
 * recorded twice, some are lost, and one gateway's clock is an hour behind.
 */
export const answersDay = async ({ seed, students, turns }: DayOptions): Promise<AnswersDay> => {
  const random = randomOf(seed)
  const below = (bound: number): number => Math.floor(random() * bound)
  let nowMs = Date.UTC(2026, 6, 15)
  const log = memoryLog({ now: () => nowMs })
  await log.ensureTopics([...topicSpecs(DAY_TOPIC, DAY_PARTITIONS), answersSpec(DAY_TOPIC, DAY_PARTITIONS, 400)])
  const school = publisher(DAY_TOPIC, DAY_PARTITIONS)
  const ids = Array.from({ length: students }, (_, index) => `S-${index}`)
  const records = new Map<string, Buffer>()
  const payments = new Map<string, string[]>()
  const hashed = keyedHash(DAY_KEY)

  const publish = async (record: NewRecord): Promise<void> => {
    const dated = { ...record, timestampMs: nowMs }
    const [position] = await log.append([dated])
    const decoded = decode({ ...dated, offset: position!.offset } as LogRecord)
    if (decoded.kind !== 'student') throw new Error('an event of nobody')
    const items = [{ content: decoded.content, rerouted: false }]
    const { identifier } = decoded
    records.set(identifier, foldStudent({ identifier, items }, records.get(identifier) ?? null, RENDERING).record)
  }

  let lost = 0
  const numbered = [0, 0]
  const pull = async (id: string): Promise<void> => {
    const partition = partitionOf(id, DAY_PARTITIONS)
    const answers = decodeRecord(records.get(id)!)
    const match = findMatch([{ id: id as StudentId, enrolments: answers.enrolments }], {}, 'all', nowMs)
    if (match.kind !== 'one' || match.phase.body === null) return
    const gateway = below(2)
    const clockMs = gateway === 1 ? nowMs - HOUR_MS : nowMs
    numbered[gateway]! += 1
    if (below(200) === 0) {
      lost += 1
      return
    }
    const next = (await log.endOffsets(DAY_TOPIC, [partition])).get(partition)!
    const view = { generation: 1, partition, checkpoint: { next, metadata: '' }, lease: null }
    const { key, value } = encodeAnswer(
      {
        client: 'jodo',
        requestId: `${gateway}-${numbered[gateway]}`,
        query: { identifier: id },
        answer: {
          kind: 'answer',
          status: match.phase.status === 'active' ? 200 : 422,
          body: match.phase.body,
          source: 'projection',
          asOfMs: clockMs,
          version: `${answers.last!.partition}:${answers.last!.offset}`,
          about: { id: id as StudentId, enrolment: match.enrolment, partitions: [view] },
        },
      },
      hashed,
      clockMs,
    )
    const header = recorderHeader({
      recorder: `gateway-${gateway}`,
      number: numbered[gateway]!,
      sentAtMs: clockMs,
      key: keyFingerprint(hashed),
      signature: signatureFingerprint(DAY_SIGNATURE),
      applied: next,
    })
    const record = { topic: answersName(DAY_TOPIC), partition, key, value, headers: [header] }
    await log.append(below(50) === 0 ? [record, record] : [record])
  }

  const change = (id: string): NewRecord => {
    const own = payments.get(id) ?? []
    payments.set(id, own)
    switch (below(6)) {
      case 0:
        return school.feeChanged(id, 500 + below(1000))
      case 1:
        return own.length > 0
          ? school.event(id, 'erp.payment.reversed.v1', { payment_id: own.pop() })
          : school.event(id, 'erp.student.updated.v1', { fullname: `Name ${below(1000)}` })
      case 2:
        return school.event(id, 'erp.student.discontinued.v1', {})
      case 3:
        return school.event(id, 'erp.student.reinstated.v1', {})
      default: {
        const payment = `p-${own.length}-${below(1_000_000)}`
        own.push(payment)
        return school.paid(id, payment, 1 + below(900) / 4)
      }
    }
  }

  for (const id of ids) {
    await publish(school.enrolled(id))
    await publish(school.assessed(id, 1000))
  }
  for (let turn = 0; turn < turns; turn++) {
    nowMs += (60 * HOUR_MS) / turns
    const id = ids[below(students)]!
    await (random() < 0.5 ? pull(id) : publish(change(id)))
  }
  return { log, ids, nowMs, lost }
}
