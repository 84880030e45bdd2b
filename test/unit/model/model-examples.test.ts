import { describe, expect, test } from 'vitest'
import type { Example, Expected } from '../../golden/example.ts'
import { examples } from '../../golden/examples.ts'
import type { Answer } from '../../model/answer.ts'
import { modelOf } from '../../model/model.ts'
import { partitionOf } from '../../model/murmur2.ts'

const given = ({ events, policy, asOf, of }: Example): Answer | 'suspect' | 'unknown' => {
  const offsets = new Map<number, number>()
  const log = events.map((event) => {
    const { identifier } = (event.data as { student: { identifier: string | number } }).student
    const partition = partitionOf(String(identifier), 16)
    const offset = offsets.get(partition) ?? 0
    offsets.set(partition, offset + 1)
    const [key, value] = [Buffer.from(String(identifier)), Buffer.from(JSON.stringify(event))]
    return { partition, offset, timestampMs: Date.parse(event.time), key, value, headers: [] }
  })
  const student = modelOf(log, policy).students.get('S-1')
  if (student?.suspect) return 'suspect'
  const enrolment = student?.enrolments.find(
    (one) =>
      one.collectorCode === of.collector_code &&
      one.grade === of.grade &&
      one.academicYearStart === of.academic_year_start,
  )
  return enrolment?.answer(asOf) ?? 'unknown'
}

type Body = {
  data: {
    fee_components: { component_type: string; fee_amount: number }[]
    payment_schedule?: { due_date: string; details: { component_type: string; amount: number }[] }[]
  }
}

/** An answer as the table writes it. */
const told = (answer: ReturnType<typeof given>, expected: Expected): unknown => {
  if (typeof answer === 'string' || answer.status === 422) return answer
  const { fee_components, payment_schedule } = (JSON.parse(answer.body) as Body).data
  const schedule = payment_schedule?.map((entry) => [
    entry.due_date,
    ...entry.details.map(({ component_type, amount }) => [component_type, amount]),
  ])
  return {
    status: 200,
    fees: fee_components.map(({ component_type, fee_amount }) => [component_type, fee_amount]),
    ...(schedule === undefined ? {} : { schedule }),
    ...(typeof expected === 'object' && 'body' in expected ? { body: answer.body } : {}),
  }
}

describe('the reference model agrees with every hand-computed example', () => {
  test.for(examples.map((example) => [example.name, example] as const))('%s', ([, example]) => {
    expect(told(given(example), example.expect), example.rule).toEqual(example.expect)
  })

  test('there are at least two hundred, and each has its own name', () => {
    expect(examples.length).toBeGreaterThanOrEqual(200)
    expect(new Set(examples.map((example) => example.name)).size).toBe(examples.length)
  })
})
