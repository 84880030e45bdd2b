import type { Instant } from '../values/ids.ts'
import { packMoment, unpackMoment } from '../values/moment.ts'
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

/** The stored form of the state of one publisher. Moments are packed; `""` stands for none. */
export type StoredSource = readonly [
  name: string,
  id: number,
  applied: StoredNumber,
  lastTime: string,
  lastTimestampMs: number,
  /** Usually equal to `lastTime`: then `0` stands for it. */
  newestAt: string | 0,
  newestOffset: number,
  forgottenAt: string,
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

export const encodeSource = ([name, state]: [string, SourceState]): StoredSource => {
  const { id, numbers, lastTime, lastTimestampMs, newest, forgottenAt } = state
  const plain = [
    name,
    id,
    encodeExact(numbers.applied),
    packed(lastTime),
    lastTimestampMs,
    newest !== null && newest.at === lastTime ? 0 : packed(newest === null ? null : newest.at),
    newest?.offset ?? 0,
    packed(forgottenAt),
  ] as const
  return isPlain(numbers) ? plain : [...plain, encodeRare(numbers)]
}

const packed = (moment: Instant | null): string => (moment === null ? '' : packMoment(moment))
const unpacked = (text: string): Instant | null => (text === '' ? null : unpackMoment(text))

const isPlain = ({ applied, highest, opened, skipped, silenced, credit }: Numbers): boolean =>
  highest === applied && opened === null && skipped.length === 0 && silenced.length === 0 && credit === 0

const encodeRare = ({ highest, opened, skipped, silenced, credit }: Numbers): StoredRareNumbers => [
  encodeExact(highest),
  opened && [packMoment(opened.since), encodeNumber(opened.first)],
  encodeIntervals(skipped),
  encodeIntervals(silenced),
  credit,
]

export const decodeSource = (stored: StoredSource): [string, SourceState] => {
  const [name, id, applied, last, lastTimestampMs, newestAt, offset, forgottenAt, rare] = stored
  const lastTime = unpacked(last)
  const at = newestAt === 0 ? lastTime : unpacked(newestAt)
  const newest = at && { at, offset }
  const numbers = decodeNumbers(BigInt(applied), rare)
  return [name, { id, numbers, lastTime, lastTimestampMs, newest, forgottenAt: unpacked(forgottenAt) }]
}

const decodeNumbers = (applied: bigint, rare: StoredRareNumbers | undefined): Numbers => {
  if (!rare) return { ...NO_NUMBER_YET, applied, highest: applied }
  const [highest, opened, skipped, silenced, credit] = rare
  return {
    applied,
    highest: BigInt(highest),
    opened: opened && { since: unpackMoment(opened[0]), first: decodeNumber(opened[1]) },
    skipped: decodeIntervals(skipped),
    silenced: decodeIntervals(silenced),
    credit,
  }
}
