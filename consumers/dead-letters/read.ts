import { isFlooded } from '../../projections/sequence/floods.ts'
import { decodeState } from '../../projections/state/state.ts'
import type { Student } from '../../projections/state/student.ts'
import type { StudentId } from '../../projections/values/ids.ts'
import { decode } from '../events/decode.ts'
import { headerText } from '../events/envelope.ts'
import type { Log, LogRecord } from '../ports/log.ts'
import { scan } from '../ports/scan.ts'
import type { ProjectionWriter } from '../ports/store.ts'
import { dlqName } from '../ports/topic-spec.ts'
import { stateOf } from '../stored/record.ts'

/** A dead letter as it lies in its topic: the record it was, where that lay, and why it died. */
export type ListedLetter = {
  readonly partition: number
  readonly offset: number
  readonly reason: string
  readonly detail: string
  /** `null`: its student cannot be told; it harms nobody. */
  readonly identifier: StudentId | null
  /** `null`: it cannot be told. */
  readonly source: string | null
  /** The original: key, value, headers and timestamp as they were. */
  readonly record: LogRecord
}

/** All letters of some partitions, in the order they died; each once, however often it was written. */
export const readLetters = async (
  log: Log,
  topic: string,
  partitions: readonly number[],
): Promise<readonly ListedLetter[]> => {
  const dlq = dlqName(topic)
  const [starts, ends] = await Promise.all([log.startOffsets(dlq, partitions), log.endOffsets(dlq, partitions)])
  const letters = new Map<string, ListedLetter>()
  for (const partition of partitions) {
    for await (const batch of scan(log, dlq, partition, starts.get(partition) ?? 0, ends.get(partition) ?? 0))
      for (const record of batch.records) {
        const letter = asLetter(record)
        if (letter) letters.set(keyOf(letter), letter)
      }
  }
  return [...letters.values()]
}

const keyOf = ({ partition, offset }: { readonly partition: number; readonly offset: number }): string =>
  `${partition}:${offset}`

const asLetter = (record: LogRecord): ListedLetter | null => {
  const header = (name: string): string => headerText(record.headers.toReversed(), `pullgate-${name}`) ?? ''
  const [partition, offset] = [Number(header('partition')), Number(header('offset'))]
  if (header('offset') === '' || !Number.isSafeInteger(offset) || !Number.isSafeInteger(partition)) return null
  // What was added comes last; what the record bore itself stays.
  const headers = record.headers.slice(0, -ADDED)
  const original = { ...record, partition, offset, headers, timestampMs: Number(header('timestamp')) }
  const decoded = decode(original)
  return {
    partition,
    offset,
    reason: header('reason'),
    detail: header('detail'),
    identifier: decoded.kind === 'student' ? decoded.identifier : null,
    source: decoded.kind === 'student' ? decoded.source : null,
    record: original,
  }
}

/** How many headers a letter bears beside its record's own. */
const ADDED = 6

/** The folded state of a student in a generation; `null` where the projection does not know it. */
export const loadStudent = async (
  store: Pick<ProjectionWriter, 'load'>,
  generation: number,
  partition: number,
  identifier: StudentId,
): Promise<Student | null> => {
  const [stored] = await store.load(generation, partition, [identifier])
  return stored ? decodeState(stateOf(stored)) : null
}

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
