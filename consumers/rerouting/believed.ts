import type { StudentId } from '../../projections/values/ids.ts'
import type { LogRecord, Position } from '../ports/log.ts'
import { NOTHING_REROUTED, type Watermark, withKnown } from '../stored/watermark.ts'
import { digestOf, NO_ORIGINALS, type Original, type Originals, originalKey } from './originals.ts'
import { reroutedMark } from './reroute.ts'

/** Which copies of misrouted records are believed, and which of them have come already. */
export type ReroutedCopies = {
  /** Where this student's record lay first, if that is to be believed. */
  readonly originOf: (record: LogRecord, identifier: StudentId) => Position | null
  /** False where a copy of this original has come before; else it has come now. */
  readonly isFirst: (from: Position) => boolean
  readonly come: ReadonlyMap<number, Watermark>
  /** Originals that have to be read before any of this counts. */
  readonly unread: readonly Position[]
}

export const reroutedCopies = (
  before: ReadonlyMap<number, Watermark>,
  topic: { readonly name: string; readonly id: string },
  isHere: (identifier: StudentId) => boolean,
  originals: Originals = NO_ORIGINALS,
): ReroutedCopies => {
  const come = new Map(before)
  const unread: Position[] = []

  /** `undefined`: not read yet. */
  const originalAt = (at: Position): Original | null | undefined => {
    const original = originals.get(originalKey(at))
    if (original === undefined) unread.push(at)
    return original
  }

  return {
    originOf: (record, identifier) => {
      const mark = reroutedMark(record, topic.name, topic.id)
      if (mark === null) return null
      if (mark.named) return mark.from
      const original = originalAt(mark.from)
      return original && original.student === identifier && original.digest === digestOf(record) ? mark.from : null
    },
    isFirst: ({ partition, offset }) => {
      const known = come.get(partition) ?? NOTHING_REROUTED
      const next = withKnown(known, offset, (lowest) => {
        const original = originalAt({ partition, offset: lowest })
        return original != null && isHere(original.student)
      })
      if (next === known) return false
      come.set(partition, next)
      return true
    },
    come,
    unread,
  }
}
