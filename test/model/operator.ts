import { decode } from './decode.ts'
import { endOfInterval } from './intervals.ts'
import { addLetter, settleFlood } from './letters.ts'
import { letGo } from './numbers.ts'
import { accept, drain } from './order.ts'
import { letGoOne } from './settle.ts'
import { forgetHeard, hasRoomFor, isHeld, type Letter, openLetters, peekSource, type Student } from './student.ts'
import type { Decision, Event } from './types.ts'

/** An operator's decision reaches the student whose dead letters, numbers or waiting events it names. */
export const decide = (student: Student, decision: Decision, arrival: number, timezone: string): void => {
  const isNamed = ({ record: { partition, offset } }: Pick<Letter, 'record'>, by = decision.letters) =>
    by.some((one) => one.partition === partition && one.offset === offset)
  for (const named of decision.letters) {
    const letter = openLetters(student).find((one) => isNamed(one, [named]))
    if (letter === undefined) continue
    if (decision.kind === 'discard') discard(student, letter)
    else replay(student, letter, decision.force, arrival, timezone)
    drain(student, timezone)
  }
  if (decision.all && decision.force && decision.kind === 'discard') {
    for (const letter of settleFlood(student)) letGoOne(student, letter)
  }
  if (decision.kind === 'settle') {
    for (const { item, as } of student.waiting.filter((one) => isNamed(one.item, decision.waiting ?? []))) {
      const { source, sequence } = item.event
      student.waiting = student.waiting.filter((one) => one.item !== item)
      forgetHeard(student, [item])
      item.tell('ignored')
      if (as === 'held' && sequence !== null) letGo(student, source, sequence, sequence)
    }
  }
  const names = decision.kind === 'settle' || (decision.kind === 'discard' && decision.force)
  for (const { source, from, to } of names ? (decision.letGo ?? []) : []) {
    if (hasRoomFor(student, source)) letGoMissing(student, source, from, to)
  }
  drain(student, timezone)
}

/** A number whose event waits is not missing: its event has its turn, and keeps its place if it turns out bad. */
const letGoMissing = (student: Student, name: string, from: bigint, to: bigint): void => {
  const held = student.waiting.flatMap(({ item: { event } }) =>
    event.source === name && event.sequence !== null && event.sequence >= from && event.sequence <= to
      ? [event.sequence]
      : [],
  )
  let next = from
  for (const number of held.toSorted((a, b) => (a < b ? -1 : 1))) {
    letGo(student, name, next, number - 1n)
    next = number + 1n
  }
  letGo(student, name, next, to)
}

/** The sequence goes on without it; unless its number is another event's, which has its turn. */
const discard = (student: Student, letter: Letter): void => {
  letter.settled = true
  letGoOne(student, letter)
  const { source, sequence } = letter
  if (hasPlace(student, letter)) letGo(student, source as string, sequence as bigint, sequence as bigint)
}

const hasPlace = (student: Student, { source: name, sequence }: Letter): boolean => {
  if (name === null || typeof sequence !== 'bigint' || !student.sources.has(name)) return false
  const { applied, letGo: gone } = peekSource(student, name)
  return sequence > applied && endOfInterval(gone, sequence) === null && !isHeld(student, name, sequence)
}

/** What is still bad is open again. Nothing is a repeat or a conflict here: the operator has decided that. */
const replay = (student: Student, letter: Letter, force: boolean, arrival: number, timezone: string): void => {
  const inPlace = hasPlace(student, letter)
  if (!inPlace && !force) return
  const decoded = decode(letter.record, !inPlace)
  if (decoded.kind === 'bad') return letter.tell('poison')
  letter.settled = true
  if (decoded.kind !== 'event') return letter.tell('ignored')
  if (!hasRoomFor(student, decoded.source) && !needsNoRoom(decoded)) return reopen(student, letter)
  letGoOne(student, letter)
  const { record, tell } = letter
  accept(student, { event: decoded, record, rerouted: false, arrival, tell }, timezone)
}

const needsNoRoom = ({ payload }: Event): boolean => payload.type === 'snapshot' || payload.type === 'erased'

const reopen = (student: Student, letter: Letter): void =>
  addLetter(student, { ...letter, reason: 'overflow', family: 'overflow', settled: false })
