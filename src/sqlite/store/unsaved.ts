import type { ScoutLedger } from '../../../consumers/ports/scout-ledger.ts'
import type { Proof } from '../../../consumers/ports/store.ts'

/** What only the process on the file reads, and what means nothing after its end: it is kept in memory. */
export type Unsaved = {
  /** Living and dead leases, by generation and partition. */
  readonly leases: Map<string, { readonly proof: Proof; readonly untilMs: number }>
  /** What scouts have scanned, by partition. */
  readonly ledgers: Map<number, ScoutLedger>
}

export const nothingUnsaved = (): Unsaved => ({ leases: new Map(), ledgers: new Map() })
