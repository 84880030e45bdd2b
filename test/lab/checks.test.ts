import { describe, expect, test } from 'vitest'
import type { LogRecord, NewRecord } from '../../consumers/ports/log.ts'
import { reroutedCopy } from '../../consumers/rerouting/reroute.ts'
import { calendarOf } from '../../projections/values/calendar.ts'
import type { StudentId } from '../../projections/values/ids.ts'
import { publisher } from '../support/school.ts'
import { faultOf, type Seen } from './checks/answers.ts'
import { customFaultOf, dueByCustom, type SeenByCustom } from './checks/custom-answers.ts'
import { againstModel } from './checks/model.ts'
import { letterFaults } from './checks/projection.ts'
import { misplaced, truthOf } from './checks/truth.ts'

const TOPIC = 'events'
const POLICY = { balance_basis: 'outstanding', paid_instalments: 'zero' } as const
const RENDERING = { policy: POLICY, calendar: calendarOf('Asia/Kolkata') }
const ID = 'S-1' as StudentId

const laid = (...partitions: readonly (readonly NewRecord[])[]): LogRecord[][] =>
  partitions.map((records, partition) =>
    records.map((record, offset) => ({ ...record, partition, offset, timestampMs: record.timestampMs ?? offset })),
  )

const school = publisher(TOPIC, 1)
const history = laid([
  school.enrolled(ID),
  school.assessed(ID, 100),
  school.feeChanged(ID, 200),
  school.event(ID, 'erp.fee.changed.v1', { component_type: 'TUITION', amount: -1 }),
])
const truth = truthOf(history, TOPIC, RENDERING, 'log')
const bodyAt = (next: number): Buffer =>
  truth.versions.get(ID)!.find((version) => version.next === next)!.answers.enrolments[0]!.now.body!

const seen = (required: number, reach: number, result: Partial<Seen['result']>): Seen => ({
  identifier: ID,
  query: { identifier: ID },
  askedMs: Date.parse('2026-06-15T06:30:00Z'),
  required,
  reach,
  strays: [],
  result: { kind: 'answer', status: 200, source: 'projection', ...result },
})

describe('the checker of answers', () => {
  test('passes an answer of any moment between what was required and what there was', () => {
    expect(faultOf(truth, seen(2, 3, { body: bodyAt(2) }))).toBeNull()
    expect(faultOf(truth, seen(2, 3, { body: bodyAt(3) }))).toBeNull()
  })

  test('calls an answer that lacks what was acknowledged stale', () => {
    expect(faultOf(truth, seen(3, 3, { body: bodyAt(2) }))).toMatch(/^stale/)
  })

  test('calls an answer of no moment wrong, and one for a suspect student', () => {
    expect(faultOf(truth, seen(2, 3, { body: '{"status":"success"}' }))).toMatch(/^wrong/)
    expect(faultOf(truth, seen(4, 4, { body: bodyAt(3) }))).toBe('wrong: answered for a suspect student')
  })

  test('calls it wrong that a known student is unknown, and passes what is not said to be fresh', () => {
    const unknown = { status: 422, body: '{"code":"student_not_found"}' }
    expect(faultOf(truth, seen(2, 3, { ...unknown, reason: 'miss' }))).toMatch(/^wrong/)
    expect(faultOf(truth, seen(0, 0, { ...unknown, reason: 'miss' }))).toBeNull()
    expect(faultOf(truth, seen(3, 3, { body: bodyAt(2), source: 'last-known-good' }))).toBeNull()
  })

  test('asks for a publisher that is alive, of the branch that is answered for', () => {
    const heard = seen(2, 3, { body: bodyAt(2) })
    const branch = truth.versions.get(ID)!.at(-1)!.answers.enrolments[0]!.collectorCode!
    expect(faultOf(truth, { ...heard, silent: ['another'] })).toBeNull()
    expect(faultOf(truth, { ...heard, silent: [branch] })).toMatch(/^stale/)
    const unknown = seen(0, 0, { status: 422, body: '{"code":"student_not_found"}', reason: 'miss' })
    expect(faultOf(truth, { ...unknown, silent: ['another'] })).toMatch(/^stale/)
  })

  test('asks for the strays that were acknowledged', () => {
    expect(faultOf(truth, { ...seen(2, 3, { body: bodyAt(2) }), strays: ['7/0'] })).toMatch(/^stale/)
  })
})

