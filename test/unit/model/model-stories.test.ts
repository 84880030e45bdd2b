import { expect, test } from 'vitest'
import {
  type MoneyStory,
  moneyStories,
  type StoryAnswer,
  type StoryQuery,
  storyAnswerOf,
} from '../../golden/money-story.ts'
import { modelOf, type World } from '../../model/model.ts'

const worldOf = ({ events, policy }: MoneyStory): World => {
  const log = events.map((event, offset) => ({
    partition: 0,
    offset,
    timestampMs: Date.parse(event.time),
    key: Buffer.from('S-1'),
    value: Buffer.from(JSON.stringify(event)),
    headers: [],
  }))
  return modelOf(log, policy, { partitions: 1 })
}

const answered = (world: World, query: StoryQuery, day: string): StoryAnswer => {
  const found = world.lookUp(query, day)
  if (found.kind !== 'match') return { projection_answers: false, reason: found.kind }
  const enrolment = world.students.get('S-1')?.enrolments.find((one) => one.enrolment === found.enrolment)
  const answer = enrolment?.answer(day) ?? 'incoherent'
  if (answer === 'incoherent') return { projection_answers: false, reason: answer }
  return answer.status === 200 ? storyAnswerOf(answer.body) : { code: answer.code }
}

test.for(moneyStories().map((story) => [story.name, story] as const))('the model: %s', ([, story]) => {
  const world = worldOf(story)
  for (const { query, expect: expected } of story.asks) {
    expect(answered(world, query, story.asOf), story.rule).toEqual(expected)
  }
})
