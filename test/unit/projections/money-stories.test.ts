import { expect, test } from 'vitest'
import type { LogRecord } from '../../../consumers/ports/log.ts'
import { partitionOf } from '../../../consumers/ports/partition.ts'
import { findMatch } from '../../../projections/answers/lookup.ts'
import { calendarOf } from '../../../projections/values/calendar.ts'
import type { IsoDate } from '../../../projections/values/ids.ts'
import { type MoneyStory, moneyStories, type StoryAnswer, storyAnswerOf } from '../../golden/money-story.ts'
import { projectLog } from '../../support/project.ts'
import { asStudentId } from '../../support/tell.ts'

const none = (reason: string): StoryAnswer => ({ projection_answers: false, reason })

const answersTo = ({ events, policy, asOf, asks }: MoneyStory): StoryAnswer[] => {
  const noonMs = calendarOf(policy.timezone).startOf(asOf as IsoDate) + 12 * 3_600_000
  const log = events.map((event, offset): LogRecord => {
    const value = Buffer.from(JSON.stringify(event))
    const timestampMs = Date.parse(event.time)
    return { partition: partitionOf('S-1', 16), offset, timestampMs, key: Buffer.from('S-1'), value, headers: [] }
  })
  const { students } = projectLog(log, policy, policy.timezone, 'erp.student-events', 16, noonMs)
  return asks.map(({ query: { identifier, ...filter } }) => {
    const { suspect, enrolments } = students.get(identifier)!.answers
    if (suspect) return none('suspect')
    const match = findMatch([{ id: asStudentId(identifier), enrolments }], filter, 'all', noonMs)
    if (match.kind !== 'one') return none(match.kind)
    const { body, status } = match.phase
    if (body === null) return none('incoherent')
    return status === 'active'
      ? storyAnswerOf(body.toString())
      : { code: (JSON.parse(body.toString()) as { code: string }).code }
  })
}

const told = moneyStories()

test.for(told.map((story) => [story.name, story] as const))('the product: %s', ([, story]) => {
  expect(answersTo(story), story.rule).toEqual(story.asks.map((ask) => ask.expect))
})
