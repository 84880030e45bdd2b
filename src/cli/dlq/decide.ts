import { isSettled, loadStudent } from '../../../consumers/dead-letters/read.ts'
import { decode } from '../../../consumers/events/decode.ts'
import { inWords } from '../../../consumers/events/reject-reasons.ts'
import type { Engine } from '../../../consumers/ports/engine.ts'
import { partitionOf } from '../../../consumers/ports/partition.ts'
import { RESOLVED } from '../../../projections/events/event.ts'
import { fold } from '../../../projections/sequence/fold.ts'
import type { Student } from '../../../projections/state/student.ts'
import { calendarOf } from '../../../projections/values/calendar.ts'
import type { Config } from '../../config/load.ts'
import type { ExitCode, Globals, Register } from '../command/cli.ts'
import { CliFailure } from '../command/failure.ts'
import { printJson, say } from '../command/output.ts'
import { withEngine } from '../command/with-engine.ts'
import {
  type Action,
  type DecideOptions,
  decisionRecord,
  type Numbered,
  numberedText,
  parseLetGo,
} from './decision-record.ts'
import { checkChoice, chosen, type DecidableLetter } from './letters.ts'
import { missingBehind } from './missing.ts'

const DECISIONS = [
  [
    'replay',
    'puts dead letters into their place in the sequence, judged afresh',
    'also where it has no place: after what came later',
  ],
  ['discard', 'lets the sequence go on without dead letters', 'also without the numbers that are missing still'],
] as const

export const dlqDecide: Register = (cli) => {
  for (const [action, description, force] of DECISIONS) {
    const command = cli
      .command(`dlq ${action} [identifier]`, description, [
        `npx pullgate dlq ${action} S-1001`,
        `npx pullgate dlq ${action} --at 7:104`,
      ])
      .option('--at <partition:offset>', 'the one that lay there in the log')
      .option('--all', 'all open ones')
      .option('--force', force)
    if (action === 'discard')
      command.option('--let-go <source#sequence...>', 'with --force: these numbers and no others')
    command.action(
      cli.run((identifier: string | undefined, options: DecideOptions) => {
        checkChoice(identifier, options)
        if (options.letGo && !options.force) throw new CliFailure('--let-go needs --force', 2)
        return runDlqDecision(action, identifier, options, cli.globals())
      }),
    )
  }
}

const runDlqDecision = (
  action: Action,
  identifier: string | undefined,
  options: DecideOptions,
  globals: Globals,
): Promise<ExitCode> =>
  withEngine(globals, async (engine, config) => {
    const letters = await chosen(engine, config, identifier, options, { settledToo: false })
    if (letters.length === 0) {
      say('there is no open dead letter of a student here; nothing was done')
      return 1
    }
    const results: {
      readonly partition: number
      readonly offset: number
      readonly done: boolean
      readonly message: string
    }[] = []
    for (const [index, letter] of letters.entries()) {
      // Each letter takes its own number first: what is missing after a student's last one is named with that.
      const ofStudent = letters.filter(({ identifier: other }) => other === letter.identifier)
      const isLast = !letters.slice(index + 1).some(({ identifier: other }) => other === letter.identifier)
      const names = action === 'discard' && options.force === true && isLast
      const { done, message } = await decideOn(engine, config, action, letter, options, names ? ofStudent : [])
      results.push({ partition: letter.partition, offset: letter.offset, done, message })
      if (!globals.json) say(`${letter.partition}:${letter.offset} ${message}`)
    }
    if (globals.json) await printJson(results)
    return results.every(({ done }) => done) ? 0 : 1
  })

const APPLIED_WITHIN_MS = 10_000
const POLL_MS = 20

type Decided = { readonly done: boolean; readonly message: string }

/** Tried on the state as it is first, so that a decision without effect is not written at all. */
const decideOn = async (
  { log, store }: Engine,
  { topic, timezone }: Config,
  action: Action,
  letter: DecidableLetter,
  { force = false, letGo }: DecideOptions,
  names: readonly DecidableLetter[],
): Promise<Decided> => {
  const identifier = letter.identifier!
  const partition = partitionOf(identifier, topic.partitions)
  const generation = (await store.admin.activeGeneration()) ?? 0
  const student = await loadStudent(store.writer, generation, partition, identifier)
  const attempt = (numbers: readonly Numbered[]) => {
    const record = decisionRecord(topic.name, partition, action, letter, force, numbers)
    const decoded = decode({ ...record, offset: 0, timestampMs: 0 })
    if (!student || decoded.kind !== 'student' || decoded.content.kind !== 'resolution') return null
    return { record, tried: fold(student, decoded.content, calendarOf(timezone)) }
  }
  const named = letGo?.map(parseLetGo) ?? []
  const plain = attempt(named)
  if (!plain) return { done: false, message: 'the projection does not know this student; nothing was done' }
  const missing = letGo ? [] : missingBehind(plain.tried.student, names)
  const { record, tried } = (missing.length > 0 ? attempt(missing) : plain) ?? plain
  if (!tried.noted.some(({ type, outcome }) => type === RESOLVED && outcome === 'applied'))
    return {
      done: false,
      message:
        'has no place in the sequence any more, or it is taken; nothing was done (--force applies it after what came later)',
    }
  if (!isSettled(tried.student, letter)) {
    const [again] = tried.deadLetters
    return { done: false, message: `is bad still (${again ? inWords(again) : 'as before'}); nothing was done` }
  }
  const [position] = await log.append([record])
  const at = `${partition}:${position!.offset}`
  const until = Date.now() + APPLIED_WITHIN_MS
  while (Date.now() < until) {
    const checkpoint = await store.writer.checkpoint((await store.admin.activeGeneration()) ?? generation, partition)
    if (checkpoint && checkpoint.next > position!.offset)
      return outcomeOf(
        await loadStudent(store.writer, (await store.admin.activeGeneration()) ?? generation, partition, identifier),
        action,
        letter,
        missing,
      )
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
  return { done: true, message: `decided: in the log at ${at}, but no projector has applied it yet` }
}

/** The log goes on between the trial and the decision: what counts is the state after it. */
const outcomeOf = (
  student: Student | null,
  action: Action,
  letter: DecidableLetter,
  letGo: readonly Numbered[],
): Decided => {
  if (!isSettled(student, letter))
    return { done: false, message: 'something else came first, and the decision had no effect; look at it again' }
  if (action === 'replay') return { done: true, message: 'replayed' }
  const without = letGo.map(numberedText).join(', ')
  return { done: true, message: without === '' ? 'discarded' : `discarded, and let go of ${without}` }
}
