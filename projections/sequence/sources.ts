import { type SourceState, type Student, sourceOf } from '../state/student.ts'
import type { Instant } from '../values/ids.ts'
import { later } from '../values/moment.ts'

/** The sources of a student, of which there is room for so many. */
export const MAX_SOURCES = 64

/** A snapshot still admits its source; the least needed of the admitted sources is forgotten. */
const MAX_ADMITTED = 2 * MAX_SOURCES

/** Whether an event of that source may count: it is one of the student's sources, or can become one. */
export const hasRoomFor = (student: Student, source: string): boolean =>
  student.sources.has(source) || student.sources.size < MAX_SOURCES

/** Of a source that there is no room for nothing is kept. One that is new to the student gets its id. */
export const changeSource = (
  student: Student,
  source: string,
  change: (state: SourceState) => SourceState,
): Student => {
  if (!hasRoomFor(student, source)) return student
  const state = sourceOf(student, source)
  const next = change(state)
  return next === state && student.sources.has(source) ? student : withSource(student, source, next)
}

const withSource = (student: Student, source: string, state: SourceState): Student => {
  if (student.sources.has(source)) return { ...student, sources: new Map(student.sources).set(source, state) }
  const sources = new Map(student.sources).set(source, { ...state, id: student.nextSourceId })
  return { ...student, sources, nextSourceId: student.nextSourceId + 1 }
}

/** The source of a snapshot becomes one of the student's sources. */
export const admit = (student: Student, source: string): Student => {
  if (student.sources.has(source)) return student
  const room = student.sources.size < MAX_ADMITTED ? student : withoutOneSource(student)
  return withSource(room, source, sourceOf(room, source))
}

/** The oldest that has nothing open, and that no enrolment belongs to if there is one. */
const withoutOneSource = (student: Student): Student => {
  const open = new Set([
    ...student.waiting.map(({ event }) => event.envelope.source),
    ...student.letters.flatMap((letter) => (letter.settled ? [] : [letter.source])),
    ...student.floods.map(({ source }) => source),
  ])
  const owners = new Set(student.enrolments.map(({ owner }) => owner))
  const idle = [...student.sources.keys()].filter((name) => !open.has(name))
  const forgotten = idle.find((name) => !owners.has(name)) ?? idle[0]
  if (forgotten === undefined) return student
  const { newest, forgottenAt } = sourceOf(student, forgotten)
  const sources = new Map([...student.sources].filter(([name]) => name !== forgotten))
  const ends = [newest?.at ?? null, forgottenAt].filter((at): at is Instant => at !== null)
  return {
    ...student,
    sources,
    sourcesForgottenAt: ends.reduce<Instant | null>((last, at) => later(at, last), student.sourcesForgottenAt),
  }
}
