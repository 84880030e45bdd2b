import type { ScoutLedger } from '../../../consumers/ports/scout-ledger.ts'
import type { Proof } from '../../../consumers/ports/store.ts'

/** Kept in memory: only the serving process reads it, and it is invalid after the process ends. */
export type Unsaved = {
  /** Valid and expired leases, by generation and partition. */
  readonly leases: Map<string, { readonly proof: Proof; readonly untilMs: number }>
  /** Ranges that scouts have scanned, by partition. */
  readonly ledgers: Map<number, ScoutLedger>
}

export const nothingUnsaved = (): Unsaved => ({ leases: new Map(), ledgers: new Map() })
