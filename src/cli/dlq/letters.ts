import {
  type LetterStanding,
  type ListedLetter,
  loadStudent,
  readLetters,
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

/** A letter beside what its student's state says of it now. */
export type DecidableLetter = ListedLetter & { readonly standing: LetterStanding }

/** Which letters a command line names. */
export type Choice = { readonly at?: string; readonly all?: boolean }

export const knownLetters = async (
  engine: Engine,
  config: Config,
  only: StudentId | null,
): Promise<readonly DecidableLetter[]> => {
  const { name, partitions } = config.topic
  const where =
    only === null ? Array.from({ length: partitions }, (_, index) => index) : [partitionOf(only, partitions)]
  const letters = await readLetters(engine.log, name, where)
  const generation = await engine.store.admin.activeGeneration()
  const students = new Map<StudentId, Student | null>()
  for (const { identifier } of letters) {
    if (identifier === null || students.has(identifier) || generation === null) continue
    students.set(
      identifier,
      await loadStudent(engine.store.writer, generation, partitionOf(identifier, partitions), identifier),
    )
  }
  return letters
    .filter(({ identifier }) => only === null || identifier === only)
    .map((letter) => ({
      ...letter,
      standing: letter.identifier === null ? 'open' : standingOf(students.get(letter.identifier) ?? null, letter),
    }))
}

/** What a command line must say before anything is asked of a server. */
export const checkChoice = (identifier: string | undefined, { at, all }: Choice): void => {
  if (identifier === undefined && at === undefined && !all)
    throw new CliFailure('Name a student, or a letter with --at PARTITION:OFFSET, or --all', 2)
  if (at !== undefined && !/^\d+:\d+$/.test(at)) throw new CliFailure(`--at takes PARTITION:OFFSET, as in 7:104`, 2)
  if (identifier !== undefined) parseIdentifier(identifier)
}

/** The letters that the command line names: one by its place, those of a student, or all; open ones unless told. */
export const chosen = async (
  engine: Engine,
  config: Config,
  identifier: string | undefined,
  { at }: Choice,
  { settledToo }: { readonly settledToo: boolean },
): Promise<readonly DecidableLetter[]> => {
  const letters = await knownLetters(engine, config, identifier === undefined ? null : parseIdentifier(identifier))
  if (at === undefined)
    return letters.filter((letter) => settledToo || (letter.standing !== 'settled' && letter.identifier !== null))
  const letter = letters.find(({ partition, offset }) => `${partition}:${offset}` === at)
  if (!letter) throw new CliFailure(`There is no dead letter at ${at}; "npx pullgate dlq list" shows them`)
  if (!settledToo && letter.standing === 'settled') throw new CliFailure(`The dead letter at ${at} is settled already`)
  if (!settledToo && letter.identifier === null)
    throw new CliFailure(`The dead letter at ${at} concerns no student that could be told; nothing waits for it`)
  return [letter]
}

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
    letter.detail,
  ].join('  ')
