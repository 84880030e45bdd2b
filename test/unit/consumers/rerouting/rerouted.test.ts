import { describe, expect, test } from 'vitest'
import type { Header, LogRecord } from '../../../../consumers/ports/log.ts'
import { sortBatch } from '../../../../consumers/projector/sort-batch.ts'
import { digestOf } from '../../../../consumers/rerouting/originals.ts'
import {
  type CheckpointMetadata,
  decodeMetadata,
  encodeMetadata,
  newMetadata,
} from '../../../../consumers/stored/checkpoint-metadata.ts'
import { isKnown, NOTHING_REROUTED, type Watermark, withKnown } from '../../../../consumers/stored/watermark.ts'
import type { StudentId } from '../../../../projections/values/ids.ts'
import { changed } from '../../../golden/said.ts'
import { bare } from '../../../support/events.ts'

const knowing = (...offsets: readonly number[]): Watermark =>
  offsets.reduce((known, offset) => withKnown(known, offset, (lowest) => lowest % 3 === 0), NOTHING_REROUTED)
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

  test('hides nothing behind any number of offsets at which no misrouted record lies', () => {
    const known = knowing(...Array.from({ length: 300 }, (_, index) => 1_000_000 + index * 3 + 1))
    expect(upTo(100).some((offset) => isKnown(known, offset))).toBe(false)
    expect(known.above).toHaveLength(64)
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
  const originalOf = (student: string, record: LogRecord) => ({
    student: student as StudentId,
    digest: digestOf(record),
  })
  /** `t/1/5#log` bears the topic's id too. */
  const moved = (offset: number, text: string) => {
    const [from = '', id] = text.split('#')
    const headers: Header[] = [['pullgate-rerouted-from', Buffer.from(from)]]
    if (id !== undefined) headers.push(['pullgate-rerouted-topic', Buffer.from(id)])
    return bare({ ...changed('A', 1), id: 'e' }, { offset, headers })
  }
  const outcomes = (...from: readonly string[]): number[] => {
    const records = from.map((place, offset) => moved(offset, place))
    const first = new Map(records.toReversed().map((record, index) => [from.at(-1 - index)!.slice(2), record]))
    const originals = new Map([...first].map(([place, record]) => [place, originalOf('S-1', record)]))
    const plan = sortBatch(records, newMetadata('v', 'log.0'), 't', () => 0, originals)
    return [...plan.shares.values()]
      .flat()
      .flatMap(({ content }) => ('event' in content ? content.event.place.offset : []))
  }

  test('counts each once per value of the header, in whatever order they lie', () => {
    expect(outcomes('t/1/5', 't/1/3', 't/1/5', 't/2/5', 't/1/3', 't/1/4')).toEqual([0, 1, 3, 5])
  })

  test('counts each with the topic’s id once, though its original was not looked for', () => {
    expect(outcomes('t/9/1#log', 't/9/1#log', 't/9/2#log')).toEqual([0, 2])
  })

  test('takes a header with another topic’s id for none, however often it comes', () => {
    expect(outcomes('t/1/5#mirrored', 't/1/5#mirrored', 't/1/5#log')).toEqual([0, 1, 2])
  })

  test('takes a header without an id for none where the log holds no misrouted original of this student', () => {
    const records = ['t/1/5', 't/1/5', 't/1/6', 't/1/6', 't/1/7', 't/1/7'].map((place, offset) => moved(offset, place))
    const other = { student: 'S-1' as StudentId, digest: 'of another value' }
    const originals = new Map([
      ['1/5', originalOf('S-2', records[0]!)],
      ['1/6', null],
      ['1/7', other],
    ])
    const plan = sortBatch(records, newMetadata('v', 'log.0'), 't', () => 0, originals)
    expect(plan.outcomes).toEqual([])
    expect(plan.unread).toEqual([])
  })

  test('asks for originals that were not read yet', () => {
    const plan = sortBatch([moved(0, 't/1/9')], newMetadata('v', 'log.0'), 't', () => 0)
    expect(plan.unread).toEqual([{ partition: 1, offset: 9 }])
  })

  test('takes a header of another topic, or of no sense, for none', () => {
    expect(outcomes('other/1/5', 'other/1/5', 't/1', 't/1', 't/x/1')).toEqual([0, 1, 2, 3, 4])
  })
})
