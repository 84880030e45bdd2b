import { isSkipped } from '../state/numbers.ts'
import { sawIdentity } from '../state/seen.ts'
import type { Arrived, Letter, Student } from '../state/student.ts'
import { minus } from '../values/intervals.ts'
import { applyNow, drain, hold } from './apply-in-sequence.ts'
import { settleFloods } from './floods.ts'
import type { Broken, Resolution } from './incoming-record.ts'
import { isNext } from './judge.ts'
import { findOpenLetter, samePlace, settleLetters } from './letters.ts'
import { openLetter } from './open-letter.ts'
import { remembered } from './remembered.ts'
import { type FoldContext, note } from './report.ts'
import { advanced, heldNumbers, isHeld, numbersOf, skipMissing, skipNumbers, skipRanges } from './source-numbers.ts'

/** The operator's decisions among the seen events: no source of the student has this id. */
const OPERATOR_ID = 0

/**
 * An operator has decided upon dead letters, missing numbers or waiting events. What is settled already, or not this
 * student's, is left as it is.
 */
export const resolve = (student: Student, resolution: Resolution, context: FoldContext): Student => {
  const { envelope, place } = resolution
  const noteIt = (outcome: 'applied' | 'duplicate' | 'ignored'): void => {
    context.report.outcomes.push({ place, type: 'pullgate.student.resolved.v1', outcome })
  }
  if (sawIdentity(student.seen, envelope.identity)) {
    noteIt('duplicate')
    return student
  }
  const steps = [letterSteps, dropSteps, floodSteps, numberSteps].flatMap((stepsOf) => stepsOf(resolution))
  let next = remembered(student, { ...envelope, sequence: null }, OPERATOR_ID, envelope.time)
  let done = 0
  for (const step of steps) {
    const stepped = step(next, context)
    if (stepped !== null) done += 1
    next = stepped ?? next
  }
  noteIt(done > 0 ? 'applied' : 'ignored')
  return next
}

/** One part of a decision; `null` where it has no effect. */
type DecisionStep = (student: Student, context: FoldContext) => Student | null

const letterSteps = (resolution: Resolution): readonly DecisionStep[] =>
  resolution.letters.map(({ place, replayed }) => (student, context) => {
    const letter = findOpenLetter(student, place)
    if (!letter) return null
    if (resolution.action === 'discard') return discard(student, letter, context)
    return replayed && replay(student, letter, replayed, resolution.force, context)
  })

/** Drops a waiting event; the number of a held one is skipped, so that its source continues. */
const dropSteps = ({ action, dropped }: Resolution): readonly DecisionStep[] =>
  action !== 'settle'
    ? []
    : dropped.map((place) => (student, context) => {
        const item = student.waiting.find(({ event }) => samePlace(event.place, place))
        if (!item) return null
        const { source, sequence } = item.event.envelope
        const without = { ...student, waiting: student.waiting.filter((one) => one !== item) }
        note(context, item.event, 'ignored')
        if (sequence === null) return without
        return goOn(skipNumbers(without, source, [sequence, sequence]), source, context)
      })

const floodSteps = ({ action, force, flooded }: Resolution): readonly DecisionStep[] =>
  action !== 'discard' || !force || !flooded
    ? []
    : [
        (student, context) => {
          if (student.floods.length === 0) return null
          const sources = student.floods.flatMap(({ source }) => source ?? [])
          return sources.reduce(
            (soFar, source) => goOn(soFar, source, context),
            settleFloods(student, () => true),
          )
        },
      ]

const numberSteps = ({ action, force, skipped }: Resolution): readonly DecisionStep[] =>
  action === 'replay' || (action === 'discard' && !force)
    ? []
    : skipped.map(({ source, numbers }) => (student, context) => {
        const free = minus([numbers], heldNumbers(student, source))
        const skipped = skipRanges(student, source, free)
        return skipped === student ? null : goOn(skipped, source, context)
      })

const goOn = (student: Student, source: string, context: FoldContext): Student =>
  drain(advanced(student, source), context)

const settleOne = (student: Student, letter: Letter): Student => settleLetters(student, (known) => known === letter)

/** The sequence goes on without it. */
const discard = (student: Student, letter: Letter, context: FoldContext): Student => {
  const { source, sequence } = letter
  const settled = settleOne(student, letter)
  if (source === null || sequence === null) return settled
  if (sequence === 'unreadable') return goOn(skipMissing(settled, source, 1), source, context)
  const isTaken = isHeld(settled, source, sequence)
  return goOn(isTaken ? settled : skipNumbers(settled, source, [sequence, sequence]), source, context)
}

/** Into its place in the sequence; where it has none, or it is taken, only by force, after all that came later. */
const replay = (
  student: Student,
  letter: Letter,
  replayed: Arrived | Broken,
  force: boolean,
  context: FoldContext,
): Student | null => {
  const isBroken = 'kind' in replayed
  const { source, sequence } = isBroken ? replayed : replayed.envelope
  const hasPlace = source !== null && typeof sequence === 'bigint' && isFree(student, source, sequence)
  if (!hasPlace && !force) return null
  const settled = settleOne(student, letter)
  if (isBroken) return dieAgain(settled, letter, replayed, context)
  return hasPlace ? receiveInPlace(settled, replayed, sequence, context) : forceIn(settled, letter, replayed, context)
}

/** What is broken still is the same letter, opened again. */
const dieAgain = (
  student: Student,
  letter: Letter,
  { type, detail, where }: Broken,
  { report }: FoldContext,
): Student => {
  const { place } = letter
  report.outcomes.push({ place, type, outcome: 'poison' })
  report.deadLetters.push({ place, reason: 'poison', detail, where })
  return openLetter(student, { ...letter, reason: 'poison', detail })
}

/** At its place in the sequence: the operator has decided that it is neither a repeat nor a contradiction. */
const receiveInPlace = (student: Student, event: Arrived, number: bigint, context: FoldContext): Student =>
  isNext(numbersOf(student, event.envelope.source), event, number)
    ? applyNow(student, event, context)
    : hold(student, event, context)

/** As an event without a sequence, after all that came later; a number of its own that could not be read will never come. */
const forceIn = (student: Student, { source, sequence }: Letter, event: Arrived, context: FoldContext): Student => {
  const isUnread = source !== null && sequence === 'unreadable'
  const applied = receiveUnnumbered(isUnread ? skipMissing(student, source, 1) : student, event, context)
  return isUnread ? goOn(applied, source, context) : applied
}

const receiveUnnumbered = (student: Student, event: Arrived, context: FoldContext): Student => {
  if (event.fact !== null)
    return applyNow(student, { ...event, envelope: { ...event.envelope, sequence: null } }, context)
  note(context, event, 'ignored')
  return student
}

const isFree = (student: Student, source: string, number: bigint): boolean => {
  const numbers = numbersOf(student, source)
  return number > numbers.applied && !isSkipped(numbers, number) && !isHeld(student, source, number)
}
