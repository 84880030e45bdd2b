import { sawIdentity, see } from '../state/seen.ts'
import { type Arrived, type Letter, type Student, sourceNumber, sourceOf, withSource } from '../state/student.ts'
import type { Broken, Resolution } from './incoming-record.ts'
import { findOpenLetter, letGoOf, letGoOfUnread, openLetter, settleLetters } from './letters.ts'
import type { Run } from './run.ts'
import { isHeld } from './sequence.ts'
import { advanced } from './skipped.ts'

/** What the fold lends to the working of an operator's decision. */
type Steps = {
  readonly receiveInPlace: (run: Run, event: Arrived) => void
  readonly receiveUnnumbered: (run: Run, event: Arrived) => void
  readonly drain: (run: Run) => void
}

/** An operator has decided upon dead letters. Those that are settled, or not this student's, are left as they are. */
export const resolve = (run: Run, resolution: Resolution, steps: Steps): void => {
  const { envelope } = resolution
  const noteIt = (outcome: 'applied' | 'duplicate' | 'ignored'): void => {
    run.noted.push({ place: resolution.place, type: 'pullgate.student.resolved.v1', outcome })
  }
  if (sawIdentity(run.student.seen, envelope.identity)) return noteIt('duplicate')
  const known = withSource(run.student, envelope.source, sourceOf(run.student, envelope.source))
  run.student = { ...known, seen: see(known.seen, envelope, sourceNumber(known, envelope.source), null) }

  let done = 0
  for (const { place, replayed } of resolution.letters) {
    const letter = findOpenLetter(run.student, place)
    if (!letter) continue
    if (resolution.action === 'discard') discard(run, letter, steps)
    else if (!replayed || !replay(run, letter, replayed, resolution, steps)) continue
    done += 1
  }
  if (resolution.action === 'discard' && resolution.force) {
    for (const { source: named, sequence } of resolution.letGo) {
      if (sequence <= sourceOf(run.student, named).applied || isHeld(run.student, named, sequence)) continue
      run.student = letGoOf(run.student, named, sequence)
      go(run, named, steps)
      done += 1
    }
  }
  noteIt(done > 0 ? 'applied' : 'ignored')
}

const go = (run: Run, source: string, steps: Steps): void => {
  run.student = advanced(run.student, source)
  steps.drain(run)
}

const settleOne = (student: Student, letter: Letter): Student => settleLetters(student, (known) => known === letter)

/** The sequence goes on without it. */
const discard = (run: Run, letter: Letter, steps: Steps): void => {
  const { source, sequence } = letter
  run.student = settleOne(run.student, letter)
  if (source === null || sequence === null) return
  const state = sourceOf(run.student, source)
  if (sequence === 'unreadable') run.student = letGoOfUnread(run.student, source)
  else if (sequence > state.applied && !isHeld(run.student, source, sequence))
    run.student = letGoOf(run.student, source, sequence)
  go(run, source, steps)
}

/** Into its place in the sequence; where it has none, or it is taken, only by force, after all that came later. */
const replay = (run: Run, letter: Letter, replayed: Arrived | Broken, { force }: Resolution, steps: Steps): boolean => {
  const broken = 'kind' in replayed
  const source = broken ? replayed.source : replayed.envelope.source
  const sequence = broken ? replayed.sequence : replayed.envelope.sequence
  const hasPlace = source !== null && typeof sequence === 'bigint' && isFree(run.student, source, sequence)
  if (!hasPlace && !force) return false
  run.student = settleOne(run.student, letter)
  if (broken) dieAgain(run, letter, replayed)
  else if (hasPlace) steps.receiveInPlace(run, replayed)
  else forceIn(run, letter, replayed, steps)
  return true
}

/** What is broken still is the same letter, opened again. */
const dieAgain = (run: Run, letter: Letter, { type, detail }: Broken): void => {
  const { place } = letter
  run.noted.push({ place, type, outcome: 'poison' })
  run.deadLetters.push({ place, reason: 'poison', detail })
  run.student = openLetter(run.student, { ...letter, reason: 'poison' })
}

/** As an event without a sequence; a number of its own that could not be read will never come. */
const forceIn = (run: Run, { source, sequence }: Letter, event: Arrived, steps: Steps): void => {
  const isUnread = source !== null && sequence === 'unreadable'
  if (isUnread) run.student = letGoOfUnread(run.student, source)
  steps.receiveUnnumbered(run, event)
  if (isUnread) go(run, source, steps)
}

const isFree = (student: Student, source: string, number: bigint): boolean => {
  const state = sourceOf(student, source)
  return number > state.applied && !state.letGo.includes(number) && !isHeld(student, source, number)
}
