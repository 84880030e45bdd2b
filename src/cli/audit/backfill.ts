import { parseStudentId } from '../../../projections/events/fields.ts'
import type { Compared, CompareOutcome } from '../../audit/compare-student.ts'
import type { ExitCode, Globals, Register } from '../command/cli.ts'
import { CliFailure } from '../command/failure.ts'
import { print, say } from '../command/output.ts'
import { progress } from '../command/progress.ts'
import { withEngine } from '../command/with-engine.ts'
import { checkFiles, readLines } from '../events/lines.ts'
import { withErps } from './audit.ts'
import { type Politeness, pacer, withPoliteness } from './options.ts'
import { counter, summaryText } from './report.ts'
import { openState } from './state-file.ts'
import { type Walked, walk } from './walk.ts'

type BackfillOptions = Politeness & { readonly state?: string }

export const backfill: Register = (cli) =>
  withPoliteness(
    cli.command('backfill <file>', 'asks the ERPs about a list of students, and prints those that need a snapshot', [
      'npx pullgate backfill students.txt --state backfill.ndjson > need-snapshot.txt',
      "printf 'S-1001\\tBLR-01\\n' | npx pullgate backfill -",
    ]),
  )
    .option('--state <file>', 'file that stores the progress, so that the same command can continue')
    .action(cli.run((file: string, options: BackfillOptions) => runBackfill(file, options, cli.globals())))

/** Problems that a snapshot from the ERP would solve. */
const NEEDS: readonly CompareOutcome[] = ['differs', 'moving', 'suspect', 'incoherent', 'unknown']

/**
 * An ERP's answer is no base for events, because an event already in it would count twice. The command reports and
 * changes nothing.
 */
const runBackfill = (file: string, options: BackfillOptions, globals: Globals): Promise<ExitCode> =>
  withEngine(globals, async (engine, config) => {
    checkFiles([file])
    const state = openState(options.state, `backfill ${file}`)
    const results = counter()
    const needing = new Set<string>()
    await withErps(config, async (erps) => {
      const deps = { engine, config, erps, settleMs: options.settle * 1000, turn: pacer(options.rate) }
      const bar = progress('asking')
      const { concurrency } = options
      await walk(deps, studentsIn(file), { state, concurrency, total: undefined, bar }, async (compared) => {
        for (const one of compared) results.add(one)
        const [need] = compared.filter(({ outcome }) => NEEDS.includes(outcome))
        if (!need || needing.has(need.identifier)) return
        needing.add(need.identifier)
        bar.end()
        await print(globals.json ? `${JSON.stringify(needOf(need))}\n` : `${need.identifier}\n`)
      })
    })
    say(`${summaryText(results.of)}; ${needing.size.toLocaleString('en')} need a snapshot`)
    return needing.size + results.of('unasked') === 0 ? 0 : 1
  })

const needOf = ({ identifier, erp, outcome, differences }: Compared) => ({ identifier, erp, outcome, differences })

/** A student a line: the identifier, and after a tab the branch where the ERP needs it. */
async function* studentsIn(file: string): AsyncGenerator<Walked> {
  for await (const { file: name, number, bytes } of readLines(file, process.stdin)) {
    const [text = '', branch] = (bytes?.toString('utf8') ?? '').replace(/\r$/, '').split('\t')
    const identifier = parseStudentId(text)
    if (identifier === null)
      throw new CliFailure(`${name}:${number}: an identifier is 1 to 128 characters without control characters`)
    yield { identifier, branch: branch || null }
  }
}
