import { standingOf } from '../../../consumers/dead-letters/read.ts'
import { inWords } from '../../../consumers/events/reject-reasons.ts'
import type { Engine } from '../../../consumers/ports/engine.ts'
import type { Student } from '../../../projections/state/student.ts'
import type { Config } from '../../config/load.ts'
import { type Numbered, numberedText } from '../decision/decision-record.ts'
import { missingBehind } from '../decision/missing.ts'
import { notYetApplied, studentNow, submit, tryDecision } from '../decision/submit.ts'
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
  engine: Engine,
  config: Config,
  action: 'replay' | 'discard',
  letter: DecidableLetter,
  { force = false, letGo }: DecideOptions,
  names: readonly DecidableLetter[],
): Promise<Decided> => {
  const identifier = letter.identifier!
  const student = await studentNow(engine, config, identifier)
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
        'has no place in the sequence any more, or it is taken; nothing was done (--force applies it after what came later)',
    }
  if (standingOf(folded.student, letter) !== 'settled') {
    const [again] = folded.deadLetters
    return refused(`is bad still (${again ? inWords(again) : 'as before'})`)
  }
  const submitted = await submit(engine, config, identifier, record)
  if (submitted.after === null) return { done: true, message: notYetApplied(submitted) }
  return outcomeOf(submitted.after, action, letter, missing)
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
  return { done: true, message: without === '' ? 'discarded' : `discarded, and let go of ${without}` }
}
