import { isSuspect } from '../../../projections/sequence/suspect-reasons.ts'
import type { Student } from '../../../projections/state/student.ts'
import type { StudentId } from '../../../projections/values/ids.ts'
import type { ExitCode, Globals, Register } from '../command/cli.ts'
import { CliFailure } from '../command/failure.ts'
import { parseIdentifier } from '../command/identifier.ts'
import { printJson, printLines } from '../command/output.ts'
import { withEngine } from '../command/with-engine.ts'
import { numberedText, type OperatorDecision } from '../decision/decision-record.ts'
import { missingOf } from '../decision/missing.ts'
import { notYetApplied, openDecisions, tryDecision } from '../decision/submit.ts'
import { changeText } from './change-lines.ts'
import { changesOf } from './changes.ts'

type SettleOptions = { readonly missing?: string; readonly waiting?: string; readonly yes?: boolean }

export const studentSettle: Register = (cli) =>
  cli
    .command('student settle <identifier>', 'skips missing numbers, or drops a waiting event', [
      'npx pullgate student settle S-1001 --missing /erp/branch-7',
      'npx pullgate student settle S-1001 --waiting 7:104 --yes',
    ])
    .option('--missing <source>', 'skip the numbers that waiting events of this source need')
    .option('--waiting <partition:offset>', 'drop the waiting event at this position')
    .option('--yes', 'write the decision; without it, print what would change')
    .action(
      cli.run((identifier: string, options: SettleOptions) => {
        const { missing, waiting } = options
        if ((missing === undefined) === (waiting === undefined))
          throw new CliFailure('Name either --missing SOURCE or --waiting PARTITION:OFFSET', 2)
        if (waiting !== undefined && !/^\d+:\d+$/.test(waiting))
          throw new CliFailure('--waiting takes PARTITION:OFFSET, as in 7:104', 2)
        return runSettle(parseIdentifier(identifier), options, cli.globals())
      }),
    )

/** What is decided, and its words; `null`: there is nothing to decide. */
type Settling = { readonly decision: OperatorDecision; readonly what: string }

const settlingOf = (student: Student, { missing, waiting }: SettleOptions): Settling | null => {
  if (missing !== undefined) {
    const skipped = missingOf(student, [missing])
    const what = `skip ${skipped.map(numberedText).join(', ')}`
    return skipped.length === 0 ? null : { decision: { action: 'settle', skipped }, what }
  }
  const [partition, offset] = waiting!.split(':').map(Number) as [number, number]
  const item = student.waiting.find(({ event: { place } }) => place.partition === partition && place.offset === offset)
  const what = `drop ${item?.event.fact?.type ?? 'the event'} at ${waiting}`
  return item ? { decision: { action: 'settle', waiting: [{ partition, offset }] }, what } : null
}

const runSettle = (identifier: StudentId, options: SettleOptions, globals: Globals): Promise<ExitCode> =>
  withEngine(globals, async (engine, config) => {
    const { studentNow, submit } = openDecisions(engine, config)
    const student = await studentNow(identifier)
    const settling = student && settlingOf(student, options)
    if (student === null || settling === null) {
      await tell(globals, { identifier, done: false, message: nothingOf(student, options) })
      return 1
    }
    const { record, folded } = tryDecision(config, identifier, student, settling.decision)
    if (!options.yes) {
      const message = `would ${settling.what}; --yes does it`
      await tell(globals, { identifier, done: false, message, ...outcomeOf(student, folded.student) })
      return 0
    }
    const submitted = await submit(identifier, record)
    const after = submitted.after ?? folded.student
    const message = submitted.after === null ? notYetApplied(submitted) : `done: ${settling.what}`
    await tell(globals, { identifier, done: true, message, ...outcomeOf(student, after) })
    return 0
  })

const nothingOf = (student: Student | null, { missing, waiting }: SettleOptions): string => {
  if (student === null) return 'the projection does not know this student; nothing was done'
  const what =
    missing === undefined ? `no event of the student waits at ${waiting}` : `nothing of ${missing} is missing`
  return `${what}; nothing was done`
}

const outcomeOf = (before: Student, after: Student) => ({
  changes: changesOf(before, after),
  suspect: isSuspect(after),
})

type SettleReport = {
  readonly identifier: StudentId
  readonly done: boolean
  readonly message: string
} & Partial<ReturnType<typeof outcomeOf>>

const tell = async (globals: Globals, told: SettleReport): Promise<void> => {
  if (globals.json) return printJson(told)
  const changes = (told.changes ?? []).map((change) => `  ${change.enrolment}  ${changeText(change)}`)
  const suspect = told.suspect === undefined ? [] : [`  suspect afterwards: ${told.suspect ? 'yes' : 'no'}`]
  return printLines([told.message, ...changes, ...suspect])
}
