import type { Log, NewRecord, Position } from '../../../consumers/ports/log.ts'
import { plural } from '../command/output.ts'
import { withNewPlaces } from './decisions.ts'
import type { EventLine } from './event-line.ts'

type Event = Extract<EventLine, { kind: 'event' }>

/** Writing events to the log, batch after batch, each acknowledged before the next: the order of the lines is kept. */
export type Publication = {
  readonly add: (event: Event) => Promise<void>
  readonly flush: () => Promise<void>
  /** Acknowledged so far. */
  readonly count: () => number
  /** Letters named by decisions whose records were not among the events. */
  readonly lost: () => number
  /** Every event's place in the order of the lines; of very many only where they lie, partition by partition. */
  readonly positions: () => readonly string[]
  readonly summary: () => string
}

const BATCH_RECORDS = 1000
const BATCH_BYTES = 1024 * 1024
/** More than a person or a program asks for one by one. */
const MOST_POSITIONS = 100_000

/** @param named the places of an export that decisions in it speak of */
export const publication = (log: Pick<Log, 'append'>, topic: string, named: ReadonlySet<string>): Publication => {
  const places = new Map<string, Position>()
  const ranges = new Map<number, { first: number; last: number; count: number }>()
  const positions: string[] = []
  let batch: { readonly record: NewRecord; readonly old: string | null }[] = []
  let [bytes, count, lost] = [0, 0, 0]

  const flush = async (): Promise<void> => {
    if (batch.length === 0) return
    const sending = batch
    batch = []
    bytes = 0
    const acknowledged = await log.append(sending.map(({ record }) => record))
    count += sending.length
    acknowledged.forEach((position, index) => {
      const { old } = sending[index]!
      if (old !== null && named.has(old)) places.set(old, position)
      if (positions.length < MOST_POSITIONS) positions.push(`${position.partition}:${position.offset}`)
      const range = ranges.get(position.partition)
      if (range) {
        range.last = position.offset
        range.count += 1
      } else ranges.set(position.partition, { first: position.offset, last: position.offset, count: 1 })
    })
  }

  return {
    add: async ({ record, partition, marks, decides }) => {
      let carried = record
      if (decides) {
        await flush()
        const moved = withNewPlaces(record, topic, partition, (old) => places.get(old))
        carried = moved.record
        lost += moved.lost
      }
      batch.push({
        record: { topic, partition, ...carried, ...(marks && { timestampMs: marks.timestampMs }) },
        old: marks && `${marks.at.partition}:${marks.at.offset}`,
      })
      bytes += carried.value?.length ?? 0
      if (batch.length >= BATCH_RECORDS || bytes >= BATCH_BYTES) await flush()
    },
    flush,
    count: () => count,
    lost: () => lost,
    positions: () =>
      count <= MOST_POSITIONS ? positions : [...ranges].map(([p, { first, last }]) => `${p}:${first}-${last}`),
    summary: () =>
      [
        `${plural(count, 'event')} published`,
        ...[...ranges].sort(([a], [b]) => a - b).map(([partition, range]) => `  ${rangeText(partition, range)}`),
        '',
      ].join('\n'),
  }
}

const rangeText = (
  partition: number,
  { first, last, count }: { first: number; last: number; count: number },
): string =>
  count === 1 ? `${partition}:${first}` : `${partition}:${first} to ${partition}:${last} (${plural(count, 'event')})`
