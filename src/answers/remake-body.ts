import { hash } from 'node:crypto'
import type { HistoryStep } from '../../consumers/history/history.ts'
import type { Scope } from '../../projections/answers/lookup.ts'
import { phaseFromState, type Rendering } from '../../projections/answers/view.ts'
import { type Student, UNKNOWN_STUDENT } from '../../projections/state/student.ts'
import type { StudentId } from '../../projections/values/ids.ts'
import { type ErrorCode, envelope, errors } from '../errors.ts'
import { refusalMessage } from '../pull/refusal-message.ts'
import type { GivenAnswer } from './given-answer.ts'
import type { StudentRecordings } from './student-answers.ts'

/**
 * An answer's bytes, made anew. `unknown`: they cannot be made, because somebody else wrote them. `hidden`: they are the
 * same, and are not to be shown: the student was erased since.
 */
export type RemadeBody =
  | { readonly kind: 'same'; readonly body: string }
  | { readonly kind: 'hidden' }
  | { readonly kind: 'differs'; readonly why: string }
  | { readonly kind: 'unknown'; readonly why: string }

export type RemakeDeps = {
  readonly rendering: Rendering
  /** The fingerprint of what makes answers now. */
  readonly signature: string
  readonly scopeOf: (client: string) => Scope
}

type Recordings = Pick<StudentRecordings, 'steps' | 'events'>

export const remakeBody = (
  deps: RemakeDeps,
  identifier: StudentId,
  recordings: Recordings,
  answer: GivenAnswer,
): RemadeBody => {
  const { record } = answer
  const isIt = (body: string | null): body is string =>
    body !== null && hash('sha256', body, 'hex') === record.body_sha256
  if (record.source === 'erp')
    return { kind: 'unknown', why: "it is the ERP's own answer, which the log does not hold" }
  const states = statesOf(recordings.steps, answer)
  const refusal = record.version === undefined ? refusalOf(answer, deps, identifier, states[0]!.student) : null
  if (isIt(refusal)) return { kind: 'same', body: refusal }
  const found = states.find(({ student }) => isIt(bodyIn(student, identifier, answer, deps)))
  if (record.source === 'last-known-good' && found === undefined)
    return {
      kind: 'unknown',
      why: "it is no answer of the projection's: probably the ERP's, which the log does not hold",
    }
  if (found === undefined || found.at !== states[0]!.at)
    return { kind: 'differs', why: whyDifferent(recordings, answer, deps, found?.at) }
  if (wasErased(recordings.steps, answer)) return { kind: 'hidden' }
  return { kind: 'same', body: bodyIn(found.student, identifier, answer, deps)! }
}

type StateAt = { readonly at: string; readonly student: Student }

/** The state that the answer was made from, and before it the others, the youngest first. */
const statesOf = (steps: readonly HistoryStep[], answer: GivenAnswer): readonly StateAt[] => {
  const before = steps.filter((step) => isIn(step, answer))
  const states = before.map(
    ({ place, after }): StateAt => ({ at: `${place.partition}:${place.offset}`, student: after }),
  )
  return [...states.reverse(), { at: 'the beginning', student: UNKNOWN_STUDENT }]
}

const isIn = ({ place, timestampMs }: HistoryStep, { applied, atMs }: GivenAnswer): boolean =>
  applied === null ? timestampMs <= atMs : place.offset < applied

const bodyIn = (
  student: Student,
  identifier: StudentId,
  { subject, atMs }: GivenAnswer,
  { rendering }: RemakeDeps,
): string | null => {
  if (subject.kind !== 'enrolment') return null
  return phaseFromState(student, subject.key, identifier, rendering, atMs)?.body ?? null
}

/** What Pullgate says itself where it has no ERP to ask. */
const refusalOf = (
  { record, subject, atMs }: GivenAnswer,
  { scopeOf, rendering }: RemakeDeps,
  identifier: StudentId,
  student: Student,
): string | null => {
  const { code, reason, query, enrolment, client } = record
  if (code === undefined || reason === undefined || !Object.hasOwn(errors, code)) return null
  const scope = scopeOf(client)
  const implied = scope !== 'all' && scope.size === 1 ? [...scope][0]! : null
  const branch = enrolment?.collector_code ?? query.collector_code ?? implied
  const phase = subject.kind === 'enrolment' ? phaseFromState(student, subject.key, identifier, rendering, atMs) : null
  const message = code === 'data_error' ? refusalMessage(reason, branch, phase?.wants ?? null) : undefined
  return envelope(code as ErrorCode, message)
}

/** The student was erased after that answer, and what it said with it. */
export const wasErased = (steps: readonly HistoryStep[], answer: GivenAnswer): boolean =>
  steps.some((step) => !isIn(step, answer) && step.after.erased && !step.before.erased)

const whyDifferent = (
  { events }: Recordings,
  { logged, applied }: GivenAnswer,
  { signature }: RemakeDeps,
  foundAt: string | undefined,
): string => {
  if (applied !== null && applied > events.end)
    return 'the log does not hold all events that it was made from: it was cut off or made anew'
  if (events.start > 0) return 'the log has lost its beginning'
  if (logged.mark !== null && logged.mark.signature !== signature)
    return 'it was made under another policy, timezone or version'
  if (foundAt !== undefined) return `it says what the student was answered after ${foundAt}`
  return 'the log says something else of that moment'
}
