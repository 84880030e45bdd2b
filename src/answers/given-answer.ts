import type { Scope } from '../../projections/answers/lookup.ts'
import type { AnswerSubject } from '../../projections/answers/subject.ts'
import type { AnswerSummary } from '../../projections/answers/summary.ts'
import type { Paise } from '../../projections/values/ids.ts'
import { parseRupees } from '../../projections/values/money.ts'
import { answeredAtMs, type LoggedAnswer, parseAnswer } from './answer-log.ts'
import type { AnswerRecord } from './answer-record.ts'

/** A recorded answer, ready to be held against what the log says later. */
export type GivenAnswer = {
  readonly logged: Pick<LoggedAnswer, 'mark'>
  readonly record: AnswerRecord
  /** When it was answered, by the brokers' clock. */
  readonly atMs: number
  readonly summary: AnswerSummary
  readonly subject: AnswerSubject
  /** The first offset of the student's partition that is not in it; `null` where that is not known. */
  readonly applied: number | null
}

/** `null`: its value is no answer. */
export const givenAnswer = (logged: LoggedAnswer, scopeOf: (client: string) => Scope): GivenAnswer | null => {
  const record = parseAnswer(logged.record)
  if (record === null) return null
  return {
    logged: { mark: logged.mark },
    record,
    atMs: answeredAtMs(logged, record),
    summary: summaryIn(record),
    subject: subjectIn(record, scopeOf),
    applied: appliedIn(logged, record),
  }
}

/** The record may be younger than the checkpoint that was read with it, never older. */
const appliedIn = ({ mark }: LoggedAnswer, { version }: AnswerRecord): number | null => {
  const versioned = version === undefined ? null : Number(version.slice(version.indexOf(':') + 1)) + 1
  return versioned === null ? (mark?.applied ?? null) : Math.max(versioned, mark?.applied ?? 0)
}

const summaryIn = ({ status, code, payable, instalments }: AnswerRecord): AnswerSummary => ({
  status,
  code: code ?? null,
  payable: payable === undefined ? null : paise(payable),
  instalments:
    instalments?.map(({ due_date, reference_id, amount }) => ({
      due_date,
      reference_id: reference_id ?? null,
      amount: paise(amount),
    })) ?? null,
})

const paise = (rupees: number): Paise => parseRupees(rupees) ?? (Math.round(rupees * 100) as Paise)

const subjectIn = ({ enrolment, query, client }: AnswerRecord, scopeOf: (client: string) => Scope): AnswerSubject =>
  enrolment === null
    ? { kind: 'question', filter: query, scope: scopeOf(client) }
    : {
        kind: 'enrolment',
        key: {
          grade: enrolment.grade,
          yearStart: enrolment.academic_year_start,
          collectorCode: enrolment.collector_code ?? null,
        },
      }
