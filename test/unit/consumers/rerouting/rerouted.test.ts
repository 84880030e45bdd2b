import { describe, expect, test } from 'vitest'
import { sortBatch } from '../../../../consumers/projector/sort-batch.ts'
import {
  type CheckpointMetadata,
  decodeMetadata,
  encodeMetadata,
  newMetadata,
} from '../../../../consumers/stored/checkpoint-metadata.ts'
import { isKnown, NOTHING_REROUTED, type Watermark, withKnown } from '../../../../consumers/stored/watermark.ts'
import { changed } from '../../../golden/said.ts'
import { bare } from '../../../support/events.ts'

const knowing = (...offsets: readonly number[]): Watermark =>
  offsets.reduce((known, offset) => withKnown(known, offset), NOTHING_REROUTED)
const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index * 3)

describe('what has come rerouted from a partition', () => {
  test('is known offset by offset, in any order', () => {
    const known = knowing(7, 3, 999_999)
    expect([3, 7, 999_999].map((offset) => isKnown(known, offset))).toEqual([true, true, true])
    expect([0, 4, 8, 1_000_000].map((offset) => isKnown(known, offset))).toEqual([false, false, false, false])
  })

  test('is known for good, but in bounded room: below the last 64 everything counts as known', () => {
    const known = knowing(...upTo(100))
    expect(known.above).toHaveLength(64)
    expect(upTo(100).every((offset) => isKnown(known, offset))).toBe(true)
    expect(isKnown(known, 1)).toBe(true)
    expect(isKnown(known, 298)).toBe(false)
  })

  test('hides nothing that is moved later behind one that lies far ahead', () => {
    const known = knowing(999_999, ...upTo(100))
    expect(isKnown(known, 300)).toBe(false)
  })

  test('is kept in the checkpoint', () => {
    const metadata: CheckpointMetadata = {
      ...newMetadata('v', 'log.0'),
      rerouted: new Map([[3, knowing(...upTo(100))]]),
    }
    expect(decodeMetadata(encodeMetadata(metadata))).toEqual(metadata)
  })
})

describe('a batch of rerouted records', () => {
  const moved = (offset: number, from: string) =>
    bare(
      { ...changed('A', offset), id: `e${offset}` },
      { offset, headers: [['pullgate-rerouted-from', Buffer.from(from)]] },
    )
  const outcomes = (...from: readonly string[]): number[] => {
    const plan = sortBatch(
      from.map((place, offset) => moved(offset, place)),
      newMetadata('v', 'log.0'),
      't',
      () => 0,
    )
    return [...plan.shares.values()]
      .flat()
      .flatMap(({ content }) => ('event' in content ? content.event.place.offset : []))
  }

  test('counts each once per value of the header, in whatever order they lie', () => {
    expect(outcomes('t/1/5', 't/1/3', 't/1/5', 't/2/5', 't/1/3', 't/1/4')).toEqual([0, 1, 3, 5])
  })

  test('takes a header of another topic, or of no sense, for none', () => {
    expect(outcomes('other/1/5', 'other/1/5', 't/1', 't/1', 't/x/1')).toEqual([0, 1, 2, 3, 4])
  })
})
