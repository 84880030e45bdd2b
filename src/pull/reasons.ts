/**
 * Why the projection does not answer, in the order in which one of several is named. The metric's label values, the
 * OpenAPI document and the docs' tables follow from this list; tests hold the docs to it.
 */
export const FALLBACK_REASONS = ['store_unavailable', 'suspect', 'miss', 'ambiguous', 'incoherent', 'stale'] as const
export type FallbackReason = (typeof FALLBACK_REASONS)[number]

/** Who gave an answer, as `X-Pullgate-Source` says it. */
export const ANSWER_SOURCES = ['projection', 'erp', 'last-known-good'] as const
export type AnswerSource = (typeof ANSWER_SOURCES)[number]
