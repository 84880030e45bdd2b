import { randomUUID } from 'node:crypto'
import { decode } from '../../../consumers/decode.ts'
import { loadStudent } from '../../../consumers/letter-list.ts'
import type { NewRecord } from '../../../consumers/log.ts'
import { partitionOf } from '../../../consumers/partition.ts'
import { calendarOf } from '../../../projections/calendar.ts'
import { OPERATOR, RESOLVED } from '../../../projections/event.ts'
import { fold } from '../../../projections/fold.ts'
import type { Config } from '../../config/load.ts'
import type { Engine } from '../../roles/engine.ts'
import type { ExitCode, Globals, Register } from '../cli.ts'
import { CliFailure } from '../failure.ts'
import { withEngine } from '../with-engine.ts'
import { type Choice, chosen, type Known } from './letters.ts'

type Action = 'replay' | 'discard'

type DecideOptions = Choice & {
  readonly force?: boolean
  /** `SOURCE#SEQUENCE`, repeatable: numbers that a forced discard lets go of besides. */
  readonly letGo?: readonly string[]
}

const DECISIONS = [
  [
    'replay',
    'puts dead letters into their place in the sequence, judged afresh',
    'also where it has no place: after what came later',
  ],
  ['discard', 'lets the sequence go on without dead letters', 'with --let-go'],
] as const

export const dlqDecide: Register = (cli) => {
  for (const [action, description, force] of DECISIONS)
    cli
      .command(`dlq ${action} [identifier]`, description, [
        `npx pullgate dlq ${action} S-1001`,
        `npx pullgate dlq ${action} --at 7:104`,
      ])
      .option('--at <partition:offset>', 'the one that lay there in the log')
      .option('--all', 'all open ones')
      .option('--force', force)
      .option('--let-go <source#sequence...>', 'numbers that a forced discard lets go of besides')
      .action(
        cli.run((identifier: string | undefined, options: DecideOptions) =>
          runDlqDecision(action, identifier, options, cli.globals()),
        ),
      )
}

const runDlqDecision = (
  action: Action,
  identifier: string | undefined,
  options: DecideOptions,
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

const APPLIED_WITHIN_MS = 10_000

/** `null`: done. Tried on the state as it is first, so that a decision without effect is not written at all. */
const decideOn = async (
  { log, store }: Engine,
  { topic, timezone }: Config,
  action: Action,
  letter: Known,
  options: DecideOptions,
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
  action: Action,
  letter: Known,
  { force, letGo }: DecideOptions,
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
