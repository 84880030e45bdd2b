import { createHmac } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { LogRecord } from '../../../../consumers/ports/log.ts'
import { LogError } from '../../../../consumers/ports/log-error.ts'
import { partitionOf } from '../../../../consumers/ports/partition.ts'
import { answersName, answersSpec } from '../../../../consumers/ports/topic-spec.ts'
import { decodeRecentAnswers } from '../../../../consumers/stored/recent-answer.ts'
import type { StudentId } from '../../../../projections/values/ids.ts'
import { noFindings } from '../../../../src/answers/findings.ts'
import { type Recorder, type RecorderDeps, recorder } from '../../../../src/answers/recorder.ts'
import { markOf } from '../../../../src/answers/recorder-header.ts'
import { recorderGaps } from '../../../../src/cli/answers/findings-text.ts'
import { type MemoryLog, memoryLog } from '../../../../src/memory/log.ts'
import { type MemoryStore, memoryStore } from '../../../../src/memory/store.ts'
import type { AnsweredPull } from '../../../../src/pull/port.ts'
import { until } from '../../../support/until.ts'

const PARTITIONS = 4
const KEY = 'a key of the tests'
const TOPIC = answersName('t')
const BODY = '{"status":"success","data":{"student":{},"fee_components":[{"component_type":"A","fee_amount":5}]}}'

const view = (partition: number) => ({
  generation: 1,
  partition,
  checkpoint: { next: 17, metadata: '' },
  lease: null,
})

const pull = (identifier: string, body: string | Uint8Array = BODY): AnsweredPull => ({
  client: 'jodo',
  requestId: 'r',
  query: { identifier },
  answer: {
    kind: 'answer',
    status: 200,
    body,
    source: 'projection',
    asOfMs: 0,
    about: {
      id: identifier as StudentId,
      enrolment: { collectorCode: null, grade: '5', yearStart: '2026' },
      partitions: [view(partitionOf(identifier, PARTITIONS))],
    },
  },
})

let log: MemoryLog
let store: MemoryStore
let counts: { recorded: number; lost: number; trouble: unknown[] }
let recording: Recorder

const start = (over: Partial<RecorderDeps> = {}): Recorder => {
  recording = recorder({
    topic: TOPIC,
    partitions: PARTITIONS,
    append: log.append,
    recent: store.recentAnswers,
    key: KEY,
    signature: 'v1:test',
    watchMs: 60_000,
    clock: Date.now,
    onRecorded: (count) => {
      counts.recorded += count
    },
    onLost: (count) => {
      counts.lost += count
    },
    onTrouble: (why) => counts.trouble.push(why),
    ...over,
  })
  return recording
}

const recorded = async (): Promise<readonly LogRecord[]> => {
  const batches = await Promise.all(
    Array.from({ length: PARTITIONS }, (_, partition) => log.read(TOPIC, partition, 0, { maxBytes: 1e9 })),
  )
  return batches.flatMap((batch) => batch?.records ?? [])
}

/** What a reader of the list is told of this recorder by the store, a minute later. */
const gaps = async (): Promise<readonly string[]> => {
  const { nowMs, open } = await store.recentAnswers.recorders()
  return [...recorderGaps({ nowMs: nowMs + 60_000, open }, noFindings(), nowMs - 60_000)].sort()
}

beforeEach(async () => {
  log = memoryLog()
  store = memoryStore(PARTITIONS)
  counts = { recorded: 0, lost: 0, trouble: [] }
  await log.ensureTopics([answersSpec('t', PARTITIONS, 400)])
})
afterEach(() => recording.close())

