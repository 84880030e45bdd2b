import { encodeRecentAnswer } from '../../consumers/stored/recent-answer.ts'
import type { AnswerSubject } from '../../projections/answers/subject.ts'
import type { StudentId } from '../../projections/values/ids.ts'
import type { AnsweredPull } from '../pull/port.ts'
import type { QueuedAnswer } from './answer-queue.ts'
import { recordedAnswer } from './answer-record.ts'
import type { KeyedHash } from './keyed-hash.ts'

type EncodedAnswer = Pick<QueuedAnswer, 'key' | 'value' | 'line'> & { readonly identifier: string | null }

/** An answer as it goes to the log, and as it is kept beside the student's record. */
export const encodeAnswer = (answered: AnsweredPull, hashed: KeyedHash, atMs: number): EncodedAnswer => {
  const { identifier, enrolment, summary, instalments, json } = recordedAnswer(answered, atMs)
  const { identifier: _, ...filter } = answered.query
  const subject: AnswerSubject = enrolment
    ? { kind: 'enrolment', key: enrolment }
    : { kind: 'question', filter, scope: 'all' }
  return {
    identifier,
    key: identifier === null ? null : Buffer.from(hashed(identifier), 'latin1'),
    value: Buffer.from(json),
    line:
      identifier === null
        ? null
        : { id: identifier as StudentId, line: encodeRecentAnswer(subject, summary, instalments) },
  }
}
