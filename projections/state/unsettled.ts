/**
 * Why the money of an active enrolment is in doubt. Such an enrolment is not answered from the projection until a snapshot
 * lists it. Two of the reasons also end otherwise, see `settledByReinstatement` and `settledByLeaving`.
 */
export const UNSETTLED = {
  enrolled_after_leaving: 'it was enrolled again after it had been discontinued',
  back_from_transfer: 'it is active again after it had been transferred away',
  transferred_into: 'a transfer led into it, and it has money of its own',
  transferred_after_leaving: 'its money was carried from an enrolment that had been discontinued, or was unsettled',
  enrolled_elsewhere: 'a transfer made it, and another source enrolled it',
  leaving_disagrees: 'a snapshot lists it as discontinued, and its leaving is announced for a later day',
} as const

export type Unsettled = keyof typeof UNSETTLED

const CODES = Object.keys(UNSETTLED) as readonly Unsettled[]

export const SETTLED: readonly Unsettled[] = []

/** Each reason once, in the order of the list. */
export const withDoubt = (known: readonly Unsettled[], added: Unsettled): readonly Unsettled[] =>
  known.includes(added) ? known : CODES.filter((code) => code === added || known.includes(code))

const without = (known: readonly Unsettled[], ...ended: readonly Unsettled[]): readonly Unsettled[] =>
  known.some((code) => ended.includes(code)) ? known.filter((code) => !ended.includes(code)) : known

export const settledByReinstatement = (known: readonly Unsettled[]): readonly Unsettled[] =>
  without(known, 'enrolled_after_leaving', 'leaving_disagrees')

/** A leaving that is announced again, or has taken place, removes the disagreement. */
export const settledByLeaving = (known: readonly Unsettled[]): readonly Unsettled[] =>
  without(known, 'leaving_disagrees')

/** Stored as positions in the list above. */
export const encodeUnsettled = (known: readonly Unsettled[]): readonly number[] =>
  known.map((code) => CODES.indexOf(code))
export const decodeUnsettled = (positions: readonly number[]): readonly Unsettled[] =>
  positions.length === 0 ? SETTLED : positions.map((position) => CODES[position]!)
