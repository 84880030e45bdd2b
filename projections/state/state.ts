import type { LogPosition } from '../events/event.ts'
import { packMoment, unpackMoment } from '../values/moment.ts'
import type { LiveStudent, Resting } from './live-student.ts'
import { join, split } from './resting.ts'
import { decodeEnrolment, encodeEnrolment, type StoredEnrolment } from './stored-enrolment.ts'
import { decodeFlood, encodeFlood, type StoredFlood } from './stored-flood.ts'
import { decodeLetter, encodeLetter, type StoredLetter } from './stored-letter.ts'
import { collectWords } from './stored-money.ts'
import { decodeNewest, encodeNewest, type StoredNewest } from './stored-newest.ts'
import { decodeSource, encodeSource, type StoredSource } from './stored-source.ts'
import { decodeWaiting, encodeWaiting, type StoredWaiting } from './stored-waiting.ts'
import type { Student } from './student.ts'

/**
 * The stored form of a folded student: one line of JSON, the seen events unchanged, then the resting enrolments if any.
 * The layout belongs to the fold's version: a change of either raises `FOLD_VERSION`. A projection of another version
 * is rebuilt from the log, never read.
 */
export const FOLD_VERSION = 10

type StoredState = {
  readonly c: readonly string[]
  readonly e: readonly StoredEnrolment[]
  readonly s: readonly StoredSource[]
  readonly w: readonly StoredWaiting[]
  readonly l: readonly StoredLetter[]
  readonly n: number
  readonly x: 0 | 1
  readonly p: readonly [partition: number, offset: number] | null
  readonly o: number
  readonly h: number
  readonly y: readonly StoredNewest[]
  readonly i: number
  readonly r: readonly string[]
  readonly a: string | null
  /** The places of `e` and `y` among all, where some rest. */
  readonly q?: readonly [enrolments: readonly number[], newest: readonly number[]]
  readonly f: readonly StoredFlood[]
  readonly g: string | null
}

/** What rests, with words of its own. */
type StoredResting = Pick<StoredState, 'c' | 'e' | 'y'>

/** Two lines: the student without its resting enrolments, and the seen events. */
export const encodeLive = ({ student, places }: LiveStudent): string => {
  const words = collectWords()
  const enrolments = student.enrolments.map((enrolment) => encodeEnrolment(enrolment, words))
  const stored: StoredState = {
    c: words.list,
    e: enrolments,
    s: Array.from(student.sources, encodeSource),
    w: student.waiting.map(encodeWaiting),
    l: student.letters.map(encodeLetter),
    n: student.seen.count,
    x: student.erased ? 1 : 0,
    p: student.last && [student.last.partition, student.last.offset],
    o: student.leavings,
    h: student.changes,
    y: student.newest.map((newest) => encodeNewest(newest, words)),
    i: student.nextSourceId,
    r: student.replaced,
    a: student.renewedAt && packMoment(student.renewedAt),
    ...(places && { q: [places.enrolments, places.newest] as const }),
    f: student.floods.map(encodeFlood),
    g: student.sourcesForgottenAt && packMoment(student.sourcesForgottenAt),
  }
  return `${JSON.stringify(stored)}\n${student.seen.text}`
}

export const decodeLive = (text: string): LiveStudent => {
  const end = text.indexOf('\n')
  const stored = JSON.parse(text.slice(0, end)) as StoredState
  const student: Student = {
    enrolments: stored.e.map((enrolment) => decodeEnrolment(enrolment, stored.c)),
    sources: new Map(stored.s.map(decodeSource)),
    waiting: stored.w.map(decodeWaiting),
    letters: stored.l.map(decodeLetter),
    seen: { count: stored.n, text: text.slice(end + 1) },
    erased: stored.x === 1,
    last: stored.p && placeOf(stored.p),
    leavings: stored.o,
    changes: stored.h,
    newest: stored.y.map((newest) => decodeNewest(newest, stored.c)),
    nextSourceId: stored.i,
    replaced: stored.r,
    renewedAt: stored.a === null ? null : unpackMoment(stored.a),
    floods: stored.f.map(decodeFlood),
    sourcesForgottenAt: stored.g === null ? null : unpackMoment(stored.g),
  }
  return { student, places: stored.q ? { enrolments: stored.q[0], newest: stored.q[1] } : null }
}

export const encodeResting = ({ enrolments, newest }: Resting): string => {
  const words = collectWords()
  const e = enrolments.map((enrolment) => encodeEnrolment(enrolment, words))
  const y = newest.map((one) => encodeNewest(one, words))
  return JSON.stringify({ c: words.list, e, y } satisfies StoredResting)
}

export const decodeResting = (text: string): Resting => {
  const { c, e, y } = JSON.parse(text) as StoredResting
  return {
    enrolments: e.map((enrolment) => decodeEnrolment(enrolment, c)),
    newest: y.map((one) => decodeNewest(one, c)),
  }
}

/** The whole student: the live lines and, where enrolments rest, a third line with those. */
export const encodeState = (student: Student): string => {
  const { live, resting } = split(student)
  return resting.enrolments.length === 0 ? encodeLive(live) : `${encodeLive(live)}\n${encodeResting(resting)}`
}

export const decodeState = (text: string): Student => {
  const third = text.indexOf('\n', text.indexOf('\n') + 1)
  if (third < 0) return decodeLive(text).student
  return join(decodeLive(text.slice(0, third)), decodeResting(text.slice(third + 1)))
}

const placeOf = ([partition, offset]: readonly [number, number]): LogPosition => ({ partition, offset })
