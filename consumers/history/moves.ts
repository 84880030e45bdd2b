import type { StudentId } from '../../projections/values/ids.ts'
import type { LogRecord, Position } from '../ports/log.ts'
import { digestOf, type ReadOriginal } from '../rerouting/originals.ts'
import { reroutedMark } from '../rerouting/reroute.ts'

/** Finds moved records, their copies and repeated copies, by the projector's own rule. */
export const movesOf = (topic: string, topicId: string, readOriginal: ReadOriginal) => {
  const copied = new Map<string, Set<number>>()
  const misrouted = new Map<string, { readonly partition: number; readonly to: number; readonly offsets: number[] }>()
  const pair = (from: number, to: number): string => `${from}>${to}`
  const copiesOf = (from: number, to: number): Set<number> => {
    const copies = copied.get(pair(from, to)) ?? new Set()
    copied.set(pair(from, to), copies)
    return copies
  }
  return {
    /** The original position, if the header's claim is valid. */
    originOf: async (record: LogRecord, student: StudentId): Promise<Position | null> => {
      const mark = reroutedMark(record, topic, topicId)
      if (mark === null) return null
      if (mark.named) return mark.from
      const original = await readOriginal(mark.from)
      return original?.student === student && original.digest === digestOf(record) ? mark.from : null
    },
    /** False for a copy whose original has one already. */
    isFirst: (from: Position, to: number): boolean => {
      const copies = copiesOf(from.partition, to)
      const isFirst = !copies.has(from.offset)
      copies.add(from.offset)
      return isFirst
    },
    sawMisrouted: ({ partition, offset }: LogRecord, to: number): void => {
      const seen = misrouted.get(pair(partition, to)) ?? { partition, to, offsets: [] }
      misrouted.set(pair(partition, to), seen)
      seen.offsets.push(offset)
    },
    hasCopy: ({ partition, offset }: LogRecord, to: number): boolean => copiesOf(partition, to).has(offset),
    /** The partitions that hold records without a copy, and from where on. */
    missing: (): readonly { readonly partition: number; readonly from: number }[] => {
      const from = new Map<number, number>()
      for (const { partition, to, offsets } of misrouted.values()) {
        const copies = copiesOf(partition, to)
        const first = offsets.find((offset) => !copies.has(offset))
        if (first !== undefined) from.set(partition, Math.min(from.get(partition) ?? first, first))
      }
      return [...from].map(([partition, next]) => ({ partition, from: next }))
    },
  }
}
