import { type Answer, answerOf, type Standing, standingOn } from './answer.ts'
import { decode } from './decode.ts'
import { type Found, lookUp, type Query } from './lookup.ts'
import { partitionOf } from './murmur2.ts'
import { decide } from './operator.ts'
import { arrive, arriveBad } from './order.ts'
import { doubts, type Letter, newStudent, type Student } from './student.ts'
import type { Decoded, DetailFamily, Enrolment, LogRecord, Outcome, Policy, Reason } from './types.ts'

export type EnrolmentView = {
  readonly collectorCode: string | null
  readonly grade: string
  readonly academicYearStart: string
  readonly enrolment: Enrolment
  readonly standing: (day: string) => Standing
  readonly answer: (day: string) => Answer
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
}

export type World = {
  readonly students: ReadonlyMap<string, StudentView>
  readonly deadLetters: readonly DeadLetter[]
  /** By "partition:offset". A held event that applies later has two outcomes, as it is counted. */
  readonly outcomes: ReadonlyMap<string, readonly Outcome[]>
  readonly lookUp: (query: Query, day: string) => Found
}

const REROUTED_FROM = 'pullgate-rerouted-from'

/** The whole log in, everything that can be known from it out. Records of one partition must come in its order. */
export const modelOf = (log: readonly LogRecord[], policy: Policy, partitions = 16): World => {
  const students = new Map<string, Student>()
  const homeless: Letter[] = []
  const outcomes = new Map<string, Outcome[]>()
  const rerouted = new Set<string>()

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
    if (partitionOf(identifier, partitions) !== record.partition) {
      tell('misrouted')
      return
    }
    const origin = record.headers.findLast(([name]) => name === REROUTED_FROM)?.[1]?.toString()
    if (origin !== undefined) {
      if (rerouted.has(origin)) {
        tell('duplicate')
        return
      }
      rerouted.add(origin)
    }
    const student = studentOf(identifier)
    if (decoded.kind === 'bad') arriveBad(student, decoded, record, tell, policy.timezone)
    else arrive(student, { event: decoded, record, rerouted: origin !== undefined, arrival, tell }, policy.timezone)
  })

  return {
    students: new Map([...students].map(([identifier, student]) => [identifier, viewOf(student, policy)])),
    deadLetters: [...homeless, ...[...students.values()].flatMap((student) => student.letters)].map(describe),
    outcomes,
    lookUp: (query, day) => lookUp([...students.values()], query, day, policy.timezone),
  }
}

/** The student that a record is about, or null where it is about none. */
export const studentNamed = (decoded: Decoded): string | null =>
  decoded.kind === 'event' || decoded.kind === 'bad' ? decoded.student : null

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
  })),
})

const describe = ({ record, reason, family, student, settled }: Letter): DeadLetter => ({
  partition: record.partition,
  offset: record.offset,
  reason,
  detailFamily: family,
  identifier: student,
  settled,
})
