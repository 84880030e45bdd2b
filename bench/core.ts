import { cpus } from 'node:os'
import { decode } from '../consumers/events/decode.ts'
import type { LogRecord, NewRecord } from '../consumers/ports/log.ts'
import { foldStudent } from '../consumers/projector/fold-student.ts'
import { encodeRecord } from '../consumers/stored/record.ts'
import { viewOf } from '../projections/answers/view.ts'
import { fold } from '../projections/sequence/fold.ts'
import type { IncomingRecord } from '../projections/sequence/incoming-record.ts'
import { encodeState } from '../projections/state/state.ts'
import { type Student, UNKNOWN_STUDENT } from '../projections/state/student.ts'
import { calendarOf } from '../projections/values/calendar.ts'
import type { StudentId } from '../projections/values/ids.ts'
import { world } from './world.ts'

/**
 * What one event costs the core: decode and validate, fold, render the answers; and beside it what storing adds, and
 * how much the most that may wait of one student takes. CPU of this process, no server: node bench/core.ts [--quick]
 */

const STUDENTS = 2000
const ROUNDS = process.argv.includes('--quick') ? 3 : 9
const POLICY = { balance_basis: 'net_of_direct', paid_instalments: 'omit' } as const
const calendar = calendarOf('Asia/Kolkata')
const rendering = { policy: POLICY, calendar }

type Step = 'decode and validate' | 'fold' | 'render' | 'store'
type Costs = Readonly<Record<Step, number>>

const recordOf = ({ partition, key, value, headers }: NewRecord, offset: number): LogRecord => ({
  ...{ partition, offset, key, value, headers },
  timestampMs: 1_780_000_000_000 + offset,
})

const microsOf = <T>(work: () => T): { readonly result: T; readonly micros: number } => {
  const before = process.cpuUsage()
  const result = work()
  const { user, system } = process.cpuUsage(before)
  return { result, micros: user + system }
}

type Decoded = { readonly id: StudentId; readonly arrival: IncomingRecord }

const decodedOf = (record: LogRecord): Decoded => {
  const decoded = decode(record)
  if (decoded.kind !== 'student' || decoded.content.kind !== 'event') throw new Error('the bench wrote a bad event')
  const { event } = decoded.content
  return { id: decoded.identifier, arrival: { kind: 'event', place: event.place, event, rerouted: false } }
}

/** Each student's next event in turn, from the states that the last turn left. */
const turn = (students: Map<StudentId, Student>, records: readonly LogRecord[]): Costs => {
  const decoded = microsOf(() => records.map(decodedOf))
  const folded = microsOf(() =>
    decoded.result.map(({ id, arrival }) => {
      const { student } = fold(students.get(id) ?? UNKNOWN_STUDENT, arrival, calendar)
      students.set(id, student)
      return { id, student }
    }),
  )
  const rendered = microsOf(() =>
    folded.result.map(({ id, student }) => ({ student, view: viewOf(student, id, rendering) })),
  )
  const stored = microsOf(() => rendered.result.map(({ student, view }) => encodeRecord(view, encodeState(student))))
  const perEvent = (micros: number): number => micros / records.length
  return {
    'decode and validate': perEvent(decoded.micros),
    fold: perEvent(folded.micros),
    render: perEvent(rendered.micros),
    store: perEvent(stored.micros),
  }
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!

const measure = (): Costs => {
  const school = world('bench', 1)
  const students = new Map<StudentId, Student>()
  let offset = 0
  const indexes = Array.from({ length: STUDENTS }, (_, index) => index)
  const records = (of: (index: number) => NewRecord[]): LogRecord[] =>
    indexes.flatMap(of).map((record) => {
      offset += 1
      return recordOf(record, offset)
    })
  turn(students, records(school.begin))
  for (let warm = 0; warm < 8; warm += 1)
    turn(
      students,
      records((index) => [school.live(index)]),
    )
  const rounds = Array.from({ length: ROUNDS }, () =>
    turn(
      students,
      records((index) => [school.live(index)]),
    ),
  )
  const of = (step: Step): number => median(rounds.map((costs) => costs[step]))
  return {
    'decode and validate': of('decode and validate'),
    fold: of('fold'),
    render: of('render'),
    store: of('store'),
  }
}

/** As many events as may wait of one student, all early: the bytes of its record, before and after, and of the events. */
const waiting = (): { readonly record: number; readonly events: number; readonly full: number } => {
  const school = world('bench', 2)
  const begun = school.begin(4).map((record, index) => recordOf(record, index))
  school.live(4)
  const early = Array.from({ length: 400 }, (_, index) => recordOf(school.live(4), 10 + index))
  const bytesOf = (records: readonly LogRecord[]): number => {
    const items = records.flatMap((record) => {
      const decoded = decode(record)
      return decoded.kind === 'student' ? [{ content: decoded.content, rerouted: false }] : []
    })
    return foldStudent({ identifier: 'S' as StudentId, items }, null, rendering).record.length
  }
  const events = early.slice(0, 256).reduce((sum, { value }) => sum + value!.length, 0)
  return { record: bytesOf(begun), events, full: bytesOf([...begun, ...early]) }
}

const costs = measure()
const held = waiting()
const total = costs['decode and validate'] + costs.fold + costs.render
const row = (name: string, micros: number): string => `| ${name} | ${micros.toFixed(1)} |`
const kib = (bytes: number): string => `${(bytes / 1024).toFixed(1)} KiB`

console.log(`${cpus()[0]?.model ?? 'unknown CPU'}, Node ${process.version}, ${STUDENTS} students, median of ${ROUNDS} rounds

| step of one event | µs of CPU |
|---|---|
${(['decode and validate', 'fold', 'render'] as const).map((step) => row(step, costs[step])).join('\n')}
${row('**the core in all**', total)}
${row('beside it: state and record as stored bytes', costs.store)}

The record of a student of whom nothing waits has ${kib(held.record)}; with the 256 that may wait, of 400 that came early,
${kib(held.full)} for ${kib(held.events)} of events.`)
