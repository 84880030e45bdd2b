import type { Freshness } from './freshness.ts'

/** Why a lookup is not answered from the projection; where there are several, the first in this order. */
export type Reason = 'store_unavailable' | 'suspect' | 'miss' | 'ambiguous' | 'incoherent' | 'stale'

/** What the projection says about a lookup. */
export type Finding =
  | { readonly kind: 'unread' }
  | {
      readonly kind: 'read'
      /** A student that the lookup touches is suspect. */
      readonly suspect: boolean
      readonly match: 'one' | 'none' | 'ambiguous'
      /** The match has a finished answer. */
      readonly coherent: boolean
      readonly freshness: Freshness
    }

/** Which ERP answers for a lookup. `unnamed`: branches have ERPs, but the lookup names none and there is no group ERP. */
export type ErpChoice = 'configured' | 'nowhere' | 'unnamed' | 'other_branches_only'

/** What to do. `ask_erp` may fail: then last known good, if it is allowed and there is one, else the failure. */
export type Decision =
  | { readonly kind: 'answer' }
  | { readonly kind: 'ask_erp'; readonly reason: Reason }
  | { readonly kind: 'forbid' }
  | { readonly kind: 'decide'; readonly code: 'student_not_found' | 'data_error'; readonly reason: Reason }
  | { readonly kind: 'nobody'; readonly reason: Reason }

export const reasonOf = (finding: Finding): Reason | null => {
  if (finding.kind === 'unread') return 'store_unavailable'
  if (finding.suspect) return 'suspect'
  if (finding.match === 'none') return 'miss'
  if (finding.match === 'ambiguous') return 'ambiguous'
  if (!finding.coherent) return 'incoherent'
  return finding.freshness === 'proven' ? null : 'stale'
}

/**
 * A wrong answer is worse than none: what is not proven goes to the ERP, and without one only a proven fact is told.
 *
 * @param unscoped the client may see several branches, not all, and named none: only the projection can tell whose
 *   student it is
 */
export const decide = (finding: Finding, erp: ErpChoice, unscoped: boolean): Decision => {
  const reason = reasonOf(finding)
  if (reason === null) return { kind: 'answer' }
  if (unscoped) return { kind: 'forbid' }
  if (erp === 'configured') return { kind: 'ask_erp', reason }
  const proven = finding.kind === 'read' && finding.freshness === 'proven'
  if (!proven) return { kind: 'nobody', reason }
  if (reason === 'miss' && erp === 'nowhere') return { kind: 'decide', code: 'student_not_found', reason }
  return { kind: 'decide', code: 'data_error', reason }
}
