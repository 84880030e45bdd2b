import { decode } from './decode.ts'
import { accept, drain, replayItem } from './order.ts'
import { letGoOne } from './settle.ts'
import { isHeld, type Letter, openLetters, type Student, sourceOf } from './student.ts'
import type { Decision } from './types.ts'

/** An operator's decision reaches the student whose dead letters it names. Settled letters can be neither. */
export const decide = (student: Student, decision: Decision, arrival: number, timezone: string): void => {
  for (const { partition, offset } of decision.letters) {
    const letter = openLetters(student).find(({ record }) => record.partition === partition && record.offset === offset)
    if (letter === undefined) continue
    if (decision.kind === 'discard') discard(student, letter)
    else replay(student, letter, decision.force, arrival, timezone)
    drain(student, timezone)
  }
  for (const { source, number } of decision.force ? (decision.letGo ?? []) : []) {
    if (number > sourceOf(student, source).applied) sourceOf(student, source).letGo.add(number)
  }
  drain(student, timezone)
}

/** The sequence goes on without it; unless its number is another event's, which has its turn. */
const discard = (student: Student, letter: Letter): void => {
  letter.settled = true
  letGoOne(student, letter)
  if (hasPlace(student, letter)) sourceOf(student, letter.source as string).letGo.add(letter.sequence as bigint)
}

const hasPlace = (student: Student, { source: name, sequence }: Letter): boolean => {
  if (name === null || typeof sequence !== 'bigint') return false
  const source = sourceOf(student, name)
  return sequence > source.applied && !source.letGo.has(sequence) && !isHeld(student, name, sequence)
}

/** What is still bad is open again. Nothing is a repeat or a conflict here: the operator has decided that. */
const replay = (student: Student, letter: Letter, force: boolean, arrival: number, timezone: string): void => {
  const inPlace = hasPlace(student, letter)
  if (!inPlace && !force) return
  const decoded = decode(letter.record, !inPlace)
  if (decoded.kind === 'bad') return letter.tell('poison')
  letter.settled = true
  if (decoded.kind !== 'event') return letter.tell('ignored')
  letGoOne(student, letter)
  accept(student, replayItem(letter, decoded, arrival), timezone)
}
