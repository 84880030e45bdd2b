import type { LogRecord } from './log.ts'

/** Room for unpacked bytes. */
export type UnpackLease = {
  /** False: there is no room now, and nothing was reserved. */
  readonly reserve: (bytes: number) => boolean
  readonly giveBack: (bytes: number) => void
  /** Gives back all of it. */
  readonly release: () => void
}

export type UnpackedPart = {
  readonly records: readonly LogRecord[]
  /** The offset after this part. */
  readonly next: number
  /** `null`: this was the last part. */
  readonly rest: Unpack | null
}

/**
 * Unpacks the first part. `null`: the lease has no room for it now. Throws a `RangeError` where the bytes cannot be
 * unpacked. A call means that the records of the part before are no longer used.
 */
export type Unpack = (lease: UnpackLease) => UnpackedPart | null
