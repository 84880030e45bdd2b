import { type Answer, answerOf, type Wanting, wantingOn } from './answer.ts'
import { decode, studentNamed } from './decode.ts'
import { type Found, lookUp, type Query } from './lookup.ts'
import { partitionOf } from './murmur2.ts'
import { decide } from './operator.ts'
import { arrive, arriveBad } from './order.ts'
import { originsIn, type Topic } from './rerouted.ts'
import { type Standing, standingOn } from './standing.ts'
import { doubts, type Letter, newStudent, type Student } from './student.ts'
import type { DetailFamily, Enrolment, LogRecord, Outcome, Policy, Reason } from './types.ts'

export type EnrolmentView = {
  readonly collectorCode: string | null
  readonly grade: string
  readonly academicYearStart: string
  readonly enrolment: Enrolment
  readonly standing: (day: string) => Standing
  readonly answer: (day: string) => Answer
  readonly wanting: (day: string) => readonly Wanting[]
}

export type StudentView = {
  readonly identifier: string
  readonly suspect: boolean
  readonly why: readonly string[]
  readonly enrolments: readonly EnrolmentView[]
}

export type DeadLetter = {
  readonly partition: number
  readonly offset: number
  readonly reason: Reason
  readonly detailFamily: DetailFamily
  readonly identifier: string | null
  readonly settled: boolean
  /** False for one of a flood, of which no rule knows. */
  readonly isCounted: boolean
}

export type World = {
  readonly students: ReadonlyMap<string, StudentView>
  readonly deadLetters: readonly DeadLetter[]
  /** By "partition:offset". A held event that applies later has two outcomes, as it is counted. */
  readonly outcomes: ReadonlyMap<string, readonly Outcome[]>
  readonly lookUp: (query: Query, day: string) => Found
}

const TOPIC: Topic = { name: 'erp.student-events', id: 'this-log', partitions: 16 }

/** The whole log in, everything that can be known from it out. Records of one partition must come in its order. */
export const modelOf = (log: readonly LogRecord[], policy: Policy, given: Partial<Topic> = {}): World => {
  const topic = { ...TOPIC, ...given }
  const students = new Map<string, Student>()
  const homeless: Letter[] = []
  const outcomes = new Map<string, Outcome[]>()
  const rerouted = new Set<string>()
  const originOf = originsIn(log, topic)

  const studentOf = (identifier: string): Student => {
    const student = students.get(identifier) ?? newStudent(identifier)
    students.set(identifier, student)
    return student
  }

  log.forEach((record, arrival) => {
    const told: Outcome[] = []
    outcomes.set(`${record.partition}:${record.offset}`, told)
    const tell = (outcome: Outcome) => void told.push(outcome)
    if (record.decision !== undefined) {
      decide(studentOf(record.decision.identifier), record.decision, arrival, policy.timezone)
      tell('applied')
      return
    }
    const decoded = decode(record)
    const identifier = studentNamed(decoded)
    if (decoded.kind === 'tombstone' || decoded.kind === 'foreign') {
      tell('ignored')
      return
    }
    if (decoded.kind === 'heartbeat') {
      tell('applied')
      return
    }
    if (identifier === null) {
      if (decoded.kind === 'bad') homeless.push({ ...decoded, record, reason: 'poison', settled: false, tell })
      tell('poison')
      return
    }
    if (partitionOf(identifier, topic.partitions) !== record.partition) {
      tell('misrouted')
      return
    }
    const origin = originOf(record)
    if (origin !== null) {
      if (rerouted.has(origin)) {
        tell('duplicate')
        return
      }
      rerouted.add(origin)
    }
    const student = studentOf(identifier)
    if (decoded.kind === 'bad') arriveBad(student, decoded, record, tell, policy.timezone)
    else arrive(student, { event: decoded, record, rerouted: origin !== null, arrival, tell }, policy.timezone)
  })

  return {
    students: new Map([...students].map(([identifier, student]) => [identifier, viewOf(student, policy)])),
    deadLetters: [
      ...[...homeless, ...[...students.values()].flatMap(({ letters }) => letters)].map((one) => describe(one, true)),
      ...[...students.values()].flatMap(({ uncounted }) => uncounted).map((one) => describe(one, false)),
    ],
    outcomes,
    lookUp: (query, day) => lookUp([...students.values()], query, day, policy),
  }
}

const viewOf = (student: Student, policy: Policy): StudentView => ({
  identifier: student.identifier,
  suspect: doubts(student).length > 0,
  why: doubts(student),
  enrolments: [...student.enrolments.values()].map((enrolment) => ({
    collectorCode: enrolment.place.branch,
    grade: enrolment.place.grade,
    academicYearStart: enrolment.place.yearStart,
    enrolment,
    standing: (day) => standingOn(enrolment, day),
    answer: (day) => answerOf(student.identifier, enrolment, policy, day),
    wanting: (day) => wantingOn(enrolment, day),
  })),
})

const describe = ({ record, reason, family, student, settled }: Letter, isCounted: boolean): DeadLetter => ({
  partition: record.partition,
  offset: record.offset,
  reason,
  detailFamily: family,
  identifier: student,
  settled,
  isCounted,
})
