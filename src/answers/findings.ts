import type { DoubtfulStudent } from './follow-answers.ts'
import { type RecorderTally, recorderTally } from './recorder-tally.ts'

/** What else is known of a list of answers: above all whether it is complete. */
export type AnswerFindings = {
  /** Answers of the time that was asked for. */
  answers: number
  /** Of them, recorded under another `answers.key`: nobody can tell here whose they are. */
  underOtherKeys: number
  /** About nobody who is known: asked by `custom_identifier` alone. */
  ofNobody: number
  /** Records that are no answers. */
  unreadable: number
  /** Made under another policy, timezone or version than is configured now. */
  underOtherSignatures: number
  /** Answers of the projection that are not what the log says. */
  mismatches: number
  /** Answers that include more of the log than there is. */
  beyondTheLog: number
  /** Partitions whose log of events does not begin at its beginning. */
  readonly eventsCut: number[]
  /** Partitions whose older answers of that time are gone. */
  readonly answersCut: number[]
  /** How much clocks of gateways were behind the brokers', by gateway, milliseconds. */
  readonly skews: Map<string, number>
  /** Which numbers of each gateway are in the log. */
  readonly tally: RecorderTally
  readonly doubts: DoubtfulStudent[]
}

export const noFindings = (): AnswerFindings => ({
  answers: 0,
  underOtherKeys: 0,
  ofNobody: 0,
  unreadable: 0,
  underOtherSignatures: 0,
  mismatches: 0,
  beyondTheLog: 0,
  eventsCut: [],
  answersCut: [],
  skews: new Map(),
  tally: recorderTally(),
  doubts: [],
})
