import { isFlooded } from '../../projections/sequence/floods.ts'
import { decodeState } from '../../projections/state/state.ts'
import type { Student } from '../../projections/state/student.ts'
import type { StudentId } from '../../projections/values/ids.ts'
import { decode } from '../events/decode.ts'
import type { Log, LogRecord, Position } from '../ports/log.ts'
import { scan } from '../ports/scan.ts'
import type { ProjectionWriter } from '../ports/store.ts'
import { dlqName } from '../ports/topic-spec.ts'
import { stateOf } from '../stored/record.ts'
import { letterHeader, ownHeaders } from './letter-headers.ts'

/** A dead letter in its topic: the original record, its position, and the reason. */
export type ListedLetter = {
  readonly partition: number
  readonly offset: number
  readonly reason: string
  readonly detail: string
  /** `null`: the student is unknown; the letter blocks no student. */
  readonly identifier: StudentId | null
  /** Its publisher; `null` where that cannot be told. */
  readonly source: string | null
  /** The original: key, value, headers and timestamp as they were. */
  readonly record: LogRecord
}

const CHUNK = 500
/** Letters are read to be looked at one by one: a large fetch would only take memory. */
const FETCH_BYTES = 512 * 1024

/**
 * The letters of one partition of their topic, some at a time, each once and for the reason of its last death. The topic is
 * read twice: first to find the last letter of each place, so that no letter is kept but those at hand.
 */
export async function* letterChunks(
  log: Pick<Log, 'startOffsets' | 'endOffsets' | 'read'>,
  topic: string,
  partition: number,
): AsyncGenerator<readonly ListedLetter[]> {
  const dlq = dlqName(topic)
  const [starts, ends] = await Promise.all([log.startOffsets(dlq, [partition]), log.endOffsets(dlq, [partition])])
  const [start, end] = [starts.get(partition) ?? 0, ends.get(partition) ?? 0]
  const last = new Map<number, number>()
  for await (const batch of scan(log, dlq, partition, start, end, FETCH_BYTES))
    for (const record of batch.records) {
      const place = placeOf(record)
      if (place !== null) last.set(place.offset, record.offset)
    }
  let chunk: ListedLetter[] = []
  for await (const batch of scan(log, dlq, partition, start, end, FETCH_BYTES))
    for (const record of batch.records) {
      const place = placeOf(record)
      if (place === null || last.get(place.offset) !== record.offset) continue
      chunk.push(asLetter(record, place))
      if (chunk.length < CHUNK) continue
      yield chunk
      chunk = []
    }
  if (chunk.length > 0) yield chunk
}

/** All letters of some partitions, each once, however often it was written. */
export const readLetters = async (
  log: Log,
  topic: string,
  partitions: readonly number[],
): Promise<readonly ListedLetter[]> => {
  const letters: ListedLetter[] = []
  for (const partition of partitions)
    for await (const chunk of letterChunks(log, topic, partition)) letters.push(...chunk)
  return letters
}

/** The position of a letter's record; `null`: this record is no letter. */
const placeOf = (record: LogRecord): Position | null => {
  const [partition, offset] = [
    Number(letterHeader(record, 'pullgate-partition')),
    Number(letterHeader(record, 'pullgate-offset')),
  ]
  if (letterHeader(record, 'pullgate-offset') === '') return null
  return Number.isSafeInteger(offset) && Number.isSafeInteger(partition) ? { partition, offset } : null
}

const asLetter = (record: LogRecord, { partition, offset }: Position): ListedLetter => {
  const timestampMs = Number(letterHeader(record, 'pullgate-timestamp'))
  const original = { ...record, partition, offset, headers: ownHeaders(record), timestampMs }
  const decoded = decode(original)
  return {
    partition,
    offset,
    reason: letterHeader(record, 'pullgate-reason'),
    detail: letterHeader(record, 'pullgate-detail'),
    identifier: decoded.kind === 'student' ? decoded.identifier : null,
    source: decoded.kind === 'student' ? decoded.source : null,
    record: original,
  }
}

/** The folded states of students of one partition; `null` for whom the projection does not know. */
export const loadStudents = async (
  store: Pick<ProjectionWriter, 'load'>,
  generation: number,
  partition: number,
  identifiers: readonly StudentId[],
): Promise<ReadonlyMap<StudentId, Student | null>> => {
  const stored = await store.load(generation, partition, identifiers)
  return new Map(
    identifiers.map((identifier, index) => {
      const record = stored[index]
      return [identifier, record ? decodeState(stateOf(record)) : null]
    }),
  )
}

/** The same of one. */
export const loadStudent = async (
  store: Pick<ProjectionWriter, 'load'>,
  generation: number,
  partition: number,
  identifier: StudentId,
): Promise<Student | null> => (await loadStudents(store, generation, partition, [identifier])).get(identifier) ?? null

/** `flooded`: open, and not known by itself, so that it can be settled with the whole flood only. */
export type LetterStanding = 'open' | 'settled' | 'flooded'

/** A letter that its student's state does not know is one of a flood, or has been settled long ago. */
export const standingOf = (
  student: Student | null,
  { partition, offset, source }: Pick<ListedLetter, 'partition' | 'offset' | 'source'>,
): LetterStanding => {
  const known = student?.letters.find(({ place }) => place.partition === partition && place.offset === offset)
  if (known) return known.settled ? 'settled' : 'open'
  return student !== null && isFlooded(student, source, offset) ? 'flooded' : 'settled'
}
