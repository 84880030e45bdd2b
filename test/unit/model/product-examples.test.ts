import { describe, expect, test } from 'vitest'
import { partitionOf } from '../../../consumers/ports/partition.ts'
import { calendarOf } from '../../../projections/values/calendar.ts'
import type { IsoDate } from '../../../projections/values/ids.ts'
import type { Example, Expected } from '../../golden/example.ts'
import { examples } from '../../golden/examples.ts'
import { projectLog } from '../../support/project.ts'

const TOPIC = 'erp.student-events'

type Body = {
  code?: string
  message?: string
  data?: {
    fee_components: { component_type: string; fee_amount: number }[]
    payment_schedule?: { due_date: string; details: { component_type: string; amount: number }[] }[]
  }
}

/** The product's answer for the example's enrolment, written as the table writes it. */
const told = ({ events, policy, asOf, of }: Example, expected: Expected): unknown => {
  const offsets = new Map<number, number>()
  const log = events.map((event) => {
    const { identifier } = (event.data as { student: { identifier: string | number } }).student
    const partition = partitionOf(String(identifier), 16)
    const offset = offsets.get(partition) ?? 0
    offsets.set(partition, offset + 1)
    const [key, value] = [Buffer.from(String(identifier)), Buffer.from(JSON.stringify(event))]
    return { partition, offset, timestampMs: Date.parse(event.time), key, value, headers: [] }
  })
  const noonMs = calendarOf(policy.timezone).startOf(asOf as IsoDate) + 12 * 3_600_000
  const student = projectLog(log, policy, policy.timezone, TOPIC, 16, noonMs).students.get('S-1')
  if (student?.answers.suspect) return 'suspect'
  const enrolment = student?.answers.enrolments.find(
    (one) =>
      one.collectorCode === of.collector_code && one.grade === of.grade && one.yearStart === of.academic_year_start,
  )
  if (!enrolment) return 'unknown'
  const { body, status } = enrolment.now
  if (body === null) return 'incoherent'
  const parsed = JSON.parse(body.toString()) as Body
  if (status !== 'active') {
    const wantsMessage = typeof expected === 'object' && 'message' in expected
    return { status: 422, code: parsed.code, ...(wantsMessage && { message: parsed.message }) }
  }
  const schedule = parsed.data?.payment_schedule?.map((entry) => [
    entry.due_date,
    ...entry.details.map(({ component_type, amount }) => [component_type, amount]),
  ])
  return {
    status: 200,
    fees: parsed.data?.fee_components.map(({ component_type, fee_amount }) => [component_type, fee_amount]),
    ...(schedule === undefined ? {} : { schedule }),
    ...(typeof expected === 'object' && 'body' in expected ? { body: body.toString() } : {}),
  }
}

describe('the product agrees with every hand-computed example', () => {
  test.for(examples.map((example) => [example.name, example] as const))('%s', ([, example]) => {
    expect(told(example, example.expect), example.rule).toEqual(example.expect)
  })
})
