import type { StudentId } from '../../../projections/values/ids.ts'
import type { ExitCode, Globals, Register } from '../command/cli.ts'
import { CliFailure } from '../command/failure.ts'
import { say } from '../command/output.ts'
import { withEngine } from '../command/with-engine.ts'
import { type Decisions, openDecisions } from '../decision/submit.ts'
import { decideFlood } from './decide-flood.ts'
import { type Decided, type DecideOptions, decideLetter, discardTogether } from './decide-letter.ts'
import { jsonArray } from './json-array.ts'
import {
  checkChoice,
  checkNamed,
  type DecidableLetter,
  isOpen,
  knownLetters,
  partitionsOf,
  SOURCE_OPTION,
} from './letters.ts'

const DECISIONS = [
  [
    'replay',
    'applies dead letters at their places in the sequence, after a new check',
    'also apply a dead letter without a place, after all later events',
  ],
  ['discard', 'lets the sequence go on without dead letters', 'also without the numbers that are missing still'],
] as const

type Action = (typeof DECISIONS)[number][0]

export const dlqDecide: Register = (cli) => {
  for (const [action, description, force] of DECISIONS) {
    const command = cli
      .command(`dlq ${action} [identifier]`, description, [
        `npx pullgate dlq ${action} S-1001`,
        `npx pullgate dlq ${action} --at 7:104`,
      ])
      .option('--at <partition:offset>', 'the dead letter of the record at this position')
      .option('--all', 'all open dead letters')
      .option(...SOURCE_OPTION)
      .option('--force', force)
    if (action === 'discard') command.option('--let-go <source#sequence...>', 'with --force: skip only these numbers')
    command.action(
      cli.run((identifier: string | undefined, options: DecideOptions) => {
        checkChoice(identifier, options)
        if (options.letGo && !options.force) throw new CliFailure('--let-go needs --force', 2)
        return runDlqDecision(action, identifier, options, cli.globals())
      }),
    )
  }
}

type Result = Decided & { readonly partition: number; readonly offset: number }

/** Students who are decided on side by side: their decisions share appends, and are waited for together. */
const AT_ONCE = 512
/** Letters that are in memory, or a few more. */
const AT_HAND = 8192

const runDlqDecision = (
  action: Action,
  identifier: string | undefined,
  options: DecideOptions,
  globals: Globals,
): Promise<ExitCode> =>
  withEngine(globals, async (engine, config) => {
    const filter = { identifier, source: options.source, at: options.at }
    const decisions = openDecisions(engine, config)
    const json = jsonArray()
    const counts = { all: 0, done: 0 }
    const report = async (result: Result): Promise<void> => {
      counts.all += 1
      counts.done += result.done ? 1 : 0
      if (globals.json) await json.add([result])
      else say(`${result.partition}:${result.offset} ${result.message}`)
    }
    const decideAll = async (letters: readonly DecidableLetter[]): Promise<void> => {
      const students = Map.groupBy(letters, (letter) => letter.identifier!).entries()
      const decideSome = async (): Promise<void> => {
        // One iterator for all: each takes the next student.
        for (const [student, ofStudent] of students)
          for await (const result of decideStudent(decisions, action, student, ofStudent, options)) await report(result)
      }
      await Promise.all(Array.from({ length: AT_ONCE }, decideSome))
    }
    for (const partition of partitionsOf(config, filter)) {
      let letters: DecidableLetter[] = []
      for await (const some of knownLetters(engine, config, partition, filter)) {
        if (options.at !== undefined) checkNamed(options.at, some[0], false)
        letters.push(...some.filter(isOpen))
        if (letters.length < AT_HAND) continue
        await decideAll(letters)
        letters = []
      }
      await decideAll(letters)
    }
    if (options.at !== undefined && counts.all === 0) checkNamed(options.at, undefined, false)
    if (counts.all === 0) {
      say('there is no open dead letter of a student here; nothing was done')
      return 1
    }
    if (globals.json) await json.end()
    return counts.done === counts.all ? 0 : 1
  })

/** The letters that are known one by one, each by itself where they cannot go together, and then the others. */
async function* decideStudent(
  decisions: Decisions,
  action: Action,
  student: StudentId,
  letters: readonly DecidableLetter[],
  options: DecideOptions,
): AsyncGenerator<Result> {
  const known = letters.filter(({ standing }) => standing === 'open')
  const isPlain = action === 'discard' && options.force !== true && known.length > 1
  const together = isPlain ? await discardTogether(decisions, student, known) : null
  for (const [index, letter] of known.entries()) {
    // Each letter takes its own number first: what is missing after a student's last one is named with that.
    const names = action === 'discard' && options.force === true && index === known.length - 1 ? known : []
    const { partition, offset } = letter
    const decided = together?.[index] ?? (await decideLetter(decisions, action, letter, options, names))
    yield { partition, offset, ...decided }
  }
  const [first] = letters.filter(({ standing }) => standing === 'flooded')
  if (first === undefined) return
  const { partition, offset } = first
  const isAll = action === 'discard' && options.all === true && options.force === true
  yield { partition, offset, ...(await decideFlood(decisions, student, isAll)) }
}
