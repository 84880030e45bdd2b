import { hash } from 'node:crypto'
import type { EnrolmentFilter } from '../../projections/answers/lookup.ts'
import type { AnswerSubject } from '../../projections/answers/subject.ts'
import {
  type AnswerChange,
  type AnswerSummary,
  compareSums,
  instalmentsJson,
} from '../../projections/answers/summary.ts'
import type { Paise } from '../../projections/values/ids.ts'

/** A stored recent answer: enough to detect whether a later one differs. */
export type KeptAnswer = {
  /** By the store's clock, Unix milliseconds. */
  readonly keptAtMs: number
  readonly subject: AnswerSubject
  readonly code: string | null
  readonly payable: Paise | null
  readonly instalments: string
}

/**
 * One line of JSON: `[subject, code, payable, digest of the instalments]`. The subject is `[grade, year, branch]`, or an
 * object: what was asked where no enrolment was named. The store puts its time and a blank before the line.
 */
type Line = readonly [
  subject: readonly [grade: string, yearStart: string, collectorCode: string | null] | EnrolmentFilter,
  code: string | null,
  payable: number | null,
  instalments: string,
]

/** @param instalments the output of `instalmentsJson`, which a caller may already have */
export const encodeRecentAnswer = (
  subject: AnswerSubject,
  { code, payable }: Pick<AnswerSummary, 'code' | 'payable'>,
  instalments: string | null,
): string => {
  const about =
    subject.kind === 'enrolment'
      ? ([subject.key.grade, subject.key.yearStart, subject.key.collectorCode] as const)
      : subject.filter
  const line: Line = [about, code, payable, digestOf(instalments)]
  return JSON.stringify(line)
}

/** Of all lines that the store holds of a student; what cannot be read is left out. */
export const decodeRecentAnswers = (text: string): readonly KeptAnswer[] => text.split('\n').flatMap(decodeLine)

const decodeLine = (text: string): readonly KeptAnswer[] => {
  const blank = text.indexOf(' ')
  try {
    const [about, code, payable, instalments] = JSON.parse(text.slice(blank + 1)) as Line
    const subject: AnswerSubject = isKey(about)
      ? { kind: 'enrolment', key: { grade: about[0], yearStart: about[1], collectorCode: about[2] } }
      : { kind: 'question', filter: about, scope: 'all' }
    return [{ keptAtMs: Number(text.slice(0, blank)), subject, code, payable: payable as Paise | null, instalments }]
  } catch {
    return []
  }
}

const isKey = (about: Line[0]): about is Extract<Line[0], readonly unknown[]> => Array.isArray(about)

/** How what is answered now differs from it; `null`: not at all. */
export const compareKept = (kept: KeptAnswer, now: AnswerSummary): AnswerChange | null =>
  compareSums(kept, now, () => kept.instalments === digestOf(instalmentsJson(now)))

/** Collisions would hide one in 2^48 changes of the instalments from a counter. */
const digestOf = (instalments: string | null): string =>
  instalments === null ? '' : hash('sha256', instalments, 'base64url').slice(0, 8)
