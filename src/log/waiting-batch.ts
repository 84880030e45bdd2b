import type { LogBatch } from '../../consumers/ports/log.ts'
import type { Unpack } from '../../consumers/ports/unpack.ts'

/** Fetched bytes of one partition. Until they are unpacked they are few objects, and bytes. */
export type WaitingBatch = Omit<LogBatch, 'partition' | 'records'> & { readonly unpack: Unpack; readonly bytes: number }

/** What is not packed: one part. */
export const unpackedAlready =
  ({ records, next }: Pick<LogBatch, 'records' | 'next'>): Unpack =>
  () => ({ records, next, rest: null })
