/** What a 200's body says of a student's debt, against what it was before a change and is after it. */
export type Verdict = 'before' | 'after' | 'wrong'

type Body = {
  readonly data: {
    readonly student: { readonly identifier: string }
    readonly fee_components: readonly { readonly fee_amount: number }[]
    readonly payment_schedule?: readonly { readonly details: readonly { readonly amount: number }[] }[]
  }
}

/** `wrong`: another student, neither of the two amounts, or a schedule that does not come to the fees. */
export const verdictOf = (text: string, identifier: string, beforePaise: number, afterPaise: number): Verdict => {
  const { student, fee_components, payment_schedule } = (JSON.parse(text) as Body).data
  const due = paise(fee_components.map(({ fee_amount }) => fee_amount))
  if (student.identifier !== identifier) return 'wrong'
  const planned = payment_schedule?.flatMap(({ details }) => details.map(({ amount }) => amount))
  if (planned !== undefined && paise(planned) !== due) return 'wrong'
  return due === beforePaise ? 'before' : due === afterPaise ? 'after' : 'wrong'
}

const paise = (rupees: readonly number[]): number => rupees.reduce((sum, one) => sum + Math.round(one * 100), 0)
