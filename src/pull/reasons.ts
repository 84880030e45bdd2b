/**
 * Reasons why the projection does not answer, in order of precedence. The metric's label values, the OpenAPI document
 * and the docs' tables follow from this list; tests compare the docs with it.
 */
export const FALLBACK_REASONS = ['store_unavailable', 'suspect', 'miss', 'ambiguous', 'incoherent', 'stale'] as const
export type FallbackReason = (typeof FALLBACK_REASONS)[number]

/** The source of an answer, as `X-Pullgate-Source` names it. */
export const ANSWER_SOURCES = ['projection', 'erp', 'last-known-good'] as const
export type AnswerSource = (typeof ANSWER_SOURCES)[number]
