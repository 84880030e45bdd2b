import { randomUUID } from 'node:crypto'
import { decode } from '../../consumers/decode.ts'
import { isSettled, type ListedLetter, loadStudent, readLetters } from '../../consumers/letter-list.ts'
import type { LogRecord, NewRecord } from '../../consumers/log.ts'
import { partitionOf } from '../../consumers/partition.ts'
import { calendarOf } from '../../projections/calendar.ts'
import { OPERATOR, RESOLVED } from '../../projections/event.ts'
import { parseStudentId } from '../../projections/fields.ts'
import { fold } from '../../projections/fold.ts'
import type { StudentId } from '../../projections/ids.ts'
import type { Student } from '../../projections/student.ts'
import type { Config } from '../config/load.ts'
import type { Engine } from '../roles/engine.ts'
import { CliFailure } from './failure.ts'
import type { ExitCode, Globals } from './program.ts'
import { withEngine } from './with-engine.ts'

export type DlqOptions = {
  readonly at?: string
  readonly all?: boolean
  readonly force?: boolean
  /** `SOURCE#SEQUENCE`, repeatable: numbers that a forced discard lets go of besides. */
  readonly letGo?: readonly string[]
}

/** A letter beside what its student's state says of it now. */
type Known = ListedLetter & { readonly settled: boolean }

export const runDlqList = (identifier: string | undefined, globals: Globals): Promise<ExitCode> =>
  withEngine(globals, async (engine, config) => {
    const letters = await knownLetters(engine, config, identifier === undefined ? null : parseIdentifier(identifier))
    if (globals.json) process.stdout.write(`${JSON.stringify(letters.map(asJson))}\n`)
    else if (letters.length === 0) process.stdout.write('no dead letters\n')
    else for (const letter of letters) process.stdout.write(`${asLine(letter)}\n`)
    return 0
  })

export const runDlqShow = (identifier: string | undefined, options: DlqOptions, globals: Globals): Promise<ExitCode> =>
  withEngine(globals, async (engine, config) => {
    const letters = await chosen(engine, config, identifier, options, { settledToo: true })
    if (globals.json) process.stdout.write(`${JSON.stringify(letters.map(asJson))}\n`)
    else for (const letter of letters) process.stdout.write(`${asLine(letter)}\n${asText(letter.record)}\n`)
    return 0
  })

export const runDlqDecision = (
  action: 'replay' | 'discard',
  identifier: string | undefined,
  options: DlqOptions,
  globals: Globals,
): Promise<ExitCode> =>
  withEngine(globals, async (engine, config) => {
    const letters = await chosen(engine, config, identifier, options, { settledToo: false })
    let failed = 0
    for (const letter of letters) {
      const done = await decideOn(engine, config, action, letter, options)
      if (done !== null) failed += 1
      process.stderr.write(
        `${letter.partition}:${letter.offset} ${done ?? (action === 'replay' ? 'replayed' : 'discarded')}\n`,
      )
    }
    return failed === 0 ? 0 : 1
  })

const parseIdentifier = (text: string): StudentId => {
  const identifier = parseStudentId(text)
  if (identifier === null) throw new CliFailure('An identifier is 1 to 128 characters without control characters', 2)
  return identifier
}

const knownLetters = async (engine: Engine, config: Config, only: StudentId | null): Promise<readonly Known[]> => {
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
      settled: letter.identifier !== null && isSettled(students.get(letter.identifier) ?? null, letter),
    }))
}

/** The letters that the command line names: one by its place, those of a student, or all; open ones unless told. */
const chosen = async (
  engine: Engine,
  config: Config,
  identifier: string | undefined,
  { at, all }: DlqOptions,
  { settledToo }: { readonly settledToo: boolean },
): Promise<readonly Known[]> => {
  if (identifier === undefined && at === undefined && !all)
    throw new CliFailure('Name a student, or a letter with --at PARTITION:OFFSET, or --all', 2)
  const letters = await knownLetters(engine, config, identifier === undefined ? null : parseIdentifier(identifier))
  if (at === undefined) return letters.filter((letter) => settledToo || (!letter.settled && letter.identifier !== null))
  const letter = letters.find(({ partition, offset }) => `${partition}:${offset}` === at)
  if (!letter) throw new CliFailure(`There is no dead letter at ${at}; "npx pullgate dlq list" shows them`)
  if (!settledToo && letter.settled) throw new CliFailure(`The dead letter at ${at} is settled already`)
  if (!settledToo && letter.identifier === null)
    throw new CliFailure(`The dead letter at ${at} concerns no student that could be told; nothing waits for it`)
  return [letter]
}

