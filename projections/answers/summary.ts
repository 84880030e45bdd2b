import type { Paise } from '../values/ids.ts'
import { quoted } from '../values/json-string.ts'
import { add, formatRupees, parseRupees, ZERO } from '../values/money.ts'

/** What an answer says of money: all that a debit goes by. */
export type AnswerSummary = {
  readonly status: 200 | 422
  /** Of a 422. */
  readonly code: string | null
  /** The sum of `fee_amount`; `null` for a 422. */
  readonly payable: Paise | null
  /** `null` where the answer has no schedule. */
  readonly instalments: readonly InstalmentSum[] | null
}

/** One entry of a schedule with the sum of its details. */
export type InstalmentSum = {
  readonly due_date: string
  readonly reference_id: string | null
  readonly amount: Paise
}

export const NOT_FOUND: AnswerSummary = { status: 422, code: 'student_not_found', payable: null, instalments: null }

/**
 * How a later answer differs from an earlier one. `moved`: the same sum in other instalments. `left`: it is no longer
 * answered with a sum, or with another code. `returned`: it is answered with a sum again.
 */
export const ANSWER_CHANGES = ['lower', 'higher', 'moved', 'left', 'returned'] as const
export type AnswerChange = (typeof ANSWER_CHANGES)[number]

type Sum = Pick<AnswerSummary, 'code' | 'payable'>

/** `null`: both say the same. */
export const compareAnswers = (before: AnswerSummary, now: AnswerSummary): AnswerChange | null =>
  compareSums(before, now, () => instalmentsJson(before) === instalmentsJson(now))

export const compareSums = (before: Sum, now: Sum, hasSameInstalments: () => boolean): AnswerChange | null => {
  if (now.payable === null) return before.payable === null && before.code === now.code ? null : 'left'
  if (before.payable === null) return 'returned'
  if (now.payable !== before.payable) return now.payable < before.payable ? 'lower' : 'higher'
  return hasSameInstalments() ? null : 'moved'
}

/** The instalments as JSON in rupees: to store, to show and to compare. `null` where there is no schedule. */
export const instalmentsJson = ({ instalments }: Pick<AnswerSummary, 'instalments'>): string | null =>
  instalments && `[${instalments.map(instalmentJson).join(',')}]`

const instalmentJson = ({ due_date, reference_id, amount }: InstalmentSum): string =>
  `{"due_date":${quoted(due_date)},${reference_id === null ? '' : `"reference_id":${quoted(reference_id)},`}"amount":${formatRupees(amount)}}`

type Body = {
  readonly code?: unknown
  readonly data?: {
    readonly fee_components?: readonly { readonly fee_amount?: unknown }[]
    readonly payment_schedule?: readonly {
      readonly due_date?: unknown
      readonly reference_id?: unknown
      readonly details?: readonly { readonly amount?: unknown }[]
    }[]
  }
}

/** Of a body that was answered. @throws SyntaxError on what is no JSON */
export const summaryOf = (status: 200 | 422, body: string): AnswerSummary => {
  const { code, data } = JSON.parse(body) as Body
  if (status === 422) return { status, code: String(code), payable: null, instalments: null }
  return {
    status,
    code: null,
    payable: sumOf((data?.fee_components ?? []).map(({ fee_amount }) => fee_amount)),
    instalments:
      data?.payment_schedule?.map(({ due_date, reference_id, details }) => ({
        due_date: String(due_date),
        reference_id: reference_id === undefined || reference_id === null ? null : String(reference_id),
        amount: sumOf((details ?? []).map(({ amount }) => amount)),
      })) ?? null,
  }
}

const sumOf = (amounts: readonly unknown[]): Paise => amounts.reduce<Paise>((sum, one) => add(sum, paiseOf(one)), ZERO)

/** An ERP's answer may have more decimals than an event. */
const paiseOf = (amount: unknown): Paise => parseRupees(amount) ?? (Math.round(Number(amount) * 100) as Paise)
