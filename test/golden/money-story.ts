import { readFileSync } from 'node:fs'
import type { Envelope } from './example.ts'

/** What happened at a school, and what several lookups must be answered afterwards. */
export type MoneyStory = {
  readonly name: string
  readonly rule: string
  readonly policy: {
    readonly balance_basis: 'payable' | 'net_of_direct' | 'outstanding'
    readonly paid_instalments: 'omit' | 'zero'
    readonly pending_payments?: 'count' | 'ignore'
    readonly timezone: string
  }
  readonly asOf: string
  /** All of student `S-1`, in the order of the log. */
  readonly events: readonly Envelope[]
  readonly asks: readonly { readonly query: StoryQuery; readonly expect: StoryAnswer }[]
}

export type StoryQuery = {
  readonly identifier: string
  readonly collector_code?: string
  readonly academic_year_start?: string
}

export type StoryAnswer =
  | {
      readonly fee_components: readonly (readonly [component: string, rupees: number])[]
      readonly payment_schedule?: readonly (readonly [
        dueDate: string,
        referenceId: string,
        details: readonly (readonly [component: string, rupees: number])[],
      ])[]
    }
  | { readonly code: string }
  | { readonly projection_answers: false; readonly reason: string }

export const moneyStories = (): readonly MoneyStory[] =>
  JSON.parse(readFileSync(new URL('./money-stories.json', import.meta.url), 'utf8'))

type Body = {
  readonly data: {
    readonly fee_components: readonly { readonly component_type: string; readonly fee_amount: number }[]
    readonly payment_schedule?: readonly {
      readonly due_date: string
      readonly reference_id: string
      readonly details: readonly { readonly component_type: string; readonly amount: number }[]
    }[]
  }
}

/** A success body as a story writes it. */
export const storyAnswerOf = (body: string): StoryAnswer => {
  const { fee_components, payment_schedule } = (JSON.parse(body) as Body).data
  return {
    fee_components: fee_components.map((fee) => [fee.component_type, fee.fee_amount] as const),
    ...(payment_schedule && {
      payment_schedule: payment_schedule.map(
        (entry) =>
          [
            entry.due_date,
            entry.reference_id,
            entry.details.map((detail) => [detail.component_type, detail.amount] as const),
          ] as const,
      ),
    }),
  }
}
