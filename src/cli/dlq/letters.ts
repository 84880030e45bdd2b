import {
  type LetterStanding,
  type ListedLetter,
  letterChunks,
  loadStudents,
  standingOf,
} from '../../../consumers/dead-letters/read.ts'
import type { Engine } from '../../../consumers/ports/engine.ts'
import type { LogRecord } from '../../../consumers/ports/log.ts'
import { partitionOf } from '../../../consumers/ports/partition.ts'
import type { Student } from '../../../projections/state/student.ts'
import type { StudentId } from '../../../projections/values/ids.ts'
import type { Config } from '../../config/load.ts'
import { CliFailure } from '../command/failure.ts'
import { parseIdentifier } from '../command/identifier.ts'

/** A letter with the current state of its student. */
export type DecidableLetter = ListedLetter & { readonly standing: LetterStanding }

/** Which letters a command line names. */
export type Choice = { readonly at?: string; readonly all?: boolean; readonly source?: string }

export type LetterFilter = {
  readonly identifier?: string | undefined
  readonly source?: string | undefined
  /** Only the one that lay here, `PARTITION:OFFSET`. */
  readonly at?: string | undefined
}

/** The partitions whose letters a command line may mean. */
export const partitionsOf = ({ topic }: Config, { identifier, at }: LetterFilter): readonly number[] => {
  if (at !== undefined) return [Number(at.split(':')[0])].filter((partition) => partition < topic.partitions)
  if (identifier !== undefined) return [partitionOf(parseIdentifier(identifier), topic.partitions)]
  return Array.from({ length: topic.partitions }, (_, index) => index)
}

/** The letters of one partition, some at a time, beside what their students' states say of them now. */
export async function* knownLetters(
  { log, store }: Engine,
  { topic }: Config,
  partition: number,
  { identifier, source, at }: LetterFilter,
): AsyncGenerator<readonly DecidableLetter[]> {
  const generation = await store.admin.activeGeneration()
  for await (const chunk of letterChunks(log, topic.name, partition)) {
    const wanted = chunk.filter(
      (letter) =>
        (identifier === undefined || letter.identifier === identifier) &&
        (source === undefined || letter.source === source) &&
        (at === undefined || `${letter.partition}:${letter.offset}` === at),
    )
    if (wanted.length === 0) continue
    const students = generation === null ? new Map() : await studentsOf(store, generation, topic.partitions, wanted)
    yield wanted.map((letter) => ({
      ...letter,
      standing: letter.identifier === null ? 'open' : standingOf(students.get(letter.identifier) ?? null, letter),
    }))
  }
}

/** The states of those whom these letters concern, in one trip for each partition of students. */
const studentsOf = async (
  store: Engine['store'],
  generation: number,
  partitions: number,
  letters: readonly Pick<ListedLetter, 'identifier'>[],
): Promise<Map<StudentId, Student | null>> => {
  const identifiers = new Set(letters.flatMap(({ identifier }) => identifier ?? []))
  const students = new Map<StudentId, Student | null>()
  for (const [home, ids] of Map.groupBy(identifiers, (identifier) => partitionOf(identifier, partitions)))
    for (const [id, student] of await loadStudents(store.writer, generation, home, ids)) students.set(id, student)
  return students
}

/** What a command line must say before anything is asked of a server. */
export const checkChoice = (identifier: string | undefined, { at, all }: Choice): void => {
  if (identifier === undefined && at === undefined && !all)
    throw new CliFailure('Name a student, or a letter with --at PARTITION:OFFSET, or --all', 2)
  if (at !== undefined && !/^\d+:\d+$/.test(at)) throw new CliFailure(`--at takes PARTITION:OFFSET, as in 7:104`, 2)
  if (identifier !== undefined) parseIdentifier(identifier)
}

/** Nothing can be decided on a letter that is settled, or that concerns nobody. */
export const isOpen = ({ standing, identifier }: DecidableLetter): boolean =>
  standing !== 'settled' && identifier !== null

/** Why the one letter that was named by its place cannot be decided on. */
export const checkNamed = (at: string, letter: DecidableLetter | undefined, settledToo: boolean): void => {
  if (!letter) throw new CliFailure(`There is no dead letter at ${at}; "npx pullgate dlq list" shows them`)
  if (!settledToo && letter.standing === 'settled') throw new CliFailure(`The dead letter at ${at} is settled already`)
  if (!settledToo && letter.identifier === null)
    throw new CliFailure(`The dead letter at ${at} concerns no student that could be told; nothing waits for it`)
}

export const SOURCE_OPTION = ['--source <source>', 'only those of this publisher'] as const

export const asText = (record: LogRecord): string =>
  record.value === null ? '' : Buffer.from(record.value).toString('utf8')

export const asJson = (letter: DecidableLetter) => {
  const text = asText(letter.record)
  return {
    partition: letter.partition,
    offset: letter.offset,
    reason: letter.reason,
    detail: letter.detail,
    identifier: letter.identifier,
    settled: letter.standing === 'settled',
    event: parsed(text),
  }
}

/** The event as JSON, or as the text it is. */
const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

export const asLine = (letter: DecidableLetter): string =>
  [
    letter.standing.padEnd(7),
    `${letter.partition}:${letter.offset}`.padEnd(12),
    letter.reason.padEnd(9),
    letter.identifier ?? '(no student)',
    letter.source ?? '(no source)',
    letter.detail,
  ].join('  ')