describe('a recorder', () => {
  test('writes each answer under the keyed hash of its student, on the student’s partition, numbered', async () => {
    const { record } = start()
    const ids = Array.from({ length: 40 }, (_, index) => `S-${index}`)
    for (const id of ids) record(pull(id))
    await until('all to be recorded', () => counts.recorded === 40)
    const records = await recorded()
    const byKey = new Map(records.map((one) => [Buffer.from(one.key!).toString(), one]))
    for (const id of ids) {
      const found = byKey.get(createHmac('sha256', KEY).update(id).digest('hex'))
      expect(found?.partition).toBe(partitionOf(id, PARTITIONS))
      expect(markOf(found!)).toMatchObject({ applied: 17 })
    }
    const marks = records.map((one) => markOf(one)!)
    expect(marks.map(({ number }) => number).sort((a, b) => a - b)).toEqual(ids.map((_, index) => index + 1))
    expect(new Set(marks.map(({ recorder: name }) => name)).size).toBe(1)
  })

  test('keeps each answer beside its student’s record', async () => {
    const { record } = start()
    record(pull('S-1'))
    await until('it to be recorded', () => counts.recorded === 1)
    const {
      students: [loaded],
    } = await store.writer.loadAt(1, partitionOf('S-1', PARTITIONS), ['S-1' as StudentId], true)
    expect(decodeRecentAnswers(loaded!.answers!)).toMatchObject([
      { subject: { kind: 'enrolment', key: { grade: '5', yearStart: '2026', collectorCode: null } }, payable: 500 },
    ])
  })

  test('tries again while the log is away, and records once what it took', async () => {
    const { record } = start()
    log.setDown(true)
    record(pull('S-1'))
    record(pull('S-2'))
    await until('the trouble to be told', () => counts.trouble.length > 0)
    log.setDown(false)
    await until('both to be recorded', () => counts.recorded === 2)
    expect(counts).toMatchObject({ lost: 0 })
    expect(counts.trouble.at(-1)).toBeNull()
    expect(await recorded()).toHaveLength(2)
  })

  test('drops what comes while its queue is full, counts it, and leaves a hole in the numbers', async () => {
    const { record } = start()
    log.setDown(true)
    for (let index = 0; index < 20_005; index++) record(pull(`S-${index % 50}`))
    expect(counts.lost).toBe(5)
    log.setDown(false)
    await until('the others to be recorded', () => counts.recorded === 20_000, 60_000)
    record(pull('S-1'))
    await until('the next to be recorded', () => counts.recorded === 20_001)
    const numbers = new Set((await recorded()).map((one) => markOf(one)!.number))
    expect(numbers.has(20_001)).toBe(false)
    expect(numbers.has(20_006)).toBe(true)
  })

  test('loses what the log refuses, and goes on', async () => {
    let refuses = true
    const { record } = start({
      append: async (records) => {
        if (refuses) throw new LogError('refused', 'not authorised')
        return log.append(records)
      },
    })
    record(pull('S-1'))
    await until('it to be lost', () => counts.lost === 1)
    refuses = false
    record(pull('S-2'))
    await until('the next to be recorded', () => counts.recorded === 1)
  })

  test('loses an answer that cannot be read, and throws nothing at its caller', async () => {
    const { record } = start()
    record(pull('S-1', '{'))
    record(pull('S-2'))
    await until('the other to be recorded', () => counts.recorded === 1)
    expect(counts.lost).toBe(1)
  })

  test('records what waits before it ends, and is not missed then', async () => {
    const { record, close } = start()
    record(pull('S-1'))
    await until('it to be heard of', async () => (await store.recentAnswers.recorders()).open.length === 1)
    await close()
    expect(counts).toMatchObject({ recorded: 1, lost: 0 })
    expect((await store.recentAnswers.recorders()).open).toEqual([])
  })

  test('is still heard of where it ended with answers that the log did not take', async () => {
    const { record, close } = start()
    log.setDown(true)
    record(pull('S-1'))
    await close()
    expect(counts).toMatchObject({ recorded: 0, lost: 1 })
    expect(await gaps()).toEqual([
      expect.stringMatching(/^Gateway [0-9a-f]{12} ended at about .* without a word: /),
      expect.stringMatching(/^Gateway [0-9a-f]{12} has lost 1 answer, the last one at about /),
    ])
  })

  test.each([
    { lost: 'all', answers: [false, false] },
    { lost: 'the first', answers: [false, true] },
    { lost: 'the last', answers: [true, false] },
  ])('that ended in good order is heard of where $lost of its answers were refused', async ({ answers }) => {
    let takes = true
    const { record, close } = start({
      append: async (records) => {
        if (!takes) throw new LogError('refused', 'not authorised')
        return log.append(records)
      },
    })
    for (const [index, isTaken] of answers.entries()) {
      takes = isTaken
      record(pull('S-1'))
      await until('it to be recorded or lost', () => counts.recorded + counts.lost === index + 1)
    }
    await close()
    const count = answers.filter((isTaken) => !isTaken).length
    expect(await gaps()).toEqual([expect.stringContaining(`has lost ${count} answer`)])
  })

  test('writes an answer about nobody who is known without a key', async () => {
    const { record } = start()
    const nobody = pull('x')
    const body = '{"status":"error","message":"m","code":"student_not_found"}'
    const about = { id: null, enrolment: null, partitions: [] }
    record({ ...nobody, answer: { ...nobody.answer, status: 422, source: 'erp', reason: 'miss', body, about } })
    await until('it to be recorded', () => counts.recorded === 1)
    expect((await recorded())[0]?.key).toBeNull()
  })
})
