import { describe, expect, test } from 'vitest'
import { type EventType, eventData } from '../../../../projections/events/event.ts'
import { MAX_PROBLEMS } from '../../../../projections/events/list.ts'
import { STUDENT, say, snapshot } from '../../../golden/said.ts'

/** A list that counts how often one of its elements is read. */
const counted = (element: unknown, length = 300_000) => {
  const reads = { count: 0 }
  const list = new Proxy(Array(length).fill(element), {
    get: (target, name) => {
      if (typeof name === 'string' && /^\d+$/.test(name)) reads.count += 1
      return Reflect.get(target, name)
    },
  })
  return { list, reads }
}

const listing = (list: unknown, field: string) => snapshot({ grade: '5', [field]: list })
const payment = { payment_id: 'p', amount: 1, paid_on: '2026-06-01' }

/** Every list that an event may hold, with the most elements of it that are read when each is wrong. */
const LISTS: readonly (readonly [
  name: string,
  most: number,
  event: (list: unknown) => { readonly type: string; readonly data?: unknown },
])[] = [
  ['fee_components', MAX_PROBLEMS, (list) => say('erp.fees.assessed.v1', { fee_components: list })],
  ['allocations', MAX_PROBLEMS, (list) => say('erp.payment.recorded.v1', { ...payment, allocations: list })],
  ['payment_schedule', MAX_PROBLEMS, (list) => say('erp.schedule.set.v1', { payment_schedule: list })],
  ['details', MAX_PROBLEMS, (list) => say('erp.schedule.set.v1', { payment_schedule: [{ details: list }] })],
  ['changes', 0, (list) => say('erp.student.changed.v1', { changes: list })],
  ['enrolments', MAX_PROBLEMS, (list) => ({ ...snapshot(), data: { student: STUDENT, enrolments: list } })],
  ['replaces', 0, (list) => ({ ...snapshot(), data: { student: STUDENT, enrolments: [], replaces: list } })],
  ['fee_components of a snapshot', MAX_PROBLEMS, (list) => listing(list, 'fee_components')],
  ['discounts of a snapshot', MAX_PROBLEMS, (list) => listing(list, 'discounts')],
  ['charges of a snapshot', MAX_PROBLEMS, (list) => listing(list, 'charges')],
  ['payments of a snapshot', MAX_PROBLEMS, (list) => listing(list, 'payments')],
  ['payment_schedule of a snapshot', MAX_PROBLEMS, (list) => listing(list, 'payment_schedule')],
]

describe('a list of wrong elements', () => {
  test.each(LISTS)('%s is read for at most %i elements', (_, most, event) => {
    const { list, reads } = counted({})
    const { type, data } = event(list)
    const parsed = eventData[type as EventType].safeParse(data)
    expect(parsed.success).toBe(false)
    expect(reads.count).toBeLessThanOrEqual(most)
    expect(parsed.error!.issues.length).toBeLessThanOrEqual(2 * MAX_PROBLEMS)
  })

  test('in each element of another list stops both', () => {
    const { list, reads } = counted({ due_date: '2026-06-01', details: Array(300).fill(0) })
    const { success, error } = eventData['erp.schedule.set.v1'].safeParse({ student: STUDENT, payment_schedule: list })
    expect(success).toBe(false)
    expect(reads.count).toBe(1)
    expect(error!.issues).toHaveLength(MAX_PROBLEMS)
  })

  test('that repeat one name is told of a hundred times', () => {
    const same = Array(1000).fill({ component_type: 'A', amount: 1 })
    const { error } = eventData['erp.fees.assessed.v1'].safeParse({ student: STUDENT, fee_components: same })
    expect(error!.issues.map(({ path }) => path.join('/'))).toEqual(
      Array.from({ length: MAX_PROBLEMS }, (_, index) => `fee_components/${index + 1}/component_type`),
    )
  })
})

test('a list of another length than it may have is told of alone', () => {
  const problems = (data: object): string[] =>
    eventData['erp.student.changed.v1']
      .safeParse({ student: STUDENT, ...data })
      .error!.issues.map((issue) => issue.message)
  expect(problems({ changes: [] })).toEqual(['must not be empty'])
  expect(problems({ changes: Array(65).fill({}) })).toEqual(['must be at most 64'])
})

test('a good list is read to its end, however long', () => {
  const components = Array.from({ length: 20_000 }, (_, index) => ({ component_type: index, amount: 1 }))
  const { data } = eventData['erp.fees.assessed.v1'].safeParse({ student: STUDENT, fee_components: components })
  expect(data?.fee_components).toHaveLength(20_000)
  expect(data?.fee_components.at(-1)).toEqual({ component_type: '19999', amount: 100 })
})
