import { type HistoryStep, historyOf } from '../../../consumers/history/history.ts'
import { calendarOf } from '../../../projections/values/calendar.ts'
import type { StudentId } from '../../../projections/values/ids.ts'
import type { ExitCode, Globals, Register } from '../command/cli.ts'
import { parseIdentifier } from '../command/identifier.ts'
import { print, printLines, say } from '../command/output.ts'
import { progress } from '../command/progress.ts'
import { withLog } from '../command/with-engine.ts'
import { reportStep, type StepReport } from './step.ts'
import { stepLines } from './step-lines.ts'

export const studentHistory: Register = (cli) =>
  cli
    .command('student history <identifier>', 'prints every event of a student, its effect, and the money after it', [
      'npx pullgate student history S-1001',
      'npx pullgate student history S-1001 --json | jq \'.[] | select(.outcome != "applied")\'',
    ])
    .action(cli.run((identifier: string) => runHistory(parseIdentifier(identifier), cli.globals())))

const runHistory = (identifier: StudentId, globals: Globals): Promise<ExitCode> =>
  withLog(globals, async ({ log }, config) => {
    const { topic, timezone, policy } = config
    const calendar = calendarOf(timezone)
    const bar = progress('reading the log')
    const steps = historyOf(
      { log, topic: topic.name, partitions: topic.partitions, calendar, onProgress: bar.at },
      identifier,
    )
    /** Waiting events by position: reported again when they apply. */
    const waiting = new Map<string, StepReport>()
    let count = 0
    if (globals.json) await print('[')
    for await (const step of steps) {
      const told = reportStep(step, { policy, calendar }, waiting)
      keepWaiting(waiting, told, step)
      bar.end()
      if (globals.json) await print(`${count === 0 ? '' : ','}${JSON.stringify(told)}`)
      else await printLines(stepLines(told))
      count += 1
    }
    bar.end()
    if (globals.json) await print(']\n')
    if (count === 0) say('the log has no event of this student')
    return count === 0 ? 1 : 0
  })

const keepWaiting = (waiting: Map<string, StepReport>, told: StepReport, { after }: HistoryStep): void => {
  waiting.set(told.at, told)
  const still = new Set(after.waiting.map(({ event: { place } }) => `${place.partition}:${place.offset}`))
  for (const at of waiting.keys()) if (!still.has(at)) waiting.delete(at)
}
