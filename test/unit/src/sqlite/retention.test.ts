import { afterEach, beforeEach, expect, test } from 'vitest'
import type { NewRecord } from '../../../../consumers/ports/log.ts'
import { answersName, answersSpec, topicSpecs } from '../../../../consumers/ports/topic-spec.ts'
import { logReads } from '../../../../src/sqlite/log/reads.ts'
import { logWrites } from '../../../../src/sqlite/log/writes.ts'
import { type EmbeddedFile, embeddedFile } from '../../../support/embedded-file.ts'

const DAY_MS = 86_400_000
const NOW = Date.UTC(2026, 6, 17)
let file: EmbeddedFile

beforeEach(async () => {
  file = await embeddedFile()
  logWrites(file.db).ensureTopics([answersSpec('t', 2, 30), ...topicSpecs('t', 2)])
})
afterEach(() => file.close())

const append = (topic: string, partition: number, nowMs: number, count = 1): void => {
  const record: NewRecord = { topic, partition, key: null, value: Buffer.from('v'), headers: [], timestampMs: 1 }
  logWrites(file.db).append(
    Array.from({ length: count }, () => record),
    nowMs,
  )
}
const spanOf = (topic: string, partition: number) => {
  const reads = logReads(file.db)
  const { start, end } = reads.spans(reads.topic(topic)!.id).get(partition)!
  const rows = file.db.prepare('SELECT count(*) AS rows FROM log_records').get() as { rows: number }
  return { start, end, rows: rows.rows }
}

test('what is older than a topic keeps goes with the next append to its partition, and no more', () => {
  const answers = answersName('t')
  append(answers, 0, NOW - 31 * DAY_MS, 3)
  append(answers, 0, NOW - 29 * DAY_MS, 2)
  append(answers, 0, NOW)
  expect(spanOf(answers, 0)).toEqual({ start: 3, end: 6, rows: 3 })
  const reads = logReads(file.db)
  expect(reads.read(reads.topic(answers)!, 0, 2, 1000)).toBeNull()
  expect(reads.read(reads.topic(answers)!, 0, 3, 1000)?.records).toHaveLength(3)
})

test('another partition is left alone until it is appended to', () => {
  const answers = answersName('t')
  append(answers, 1, NOW - 31 * DAY_MS)
  append(answers, 0, NOW)
  expect(spanOf(answers, 1)).toMatchObject({ start: 0, end: 1 })
  append(answers, 1, NOW)
  expect(spanOf(answers, 1)).toMatchObject({ start: 1, end: 2 })
})

test('events are kept for ever', () => {
  append('t', 0, NOW - 10_000 * DAY_MS)
  append('t', 0, NOW)
  expect(spanOf('t', 0)).toMatchObject({ start: 0, end: 2, rows: 2 })
})

test('a long backlog goes in bites', () => {
  const answers = answersName('t')
  append(answers, 0, NOW - 31 * DAY_MS, 2500)
  append(answers, 0, NOW)
  expect(spanOf(answers, 0).start).toBe(1000)
  append(answers, 0, NOW)
  append(answers, 0, NOW)
  expect(spanOf(answers, 0).start).toBe(2500)
})
