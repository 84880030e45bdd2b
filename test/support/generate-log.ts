import { decode, studentNamed } from '../model/decode.ts'
import { partitionOf } from '../model/murmur2.ts'
import type { LogRecord } from '../model/types.ts'
import type { Publication } from './generate.ts'

/** No operator has decided anything yet. */
type Written = Omit<LogRecord, 'decision'>

/** Where a copy comes from. One without the topic's id is of a version that did not write it. */
const movedFrom = (from: Buffer, id: string | undefined): LogRecord['headers'] => [
  ['pullgate-rerouted-from', from],
  ...(id === undefined ? [] : [['pullgate-rerouted-topic', Buffer.from(id)] as const]),
]

/**
 * The log that comes of publications when every misrouted record is moved: the original where it landed, and its copy,
 * in the originals' order, at the end of the right partition `lag` publications later. In the order of writing.
 */
export const layOut = (
  published: readonly Publication[],
  partitions: number,
  {
    lag = 0,
    topic = 'erp.student-events',
    id,
  }: { readonly lag?: number; readonly topic?: string; readonly id?: string } = {},
): Written[] => {
  const ends = new Map<number, number>()
  const log: Written[] = []
  const append = (record: Omit<Written, 'offset'>): Written => {
    const offset = ends.get(record.partition) ?? 0
    ends.set(record.partition, offset + 1)
    const written = { ...record, offset }
    log.push(written)
    return written
  }
  const copies: { readonly due: number; readonly copy: Omit<Written, 'offset'> }[] = []
  published.forEach(({ partition, key, value, headers, timestampMs }, index) => {
    const landed = partition ?? partitionOf(key ?? Buffer.alloc(0), partitions)
    const original = append({ partition: landed, key, value, headers, timestampMs })
    const student = studentNamed(decode(original))
    if (student !== null && partitionOf(student, partitions) !== landed) {
      const from = Buffer.from(`${topic}/${landed}/${original.offset}`)
      const copy = {
        ...original,
        partition: partitionOf(student, partitions),
        key: Buffer.from(student),
        headers: [...headers.filter(([name]) => !name.startsWith('pullgate-')), ...movedFrom(from, id)],
      }
      copies.push({ due: index + lag, copy })
    }
    while (copies[0] !== undefined && copies[0].due <= index) append(copies.shift()!.copy)
  })
  for (const { copy } of copies) append(copy)
  return log
}
