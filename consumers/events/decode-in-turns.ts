import type { LogRecord } from '../ports/log.ts'
import { decode } from './decode.ts'
import type { Decoded } from './decoded.ts'
import { readRecord } from './envelope.ts'
import { longStep } from './long-steps.ts'

/**
 * A large record is decoded in two turns of the event loop, before its batch is folded in one. 1 MiB of unlike objects
 * costs 40 ms of parsing and as much again of comparing: other work of the process gets its turn in between.
 */

/** Smaller records, and smaller bodies of events, cost a few milliseconds at most. */
export const LARGE_BYTES = 128 * 1024

const decodedEarlier = new WeakMap<LogRecord, Decoded>()

export const isLarge = ({ value }: LogRecord): boolean => (value?.length ?? 0) > LARGE_BYTES

/** Has no effect on small records, and none on a second call. */
export const decodeInTurns = async (records: readonly LogRecord[]): Promise<void> => {
  for (const record of records) {
    if (!isLarge(record) || decodedEarlier.has(record)) continue
    const read = await longStep(() => readRecord(record))
    decodedEarlier.set(record, await longStep(() => decode(record, false, undefined, read)))
  }
}

/** The result of `decodeInTurns`; else the record is decoded now. */
export const decodedOf = (record: LogRecord): Decoded => decodedEarlier.get(record) ?? decode(record)
