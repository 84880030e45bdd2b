import { readLetters } from '../../consumers/dead-letters/read.ts'
import type { LogRecord as KafkaRecord, Log } from '../../consumers/ports/log.ts'
import type { DeadLetter, World } from '../model/model.ts'
import type { Decision, LogRecord } from '../model/types.ts'
import type { Pulled } from './chain.ts'
import { readAll } from './fold-log.ts'

/** A log that lies in Kafka as the model reads it, partition by partition; operators' events become decisions. */
export const modelLog = async (log: Log, topic: string, partitions: number): Promise<readonly LogRecord[]> => {
  const all: LogRecord[] = []
  for (let partition = 0; partition < partitions; partition += 1)
    all.push(...(await readAll(log, topic, partition)).map(asModelRecord))
  return all
}

const buffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)

const asModelRecord = ({ key, value, headers, ...at }: KafkaRecord): LogRecord => {
  const decision = value && value.length < 1_000_000 ? decisionOf(buffer(value)) : undefined
  return {
    ...at,
    key: key && buffer(key),
    value: value && buffer(value),
    headers: headers.map(([name, bytes]) => [name, bytes && buffer(bytes)] as const),
    ...(decision && { decision }),
  }
}

type Resolved = {
  readonly source: string
  readonly data: {
    readonly student: { readonly identifier: string }
    readonly action: Decision['kind']
    readonly force?: boolean
    readonly letters: Decision['letters']
    readonly waiting?: NonNullable<Decision['waiting']>
    readonly flooded?: boolean
    readonly let_go?: readonly { readonly source: string; readonly sequence: string; readonly last?: string }[]
  }
}

const decisionOf = (value: Buffer): Decision | undefined => {
  if (!value.includes('"pullgate.student.resolved.v1"') || !value.includes('"/pullgate/operator"')) return undefined
  const { data } = JSON.parse(value.toString()) as Resolved
  return {
    kind: data.action,
    force: data.force ?? false,
    identifier: data.student.identifier,
    letters: data.letters,
    waiting: data.waiting ?? [],
    all: data.flooded ?? false,
    letGo: (data.let_go ?? []).map(({ source, sequence, last }) => ({
      source,
      from: BigInt(sequence),
      to: BigInt(last ?? sequence),
    })),
  }
}

/** What lies in the dead-letter topic, each letter for the reason of its last death. */
export const lettersIn = async (log: Log, topic: string, partitions: number): Promise<readonly string[]> => {
  const letters = await readLetters(
    log,
    topic,
    Array.from({ length: partitions }, (_, partition) => partition),
  )
  return letters.map(({ partition, offset, reason }) => `${partition}:${offset} ${reason}`).sort()
}

export const lettersOf = (letters: readonly DeadLetter[]): readonly string[] =>
  [...new Map(letters.map((one) => [`${one.partition}:${one.offset}`, one.reason]))]
    .map(([place, reason]) => `${place} ${reason}`)
    .sort()

export type Query = { readonly identifier: string } & Readonly<Record<string, string>>

/** Everything that can be asked of a student: it alone, and each of its enrolments by its values. */
export const queriesOf = (world: World): readonly Query[] =>
  [...world.students.values()].flatMap(({ identifier, enrolments }) => [
    { identifier },
    ...enrolments.map(({ grade, academicYearStart, collectorCode }) => ({
      identifier,
      grade,
      academic_year_start: academicYearStart,
      ...(collectorCode !== null && { collector_code: collectorCode }),
    })),
  ])

/** What a pull must be answered where no ERP is configured, in one line. */
export const expectedOf = (world: World, query: Query, day: string): string => {
  const found = world.lookUp(query, day)
  if (found.kind !== 'match') return found.kind
  const { place } = found.enrolment
  const view = world.students
    .get(found.student.identifier)!
    .enrolments.find(
      (one) =>
        one.collectorCode === place.branch && one.grade === place.grade && one.academicYearStart === place.yearStart,
    )!
  const answer = view.answer(day)
  if (answer === 'incoherent') return answer
  return answer.status === 200 ? answer.body : `${answer.code} ${answer.message ?? ''}`
}

/** The same of what was answered. */
export const saidIn = ({ status, reason, source, body }: Pulled): string => {
  if (reason !== null) return reason
  if (source !== 'projection') return `${status} from ${source}`
  if (status === 200) return body
  const { code, message } = JSON.parse(body) as { code: string; message: string }
  return `${code} ${OUR_WORDS.has(message) ? '' : message}`
}

/** What is said where the event gave no message. */
export const OUR_WORDS: ReadonlySet<string> = new Set([
  'The student is no longer enrolled here.',
  'The student has been transferred.',
])
