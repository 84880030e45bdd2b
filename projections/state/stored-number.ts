import type { Interval, Intervals } from '../values/intervals.ts'

/** A number of a sequence as it is stored: a JSON integer where that is exact, else its digits. */
export type StoredNumber = number | string

const GREATEST_EXACT = BigInt(Number.MAX_SAFE_INTEGER)

export const encodeExact = (number: bigint): StoredNumber =>
  number <= GREATEST_EXACT ? Number(number) : String(number)

export const encodeNumber = (number: bigint | null): StoredNumber | null =>
  number === null ? null : encodeExact(number)

export const decodeNumber = (number: StoredNumber | null): bigint | null => (number === null ? null : BigInt(number))

/** Flat: the first and the last number of each range in turn. */
export const encodeIntervals = (intervals: Intervals): readonly StoredNumber[] => intervals.flat().map(encodeExact)

export const decodeIntervals = (flat: readonly StoredNumber[]): Intervals =>
  Array.from(
    { length: flat.length / 2 },
    (_, index): Interval => [BigInt(flat[index * 2]!), BigInt(flat[index * 2 + 1]!)],
  )
