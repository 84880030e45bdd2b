import { beforeEach, describe, expect, test } from 'vitest'
import { answersName } from '../../../../consumers/ports/topic-spec.ts'
import { type AnswerFindings, noFindings } from '../../../../src/answers/findings.ts'
import { keyedHash } from '../../../../src/answers/keyed-hash.ts'
import { supersededAnswers } from '../../../../src/answers/superseded.ts'
import { caveatsOf, recorderGaps } from '../../../../src/cli/answers/findings-text.ts'
import {
  type AnswersDay,
  answersDay,
  DAY_KEY,
  DAY_PARTITIONS,
  DAY_SIGNATURE,
  DAY_TOPIC,
} from '../../../support/answers-day.ts'
import { RENDERING } from '../../../support/tell.ts'

const HOUR_MS = 3_600_000
const ANSWERS = answersName(DAY_TOPIC)
let day: AnswersDay

const look = async (over: { readonly key?: string; readonly signature?: string } = {}): Promise<AnswerFindings> => {
  const findings = noFindings()
  const all = supersededAnswers(
    {
      log: day.log,
      topic: DAY_TOPIC,
      partitions: DAY_PARTITIONS,
      rendering: RENDERING,
      hashed: keyedHash(over.key ?? DAY_KEY),
      signature: over.signature ?? DAY_SIGNATURE,
      scopeOf: () => 'all',
      watchMs: 48 * HOUR_MS,
      sinceMs: day.nowMs - 48 * HOUR_MS,
      nowMs: day.nowMs,
      onProgress: () => {},
    },
    findings,
  )
  for await (const _ of all);
  return findings
}
const gapsOf = (findings: AnswerFindings): string => caveatsOf(findings, day.nowMs + 60_000).gaps.join('\n')

beforeEach(async () => {
  day = await answersDay({ seed: 7, students: 30, turns: 1500 })
})

describe('a list that is not complete says so', () => {
  test('where answers were lost', async () => {
    expect(day.lost).toBeGreaterThan(0)
    expect(gapsOf(await look())).toMatch(/answers? of gateway gateway-\d (is|are) missing, sent between/)
  })

  test('where the key is another one', async () => {
    const findings = await look({ key: 'another' })
    expect(findings.underOtherKeys).toBe(findings.answers)
    expect(gapsOf(findings)).toContain('recorded under another answers.key')
  })

  test('where older answers of that time are no longer kept', async () => {
    const [end] = (await day.log.endOffsets(ANSWERS, [0])).values()
    day.log.expire(ANSWERS, 0, end! - 3)
    expect(gapsOf(await look())).toContain('no longer kept, in partition 0')
  })

  test('where the log of events has lost its beginning', async () => {
    day.log.expire(DAY_TOPIC, 1, 5)
    expect(gapsOf(await look())).toContain('The log of events has lost its beginning, in partition 1')
  })

  test('where the log of events was cut off', async () => {
    const [end] = (await day.log.endOffsets(DAY_TOPIC, [2])).values()
    day.log.truncate(DAY_TOPIC, 2, Math.floor(end! / 2))
    expect(gapsOf(await look())).toContain('made from events that the log does not hold any more')
  })

  test('where something in the topic is no answer', async () => {
    const [record] = (await day.log.read(ANSWERS, 3, 0, { maxBytes: 1e9 }))!.records.slice(-1)
    await day.log.append([{ topic: ANSWERS, partition: 3, key: record!.key, value: Buffer.from('{'), headers: [] }])
    expect(gapsOf(await look())).toContain('1 record cannot be read')
  })
})

test('answers that were made under another policy are told, and are no gap', async () => {
  const findings = await look({ signature: 'v:another' })
  const { gaps, remarks } = caveatsOf(findings, day.nowMs)
  expect(remarks.join('\n')).toContain('made under another policy, timezone or version')
  expect(gaps.join('\n')).not.toContain('not what the log says')
})

test('a gateway whose clock is an hour behind is told', async () => {
  expect(caveatsOf(await look(), day.nowMs).remarks).toContainEqual(
    "The clock of gateway gateway-1 is 3600 s behind the brokers': its answers count by theirs.",
  )
})

describe('a gateway that was killed', () => {
  const state = (seenAtMs: number, more = 0, findings = noFindings()) => ({
    recorder: 'gateway-0',
    numbered: findings.tally.highest('gateway-0') + more,
    seenAtMs,
  })

  test('is told, with the answers that are missing', async () => {
    const findings = await look()
    const open = [state(day.nowMs - 20_000, 3, findings)]
    const [gap] = recorderGaps({ nowMs: day.nowMs, open }, findings, day.nowMs - 48 * HOUR_MS)
    expect(gap).toMatch(/^Gateway gateway-0 ended at about .* without a word: 3 answers of it are missing, and/)
  })

  test('is not one that has just been heard of, nor one of long ago', async () => {
    const findings = await look()
    for (const seenAtMs of [day.nowMs - 3000, day.nowMs - 49 * HOUR_MS])
      expect(
        recorderGaps({ nowMs: day.nowMs, open: [state(seenAtMs, 0, findings)] }, findings, day.nowMs - 48 * HOUR_MS),
      ).toEqual([])
  })
})
