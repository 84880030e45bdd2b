import type { Draft } from './generate-erp.ts'

/**
 * Where the independent model and the product read different versions of the rules, generated histories keep off, so that
 * what is left is compared in full. Each side takes its entries out when it has caught up; empty, everything is compared.
 */
type Beyond = RegExp | ((drafts: readonly Draft[]) => boolean)

/** Patterns over type and data of one draft as JSON, or predicates over all drafts of a student. */
const BEYOND: readonly Beyond[] = []

/** Hand-computed examples, by name, that follow rules the model does not have yet. */
export const REVISED: ReadonlySet<string> = new Set()

/**
 * The product refuses a snapshot that comes after an event that it would undo (`stale_snapshot`), and the model does not
 * yet. In these histories that happens only where copies of misrouted records come late.
 */
const COMPARES_STALE_SNAPSHOTS: boolean = false

export const mayBeMisrouted = (drafts: readonly Draft[]): boolean =>
  COMPARES_STALE_SNAPSHOTS || !drafts.some(({ type }) => type === 'erp.student.snapshot.v1')

export const isCommonGround = (drafts: readonly Draft[]): boolean =>
  !BEYOND.some((beyond) =>
    beyond instanceof RegExp
      ? drafts.some(({ type, data }) => beyond.test(JSON.stringify({ type, data })))
      : beyond(drafts),
  )
