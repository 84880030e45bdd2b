import type { Freshness } from './freshness.ts'
import type { FallbackReason } from './reasons.ts'

/** The projection's result for a lookup. */
export type ProjectionFinding =
  | { readonly kind: 'unread' }
  | {
      readonly kind: 'read'
      /** A student that the lookup concerns is suspect. */
      readonly suspect: boolean
      readonly match: 'one' | 'none' | 'ambiguous'
      /** The match has a finished answer. */
      readonly coherent: boolean
      readonly freshness: Freshness
    }

/**
 * Which ERP answers for a lookup. `nowhere`: no ERP is configured. `unnamed`: branches have ERPs, but the lookup names
 * no branch and there is no group ERP. `other_branches_only`: the named branch has no ERP.
 */
export type ErpChoice = 'configured' | 'nowhere' | 'unnamed' | 'other_branches_only'

/** Everything that the answer to a pull depends on. */
export type Situation = {
  readonly finding: ProjectionFinding
  readonly erp: ErpChoice
  /**
   * The client may see several branches but not all, and named none: only the projection knows the student's branch.
   */
  readonly unscoped: boolean
  /** The outcome of the ERP call. `unavailable`: the ERP could not be called or did not answer. */
  readonly asked: 'not_yet' | 'answered' | 'bad_response' | 'unavailable'
  /** An earlier true answer exists that is new enough for the configured limit. */
  readonly lastKnown: boolean
}

export type Decision =
  | { readonly kind: 'projection' }
  | { readonly kind: 'forbid' }
  | { readonly kind: 'ask_erp'; readonly reason: FallbackReason }
  /** The ERP's answer, unchanged. */
  | { readonly kind: 'erp'; readonly reason: FallbackReason }
  /** A 422 decided here, because no ERP is configured. */
  | { readonly kind: 'refuse'; readonly code: 'student_not_found' | 'data_error'; readonly reason: FallbackReason }
  | { readonly kind: 'last_known_good'; readonly reason: FallbackReason }
  | {
      readonly kind: 'fail'
      readonly code: 'erp_bad_response' | 'temporarily_unavailable'
      readonly reason: FallbackReason
    }

export const reasonOf = (finding: ProjectionFinding): FallbackReason | null => {
  if (finding.kind === 'unread') return 'store_unavailable'
  if (finding.suspect) return 'suspect'
  if (finding.match === 'none') return 'miss'
  if (finding.match === 'ambiguous') return 'ambiguous'
  if (!finding.coherent) return 'incoherent'
  return finding.freshness === 'proven' ? null : 'stale'
}

/**
 * Decides which source answers. A wrong answer is worse than none: a pull without proof goes to the ERP, and without an
 * ERP only a proven fact is answered. docs/decision.md holds the same table; a test compares it with this function for
 * every situation.
 */
export const decide = ({ finding, erp, unscoped, asked, lastKnown }: Situation): Decision => {
  const reason = reasonOf(finding)
  if (reason === null) return { kind: 'projection' }
  if (unscoped) return { kind: 'forbid' }
  if (erp === 'configured') {
    if (asked === 'not_yet') return { kind: 'ask_erp', reason }
    if (asked === 'answered') return { kind: 'erp', reason }
  } else if (finding.kind === 'read' && finding.freshness === 'proven') {
    const notFound = reason === 'miss' && erp === 'nowhere'
    return { kind: 'refuse', code: notFound ? 'student_not_found' : 'data_error', reason }
  }
  if (lastKnown) return { kind: 'last_known_good', reason }
  const bad = erp === 'configured' && asked === 'bad_response'
  return { kind: 'fail', code: bad ? 'erp_bad_response' : 'temporarily_unavailable', reason }
}
