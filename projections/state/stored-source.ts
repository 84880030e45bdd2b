import type { Instant } from '../values/ids.ts'
import { NO_NUMBER_YET, type Numbers } from './numbers.ts'
import {
  decodeIntervals,
  decodeNumber,
  encodeExact,
  encodeIntervals,
  encodeNumber,
  type StoredNumber,
} from './stored-number.ts'
import type { SourceState } from './student.ts'

/** The stored form of what is known of one publisher. */
export type StoredSource = readonly [
  name: string,
  applied: StoredNumber,
  lastTime: string | null,
  lastTimestampMs: number,
  /** What most sources never have; left out where it is nothing. */
  rare?: StoredRareNumbers,
]

type StoredRareNumbers = readonly [
  highest: StoredNumber,
  opened: readonly [since: string, first: StoredNumber | null] | null,
  skipped: readonly StoredNumber[],
  silenced: readonly StoredNumber[],
  credit: number,
]

export const encodeSource = ([name, { numbers, lastTime, lastTimestampMs }]: [string, SourceState]): StoredSource => {
  const plain = [name, encodeExact(numbers.applied), lastTime, lastTimestampMs] as const
  return isPlain(numbers) ? plain : [...plain, encodeRare(numbers)]
}

const isPlain = ({ applied, highest, opened, skipped, silenced, credit }: Numbers): boolean =>
  highest === applied && opened === null && skipped.length === 0 && silenced.length === 0 && credit === 0

const encodeRare = ({ highest, opened, skipped, silenced, credit }: Numbers): StoredRareNumbers => [
  encodeExact(highest),
  opened && [opened.since, encodeNumber(opened.first)],
  encodeIntervals(skipped),
  encodeIntervals(silenced),
  credit,
]

export const decodeSource = ([name, applied, lastTime, lastTimestampMs, rare]: StoredSource): [string, SourceState] => [
  name,
  {
    numbers: decodeNumbers(BigInt(applied), rare),
    lastTime: lastTime as Instant | null,
    lastTimestampMs,
  },
]

const decodeNumbers = (applied: bigint, rare: StoredRareNumbers | undefined): Numbers => {
  if (!rare) return { ...NO_NUMBER_YET, applied, highest: applied }
  const [highest, opened, skipped, silenced, credit] = rare
  return {
    applied,
    highest: BigInt(highest),
    opened: opened && { since: opened[0] as Instant, first: decodeNumber(opened[1]) },
    skipped: decodeIntervals(skipped),
    silenced: decodeIntervals(silenced),
    credit,
  }
}
