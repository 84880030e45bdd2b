import type { Log } from './log.ts'
import type { Probe } from './probe.ts'
import type { ProjectionStore } from './projection-store.ts'

/** The log and the store of a role or a command. */
export type Engine = {
  readonly log: Log
  /** Appends answers, on connections of its own: whatever becomes of that topic, publications do not wait for it. */
  readonly recording: Pick<Log, 'append'>
  readonly store: ProjectionStore
  /** What a message calls them. */
  readonly names: { readonly log: string; readonly store: string }
  /** The least mean time between look-ups of the log's end, which bounds their cost. */
  readonly endsPaceMs: number
  /** The one file of embedded operation, and whether a process serves it: its leases are in that process's memory. */
  readonly file: { readonly isServed: () => boolean } | null
  /** Counts the bytes that batches of the log unpack to; an engine of another thread may count in the same number. */
  readonly unpacked?: SharedArrayBuffer
  /** Creates a probe of the store's latency for other readers; `null` where no reader uses a network. */
  readonly probe: () => Probe | null
  /** Resolves once the store takes commands; rejects with `store_unavailable` past the time. */
  readonly ready: (timeoutMs: number) => Promise<void>
  readonly close: () => Promise<void>
}
