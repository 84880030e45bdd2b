import { standingOf } from '../../../consumers/dead-letters/read.ts'
import { inWords } from '../../../consumers/events/reject-reasons.ts'
import type { Student } from '../../../projections/state/student.ts'
import type { StudentId } from '../../../projections/values/ids.ts'
import { type Numbered, numberedText } from '../decision/decision-record.ts'
import { missingBehind } from '../decision/missing.ts'
import { type Decisions, notYetApplied, tryDecision } from '../decision/submit.ts'
import { parseLetGo } from './let-go.ts'
import type { Choice, DecidableLetter } from './letters.ts'

export type DecideOptions = Choice & {
  readonly force?: boolean
  /** Repeatable: numbers that a forced discard skips in addition; by default the missing ones. */
  readonly letGo?: readonly string[]
}

export type Decided = { readonly done: boolean; readonly message: string }

const refused = (message: string): Decided => ({ done: false, message: `${message}; nothing was done` })

/** Tried on the state as it is first. */
export const decideLetter = async (
  { config, studentNow, submit }: Decisions,
  action: 'replay' | 'discard',
  letter: DecidableLetter,
  { force = false, letGo }: DecideOptions,
  names: readonly DecidableLetter[],
): Promise<Decided> => {
  const identifier = letter.identifier!
  const student = await studentNow(identifier)
  if (student === null) return refused('the projection does not know this student')
  const attempt = (numbers: readonly Numbered[]) =>
    tryDecision(config, identifier, student, { action, force, letters: [letter.record], skipped: numbers })
  const plain = attempt(letGo?.map(parseLetGo) ?? [])
  const missing = letGo ? [] : missingBehind(plain.folded.student, names)
  const { record, folded, hasEffect } = missing.length > 0 ? attempt(missing) : plain
  if (!hasEffect)
    return {
      done: false,
      message:
        'has no place in the sequence any more, or another event has it; nothing was done (--force applies it after all later events)',
    }
  if (standingOf(folded.student, letter) !== 'settled') {
    const [again] = folded.deadLetters
    return refused(`is bad still (${again ? inWords(again) : 'as before'})`)
  }
  const submitted = await submit(identifier, record)
  if (submitted.after === null) return { done: true, message: notYetApplied(submitted) }
  return outcomeOf(submitted.after, action, letter, missing)
}

/**
 * All letters of a student in one decision. `null`: that would not settle them all, so that each must be decided on by
 * itself.
 */
export const discardTogether = async (
  { config, studentNow, submit }: Decisions,
  identifier: StudentId,
  letters: readonly DecidableLetter[],
): Promise<readonly Decided[] | null> => {
  const student = await studentNow(identifier)
  if (student === null) return null
  const decision = { action: 'discard', letters: letters.map(({ record }) => record) } as const
  const { record, folded, hasEffect } = tryDecision(config, identifier, student, decision)
  if (!hasEffect || letters.some((letter) => standingOf(folded.student, letter) !== 'settled')) return null
  const submitted = await submit(identifier, record)
  return letters.map((letter) =>
    submitted.after === null
      ? { done: true, message: notYetApplied(submitted) }
      : outcomeOf(submitted.after, 'discard', letter, []),
  )
}

/** The log advances between the trial and the decision, so the state after the decision counts. */
const outcomeOf = (
  student: Student,
  action: 'replay' | 'discard',
  letter: DecidableLetter,
  letGo: readonly Numbered[],
): Decided => {
  if (standingOf(student, letter) !== 'settled')
    return { done: false, message: 'something else came first, and the decision had no effect; look at it again' }
  if (action === 'replay') return { done: true, message: 'replayed' }
  const without = letGo.map(numberedText).join(', ')
  return { done: true, message: without === '' ? 'discarded' : `discarded, and skipped ${without}` }
}