const APPLIED_WITHIN_MS = 10_000

/** `null`: done. Tried on the state as it is first, so that a decision without effect is not written at all. */
const decideOn = async (
  { log, store }: Engine,
  { topic, timezone }: Config,
  action: 'replay' | 'discard',
  letter: Known,
  options: DlqOptions,
): Promise<string | null> => {
  const identifier = letter.identifier!
  const partition = partitionOf(identifier, topic.partitions)
  const record = decisionRecord(topic.name, partition, action, letter, options)
  const generation = (await store.admin.activeGeneration()) ?? 0
  const student = await loadStudent(store.writer, generation, partition, identifier)
  const decoded = decode({ ...record, offset: 0, timestampMs: 0 })
  if (!student || decoded.kind !== 'student' || decoded.content.kind !== 'resolution')
    return 'the projection does not know this student'
  const tried = fold(student, decoded.content, calendarOf(timezone))
  if (!tried.noted.some(({ type, outcome }) => type === RESOLVED && outcome === 'applied'))
    return 'has no place in the sequence any more, or it is taken; --force applies it after what came later'
  const [position] = await log.append([record])
  const until = Date.now() + APPLIED_WITHIN_MS
  while (Date.now() < until) {
    const checkpoint = await store.writer.checkpoint(generation, partition)
    if (checkpoint && checkpoint.next > position!.offset) return null
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  process.stderr.write(
    `the decision is in the log at ${partition}:${position!.offset}; no projector has applied it yet\n`,
  )
  return null
}

const decisionRecord = (
  topic: string,
  partition: number,
  action: 'replay' | 'discard',
  letter: Known,
  { force, letGo }: DlqOptions,
): NewRecord => {
  const { identifier, record } = letter
  const base64 = (bytes: Uint8Array | null): string | null =>
    bytes === null ? null : Buffer.from(bytes).toString('base64')
  const replayed = {
    key: base64(record.key),
    value: base64(record.value),
    headers: record.headers.flatMap(([name, value]) => (value === null ? [] : [[name, base64(value)]])),
    timestamp_ms: record.timestampMs,
  }
  const event = {
    specversion: '1.0',
    id: randomUUID(),
    source: OPERATOR,
    type: RESOLVED,
    time: new Date().toISOString(),
    data: {
      student: { identifier },
      action,
      force: force === true,
      letters: [
        { topic, partition: letter.partition, offset: letter.offset, ...(action === 'replay' && { record: replayed }) },
      ],
      ...(letGo && { let_go: letGo.map(parseLetGo) }),
    },
  }
  return { topic, partition, key: Buffer.from(identifier!), value: Buffer.from(JSON.stringify(event)), headers: [] }
}

const parseLetGo = (text: string): { source: string; sequence: string } => {
  const parts = /^(.+)#([1-9][0-9]{0,18})$/.exec(text)
  if (!parts) throw new CliFailure(`--let-go takes SOURCE#SEQUENCE, as in /erp/branch-7#42; this is none: ${text}`, 2)
  return { source: parts[1]!, sequence: parts[2]! }
}

const asText = (record: LogRecord): string => (record.value === null ? '' : Buffer.from(record.value).toString('utf8'))

const asJson = (letter: Known) => {
  const text = asText(letter.record)
  return {
    partition: letter.partition,
    offset: letter.offset,
    reason: letter.reason,
    detail: letter.detail,
    identifier: letter.identifier,
    settled: letter.settled,
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

const asLine = (letter: Known): string =>
  [
    letter.settled ? 'settled' : 'open   ',
    `${letter.partition}:${letter.offset}`.padEnd(12),
    letter.reason.padEnd(9),
    letter.identifier ?? '(no student)',
    letter.detail,
  ].join('  ')
