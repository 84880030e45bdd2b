import { decode } from '../../../consumers/events/decode.ts'
import { addressOf, type EventProblem, validateRecord } from '../../../consumers/events/validate.ts'
import { fromLine, type Marks, type PortableRecord, WRAPPED } from '../../../consumers/history/ndjson.ts'
import { partitionOf } from '../../../consumers/ports/partition.ts'
import { OPERATOR } from '../../../projections/events/event.ts'
import type { Line } from './lines.ts'

/** An event of a file as it would lie in the log, or all that is wrong with it. */
export type EventLine =
  | {
      readonly kind: 'event'
      readonly partition: number
      readonly record: PortableRecord
      readonly marks: Marks | null
      /** It is an operator's decision, which names other records by their places. */
      readonly decides: boolean
    }
  | { readonly kind: 'bad'; readonly problems: readonly EventProblem[] }

const PLACE = { partition: 0, offset: 0, timestampMs: 0 } as const
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf])

/** A wrapped record of an export is restored byte for byte, above all poison. */
export const readEventLine = ({ bytes, number }: Line, partitions: number): EventLine => {
  if (bytes === null) return bad('', 'is longer than 8 MiB')
  if (number === 1 && isWide(bytes)) return bad('', 'the file is UTF-16; events are UTF-8')
  const read = fromLine(trimmed(bytes))
  if (read.kind === 'misplaced') return bad('/pullgateat', 'must stand first in its line, as "events export" wrote it')
  if (read.kind === 'unwrappable') return bad('/data', `is not the data of a ${WRAPPED}`)
  const { record, marks } = read
  if (read.wrapped) {
    const decoded = decode({ ...PLACE, ...record })
    const identifier = decoded.kind === 'student' ? decoded.identifier : null
    const partition = identifier === null ? marks!.at.partition % partitions : partitionOf(identifier, partitions)
    return { kind: 'event', partition, record, marks, decides: false }
  }
  const inspected = validateRecord({ ...PLACE, ...record })
  if (inspected.kind === 'invalid') return { kind: 'bad', problems: inspected.problems }
  const decides = inspected.source === OPERATOR
  if (decides && marks === null)
    return bad('/source', 'is the operator\'s own, whose decisions "pullgate dlq" writes; only an export may bear it')
  const { key, partition } = addressOf(inspected, partitions)
  return { kind: 'event', partition, record: { ...record, key }, marks, decides }
}

const bad = (pointer: string, message: string): EventLine => ({ kind: 'bad', problems: [{ pointer, message }] })

const isWide = (bytes: Buffer): boolean => bytes.length >= 2 && [0xfffe, 0xfeff].includes(bytes.readUInt16BE(0))

const trimmed = (bytes: Buffer): Buffer => {
  const begin = bytes.subarray(0, 3).equals(BYTE_ORDER_MARK) ? 3 : 0
  return bytes.subarray(begin, bytes.at(-1) === 13 ? -1 : undefined)
}
