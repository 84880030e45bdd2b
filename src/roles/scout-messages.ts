import type { Config } from '../config/load.ts'

/** What the scout's thread is started with. */
export type ScoutData = {
  readonly config: Config
  /** One 32-bit number: 1 while settings of log and store allow proofs. */
  readonly mayProve: Int32Array
  /** The projector's count of unpacked bytes. */
  readonly unpacked: SharedArrayBuffer | undefined
}

export type ScoutOrder =
  | { readonly kind: 'behind' | 'leave'; readonly partition: number }
  /** Ends the thread, once what is in hand is done. */
  | { readonly kind: 'stop' }

/** What has happened since the last message. */
export type ScoutNews = {
  readonly scanned: number
  readonly full: number
  /** Marks in the store, of all partitions that are scanned. */
  readonly marks: number
  readonly partitions: readonly number[]
  readonly failure: string | null
}