describe('the checker of answers by custom identifier', () => {
  const other = publisher(TOPIC, 1)
  const bearing = (id: string) => other.event(id, 'erp.student.updated.v1', { custom_identifier: 'X' })
  const two = laid([
    other.enrolled('S-1'),
    other.assessed('S-1', 100),
    bearing('S-1'),
    other.enrolled('S-2'),
    bearing('S-2'),
  ])
  const both = truthOf(two, TOPIC, RENDERING, 'log')
  const one = both.versions.get(ID)!.at(-1)!.answers.enrolments[0]!.now.body!
  const asked = (required: number, reach: number, result: Partial<SeenByCustom['result']>): SeenByCustom => ({
    query: { custom_identifier: 'X' },
    askedMs: Date.parse('2026-06-15T06:30:00Z'),
    required: [required],
    reach: [reach],
    misrouting: [],
    result: { kind: 'answer', status: 200, source: 'projection', ...result },
  })

  test('passes an answer that one moment of every bearer gives', () => {
    expect(customFaultOf(both, asked(3, 5, { body: one }))).toBeNull()
    expect(customFaultOf(both, asked(5, 5, { body: one }))).toMatch(/^wrong/)
    expect(customFaultOf(both, asked(3, 5, { body: '{}' }))).toMatch(/^wrong/)
  })

  test('calls it wrong that nobody is said to bear it, and knows what is due', () => {
    const unknown = { status: 422, body: '{"code":"student_not_found"}', reason: 'miss' }
    expect(customFaultOf(both, asked(2, 5, unknown))).toBeNull()
    expect(customFaultOf(both, asked(3, 5, unknown))).toMatch(/^wrong/)
    expect(dueByCustom(both, { custom_identifier: 'X' }, 0)).toBeNull()
  })
})

describe('the checkers of the end', () => {
  test('miss a stray that was never moved, and see one that was', () => {
    const two = publisher(TOPIC, 2)
    const [home, away] = two.enrolled('S-2').partition === 0 ? [0, 1] : [1, 0]
    const stray = two.enrolled('S-2')
    const lay = (moved: readonly NewRecord[]) => laid(...(home === 0 ? [moved, [stray]] : [[stray], moved]))
    expect(misplaced(truthOf(lay([]), TOPIC, RENDERING, 'log'))).toEqual([
      `lost: the stray ${away}:0 was never applied where it belongs`,
    ])
    const copy = reroutedCopy({ topic: TOPIC, id: 'log' }, lay([])[away]![0]!, 'S-2' as StudentId, home)
    expect(misplaced(truthOf(lay([copy]), TOPIC, RENDERING, 'log'))).toEqual([])
  })

  test('know a dead letter that is missing, and one that is too many', () => {
    expect([...truth.letters]).toEqual(['0:3 poison'])
    expect(letterFaults(truth, new Set())).toEqual(['lost: the dead letter 0:3 poison'])
    expect(letterFaults(truth, new Set(['0:3 poison', '0:1 conflict']))).toEqual(['wrong: a dead letter 0:1 conflict'])
  })

  test('hear the independent model contradict', () => {
    const policy = { ...POLICY, timezone: 'Asia/Kolkata' }
    expect(againstModel(truth, policy)).toEqual([])
    expect(againstModel({ ...truth, versions: new Map(), letters: new Set() }, policy)).toHaveLength(2)
  })

  test('give the model the topic, so that a copy that names it counts as one', () => {
    const two = publisher(TOPIC, 2)
    const unnumbered = (record: NewRecord): NewRecord => {
      const { sequence: _, ...event } = JSON.parse(Buffer.from(record.value!).toString()) as Record<string, unknown>
      return { ...record, value: Buffer.from(JSON.stringify(event)) }
    }
    const [enrolled, assessed, stray] = [two.enrolled(ID), two.assessed(ID, 100), two.feeChanged(ID, 200)].map(
      unnumbered,
    )
    const home = enrolled!.partition
    const lay = (copies: readonly NewRecord[]): LogRecord[][] => {
      const atHome = [enrolled!, assessed!, ...copies]
      return home === 0 ? laid(atHome, [stray!]) : laid([stray!], atHome)
    }
    const original = lay([])[1 - home]![0]!
    const moved = truthOf(lay([reroutedCopy({ topic: TOPIC, id: 'log' }, original, ID, home)]), TOPIC, RENDERING, 'log')
    expect([...moved.letters]).toEqual([`${home}:2 conflict`])
    expect(againstModel(moved, { ...POLICY, timezone: 'Asia/Kolkata' })).toEqual([])
  })

  test('ask the model for the day of the answers, whatever day it is', () => {
    const charge = { charge_id: 'C', component_type: 'TUITION', amount: 5, due_date: '2020-07-01' }
    const charged = publisher(TOPIC, 1)
    const log = laid([
      charged.enrolled(ID),
      charged.assessed(ID, 100),
      charged.event(ID, 'erp.charge.added.v1', { ...charge, effective_on: '2020-06-01' }),
    ])
    for (const day of ['2020-05-31', '2020-06-01'])
      expect(
        againstModel(truthOf(log, TOPIC, RENDERING, 'log', Date.parse(`${day}T12:00:00+05:30`)), {
          ...POLICY,
          timezone: 'Asia/Kolkata',
        }),
      ).toEqual([])
  })
})
