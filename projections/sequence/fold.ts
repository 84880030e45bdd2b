import type { Arrived, Student } from '../state/student.ts'
import type { Calendar } from '../values/calendar.ts'
import { applyNow, die, drain, hold, ignoredAsErased } from './apply-in-sequence.ts'
import { silencedBy } from './erasure.ts'
import type { Broken, Folded, IncomingRecord, Outcome } from './incoming-record.ts'
import { judge } from './judge.ts'
import { openLetter } from './open-letter.ts'
import { type FoldContext, note } from './report.ts'
import { resolve } from './resolve.ts'
import { withCreditSpent } from './source-numbers.ts'

/**
 * The fold: one record after another becomes the state of a student. It is total (no record makes it throw), pure and
 * deterministic: a rebuild from the log's start comes to the same state, held and suspect students included.
 *
 * An event is judged first (judge.ts): repeat, contradiction, too early, or its turn. At its turn it is accepted and has
 * its effect (apply-in-sequence.ts). Then whatever waited for that has its turn: orphans first, in order of arrival, then
 * the next held event, until nothing moves.
 */
export const fold = (student: Student, record: IncomingRecord, calendar: Calendar): Folded => {
  const report = { outcomes: [], deadLetters: [] }
  const next = folded(student, record, { calendar, report })
  const { outcomes, deadLetters }: FoldContext['report'] = report
  const moved = outcomes.some(({ outcome }) => outcome === 'applied')
  return { student: moved ? { ...next, last: record.place } : next, outcomes, deadLetters }
}

const folded = (student: Student, record: IncomingRecord, context: FoldContext): Student => {
  switch (record.kind) {
    case 'event':
      return receive(student, record.event, record.rerouted, context)
    case 'broken':
      return receiveBroken(student, record, context)
    case 'resolution':
      return resolve(student, record, context)
  }
}

const receive = (student: Student, event: Arrived, rerouted: boolean, context: FoldContext): Student => {
  const { source, sequence } = event.envelope
  // A type that is not ours counts only for its number.
  if (event.fact === null && sequence === null) {
    note(context, event, 'ignored')
    return student
  }
  const first = judge(student, event, rerouted)
  const next = first.kind === 'duplicate' ? student : spendCredit(student, source, sequence, context)
  const judgement = first.kind === 'hold' && next !== student ? judge(next, event, rerouted) : first
  switch (judgement.kind) {
    case 'duplicate':
      note(context, event, 'duplicate')
      return next
    case 'conflict':
      return ignoredAsErased(next, event, context) ?? die(next, event, { reason: 'conflict', ...judgement }, context)
    case 'hold':
      return hold(next, event, context)
    case 'apply':
      return applyNow(next, event, context)
  }
}

/** What could not be read, or is invalid: its student cannot be trusted until it is settled. */
const receiveBroken = (student: Student, broken: Broken, context: FoldContext): Student => {
  const { place, type, detail, where, at, about, source, identity, content, sequence } = broken
  const noteBroken = (outcome: Outcome): void => {
    context.report.outcomes.push({ place, type, outcome })
  }
  const isKnown = student.letters.some((letter) => letter.identity === identity && letter.content === content)
  if (isKnown && identity !== null && content !== null) {
    noteBroken('duplicate')
    return student
  }
  const number = sequence === 'unreadable' ? null : sequence
  const next = spendCredit(student, source, number, context)
  const silenced = silencedBy(next, source, number)
  if (silenced !== null) {
    const drained = drain(silenced, context)
    noteBroken('ignored')
    return drained
  }
  noteBroken('poison')
  context.report.deadLetters.push({ place, reason: 'poison', detail, where })
  return openLetter(next, { place, reason: 'poison', detail, at, about, source, identity, content, sequence })
}

/** What a settled letter's number was may show now, and what waited for it has its turn. */
const spendCredit = (
  student: Student,
  source: string | null,
  sequence: bigint | null,
  context: FoldContext,
): Student => {
  const moved = source === null || sequence === null ? null : withCreditSpent(student, source, sequence)
  return moved === null ? student : drain(moved, context)
}
