import type { Freshness } from './freshness.ts'
import type { FallbackReason } from './reasons.ts'

/** What the projection says about a lookup. */
export type ProjectionFinding =
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

/**
 * Which ERP answers for a lookup. `nowhere`: none is configured at all. `unnamed`: branches have ERPs, but the lookup
 * names no branch and there is no group ERP. `other_branches_only`: it names one that has none.
 */
export type ErpChoice = 'configured' | 'nowhere' | 'unnamed' | 'other_branches_only'

/** All that the answer to a pull depends on. */
export type Situation = {
  readonly finding: ProjectionFinding
  readonly erp: ErpChoice
  /** The client may see several branches, not all, and named none: only the projection can tell whose student it is. */
  readonly unscoped: boolean
  /** What became of asking the ERP. `unavailable`: it could not be asked or did not answer. */
  readonly asked: 'not_yet' | 'answered' | 'bad_response' | 'unavailable'
  /** There is an answer that once was true, young enough for the operator. */
  readonly lastKnown: boolean
}

export type Decision =
  | { readonly kind: 'projection' }
  | { readonly kind: 'forbid' }
  | { readonly kind: 'ask_erp'; readonly reason: FallbackReason }
  /** The ERP's answer, unchanged. */
  | { readonly kind: 'erp'; readonly reason: FallbackReason }
  /** A 422 that is decided here, for want of an ERP. */
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
 * Which source answers. A wrong answer is worse than none: what is not proven is asked of the ERP, and without one only a
 * proven fact is told. docs/decision.md is the table of it, held to this function by a test that walks every situation.
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
