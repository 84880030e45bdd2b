import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { LogRecord } from '../../../consumers/ports/log.ts'
import { partitionOf } from '../../../consumers/ports/partition.ts'
import { type EnrolmentFilter, findMatch } from '../../../projections/answers/lookup.ts'
import { calendarOf } from '../../../projections/values/calendar.ts'
import type { IsoDate } from '../../../projections/values/ids.ts'
import { enrolled, STUDENT } from '../../golden/said.ts'
import { projectLog } from '../../support/project.ts'
import { asStudentId } from '../../support/tell.ts'

/** Every example of docs/publishing/money.md, read out of the page. */

type Event = { readonly type: string; readonly data: { readonly student?: { identifier: string | number } } }
type Answer = {
  readonly ask?: EnrolmentFilter & { identifier?: string }
  readonly day?: string
  readonly before: unknown
  readonly after: unknown
}
type Line = { readonly before?: unknown; readonly then?: Event; readonly answer?: Answer }

const page = readFileSync(new URL('../../../docs/publishing/money.md', import.meta.url), 'utf8')
const recipes = page
  .split(/^## /m)
  .slice(1)
  .map((section) => ({
    title: section.slice(0, section.indexOf('\n')),
    lines: (/```jsonl\n([\s\S]*?)```/.exec(section)?.[1] ?? '')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Line),
    trap: section.slice(section.lastIndexOf('```') + 3).trim(),
  }))

const TIMEZONE = 'Asia/Kolkata'
const POLICY = { balance_basis: 'net_of_direct', paid_instalments: 'omit' } as const

const recordsOf = (events: readonly Event[]): readonly LogRecord[] =>
  events.map((event, offset) => {
    const { student } = event.data
    const data = { student: student ?? STUDENT, ...event.data }
    const time = `2026-06-01T09:${String(offset).padStart(2, '0')}:00+05:30`
    const whole = { specversion: '1.0', id: `e${offset}`, source: '/erp/main', time, ...event, data }
    const key = String(data.student.identifier)
    const value = Buffer.from(JSON.stringify(whole))
    return {
      partition: partitionOf(key, 16),
      offset,
      timestampMs: Date.parse(whole.time),
      key: Buffer.from(key),
      value,
      headers: [],
    }
  })

const answerTo = (events: readonly Event[], { ask = {}, day = '2026-06-15' }: Answer): unknown => {
  const noonMs = calendarOf(TIMEZONE).startOf(day as IsoDate) + 12 * 3_600_000
  const { students } = projectLog(recordsOf(events), POLICY, TIMEZONE, 'erp.student-events', 16, noonMs)
  const { identifier = 'S-1', ...filter } = ask
  const answers = students.get(identifier)?.answers
  if (!answers) return 'unknown'
  if (answers.suspect) return 'suspect'
  const match = findMatch([{ id: asStudentId(identifier), enrolments: answers.enrolments }], filter, 'all', noonMs)
  if (match.kind !== 'one') return match.kind === 'none' ? 'unknown' : match.kind
  if (match.phase.body === null) return 'incoherent'
  const { code, data } = JSON.parse(match.phase.body.toString()) as {
    readonly code?: string
    readonly data: { fee_components: { component_type: string; fee_amount: number }[] }
  }
  return code ?? Object.fromEntries(data.fee_components.map((fee) => [fee.component_type, fee.fee_amount]))
}

test('the page has a recipe for everything that was asked for, each with examples and its trap', () => {
  expect(recipes.length).toBeGreaterThanOrEqual(25)
  for (const { title, lines, trap } of recipes) {
    expect(
      lines.some(({ then }) => then),
      title,
    ).toBe(true)
    expect(
      lines.some(({ answer }) => answer),
      title,
    ).toBe(true)
    expect(trap.length, title).toBeGreaterThan(20)
  }
})

test.for(recipes.map((recipe) => [recipe.title, recipe] as const))('%s', ([, { lines }]) => {
  const before = [
    enrolled() as Event,
    ...lines.flatMap((line) => (line.then || line.answer ? [] : [line.before as Event])),
  ]
  const after = [...before, ...lines.flatMap(({ then }) => then ?? [])]
  for (const { answer } of lines) {
    if (!answer) continue
    expect(answerTo(before, answer), `before: ${JSON.stringify(answer)}`).toEqual(answer.before)
    expect(answerTo(after, answer), `after: ${JSON.stringify(answer)}`).toEqual(answer.after)
  }
})
