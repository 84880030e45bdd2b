import type { LogPosition } from '../events/event.ts'
import { packMoment, unpackMoment } from '../values/moment.ts'
import { decodeEnrolment, encodeEnrolment, type StoredEnrolment } from './stored-enrolment.ts'
import { decodeLetter, encodeLetter, type StoredLetter } from './stored-letter.ts'
import { collectWords } from './stored-money.ts'
import { decodeNewest, encodeNewest, type StoredNewest } from './stored-newest.ts'
import { decodeSource, encodeSource, type StoredSource } from './stored-source.ts'
import { decodeWaiting, encodeWaiting, type StoredWaiting } from './stored-waiting.ts'
import type { Student } from './student.ts'

/**
 * The stored form of a folded student: one line of JSON, then the seen events as they are. The layout belongs to the
 * fold's version: whoever changes either raises `FOLD_VERSION`, and a projection of another version is rebuilt from the
 * log, never read.
 */
export const FOLD_VERSION = 8

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
  readonly y: readonly StoredNewest[]
  readonly i: number
  readonly r: readonly string[]
  readonly a: string | null
}

export const encodeState = (student: Student): string => {
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
    y: student.newest.map((newest) => encodeNewest(newest, words)),
    i: student.nextSourceId,
    r: student.replaced,
    a: student.renewedAt && packMoment(student.renewedAt),
  }
  return `${JSON.stringify(stored)}\n${student.seen.text}`
}

export const decodeState = (text: string): Student => {
  const end = text.indexOf('\n')
  const stored = JSON.parse(text.slice(0, end)) as StoredState
  return {
    enrolments: stored.e.map((enrolment) => decodeEnrolment(enrolment, stored.c)),
    sources: new Map(stored.s.map(decodeSource)),
    waiting: stored.w.map(decodeWaiting),
    letters: stored.l.map(decodeLetter),
    seen: { count: stored.n, text: text.slice(end + 1) },
    erased: stored.x === 1,
    last: stored.p && placeOf(stored.p),
    leavings: stored.o,
    newest: stored.y.map((newest) => decodeNewest(newest, stored.c)),
    nextSourceId: stored.i,
    replaced: stored.r,
    renewedAt: stored.a === null ? null : unpackMoment(stored.a),
  }
}

const placeOf = ([partition, offset]: readonly [number, number]): LogPosition => ({ partition, offset })
