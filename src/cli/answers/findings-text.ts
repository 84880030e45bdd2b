import type { RecorderState } from '../../../consumers/ports/recent-answers.ts'
import type { AnswerFindings } from '../../answers/findings.ts'
import { loserOf } from '../../answers/recorder-losses.ts'
import { plural } from '../command/output.ts'

/** What a reader must know of a list: each a sentence. `gaps`: why it is not complete. */
export type Caveats = { readonly gaps: readonly string[]; readonly remarks: readonly string[] }

const clock = (ms: number): string => new Date(ms).toISOString()
const list = (numbers: readonly number[]): string => numbers.join(', ')
const were = (count: number, what: string): string => `${plural(count, what)} ${count === 1 ? 'was' : 'were'}`

export const caveatsOf = (findings: AnswerFindings, nowMs: number): Caveats => {
  const { underOtherKeys, unreadable, beyondTheLog, eventsCut, answersCut, mismatches } = findings
  const gaps: string[] = []
  if (answersCut.length > 0)
    gaps.push(
      `Older answers of that time are no longer kept, in partition ${list(answersCut)}: the list begins where they do.`,
    )
  if (eventsCut.length > 0)
    gaps.push(
      `The log of events has lost its beginning, in partition ${list(eventsCut)}: what students owed cannot be told there.`,
    )
  if (beyondTheLog > 0)
    gaps.push(
      `${were(beyondTheLog, 'answer')} made from events that the log does not hold any more: it was cut off or made anew.`,
    )
  if (mismatches > 0)
    gaps.push(
      `${plural(mismatches, 'answer')} of the projection ${mismatches === 1 ? 'is' : 'are'} not what the log says of that moment: it is not the log that they were made from.`,
    )
  if (underOtherKeys > 0)
    gaps.push(
      `${were(underOtherKeys, 'answer')} recorded under another answers.key: nobody can tell here whose they are.`,
    )
  if (unreadable > 0) gaps.push(`${plural(unreadable, 'record')} cannot be read.`)
  for (const { recorder, count, fromMs, toMs } of findings.tally.missing(nowMs))
    gaps.push(
      `${plural(count, 'answer')} of gateway ${recorder} ${count === 1 ? 'is' : 'are'} missing, sent between ${clock(fromMs)} and ${clock(toMs)}: lost, or waiting there still.`,
    )
  const remarks: string[] = []
  for (const [recorder, skew] of findings.skews)
    remarks.push(
      `The clock of gateway ${recorder} is ${Math.round(Math.abs(skew) / 1000)} s ${skew > 0 ? 'behind' : 'ahead of'} the brokers': its answers count by theirs.`,
    )
  if (findings.ofNobody > 0)
    remarks.push(
      `${plural(findings.ofNobody, 'answer')} named no student (asked by custom_identifier alone): they cannot be followed.`,
    )
  if (findings.underOtherSignatures > 0)
    remarks.push(
      `${were(findings.underOtherSignatures, 'answer')} made under another policy, timezone or version: they are held against what the present one says.`,
    )
  for (const { identifier, why } of findings.doubts)
    remarks.push(`${identifier}: the sum now is in doubt (${why}); "npx pullgate student show ${identifier}" says why.`)
  return { gaps, remarks }
}

/** A gateway sends a sign of life every two seconds. */
const SILENT_MS = 15_000
/** So long after its last record an answer of a living gateway should be in the log. */
const LATE_MS = 10_000

/** Gateways that lost answers, those that ended without a word, and those that cannot record now. */
export const recorderGaps = (
  { nowMs, open }: { readonly nowMs: number; readonly open: readonly RecorderState[] },
  { tally }: AnswerFindings,
  sinceMs: number,
): readonly string[] =>
  open.flatMap(({ recorder, numbered, seenAtMs }) => {
    const loser = loserOf(recorder)
    if (loser !== null)
      return seenAtMs < sinceMs
        ? []
        : [`Gateway ${loser} has lost ${plural(numbered, 'answer')}, the last one at about ${clock(seenAtMs)}.`]
    const missing = tally.highest(recorder) === 0 ? 0 : Math.max(0, numbered - tally.highest(recorder))
    const count = missing > 0 ? `${plural(missing, 'answer')} of it ${missing === 1 ? 'is' : 'are'} missing, and ` : ''
    if (seenAtMs < nowMs - SILENT_MS)
      return seenAtMs < sinceMs
        ? []
        : [
            `Gateway ${recorder} ended at about ${clock(seenAtMs)} without a word: ${count}what it answered in its last seconds may be missing.`,
          ]
    if (missing > 0 && tally.lastSeenMs(recorder) < nowMs - LATE_MS)
      return [`${plural(missing, 'answer')} of gateway ${recorder} ${missing === 1 ? 'waits' : 'wait'} to be recorded.`]
    return []
  })
