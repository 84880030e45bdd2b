import type { Enrolment, Unsettled } from './types.ts'

export type Standing =
  | { readonly kind: 'active' }
  | { readonly kind: 'discontinued' | 'transferred'; readonly message: string | null }

/** Before the day of a leaving the standing is what it would be had none come. */
export const standingOn = ({ leaving, transferred }: Enrolment, day: string): Standing => {
  if (transferred !== null) return { kind: 'transferred', message: transferred.message }
  if (leaving === null || (leaving.from !== null && leaving.from > day)) return { kind: 'active' }
  return { kind: 'discontinued', message: leaving.message }
}

export const also = (some: readonly Unsettled[], more: readonly Unsettled[]): readonly Unsettled[] => [
  ...new Set([...some, ...more]),
]
