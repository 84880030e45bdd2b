import { signatureOf } from '../../consumers/stored/checkpoint-metadata.ts'
import { calendarOf } from '../../projections/values/calendar.ts'
import { type Total, type Totals, totalsOf } from '../answers/totals.ts'
import type { Config } from '../config/load.ts'
import type { ExitCode, Globals, Register } from './command/cli.ts'
import { CliFailure } from './command/failure.ts'
import { plural, print, printJson, say } from './command/output.ts'
import { progress } from './command/progress.ts'
import { withEngine } from './command/with-engine.ts'
import { type ExpectedTotal, readTotals } from './totals-file.ts'

type Options = { readonly check?: string }

export const totals: Register = (cli) =>
  cli
    .command('totals', 'prints students and payable sums by branch and year, at one proven moment', [
      'npx pullgate totals',
      'npx pullgate totals --check erp-totals.csv',
    ])
    .option('--check <file>', "compares with the ERP's own totals, a CSV file; exit 1 on a difference")
    .action(cli.run((options: Options) => runTotals(options, cli.globals())))

const runTotals = (options: Options, globals: Globals): Promise<ExitCode> =>
  withEngine(globals, async (engine, config) => {
    const expected = options.check === undefined ? null : readTotals(options.check)
    const bar = progress('summing')
    const { topic, policy, timezone } = config
    const found = await totalsOf({
      engine,
      topic: topic.name,
      partitions: topic.partitions,
      rendering: { policy, calendar: calendarOf(timezone) },
      signature: signatureOf(policy, timezone, topic.name, topic.partitions),
      onProgress: bar.at,
    })
    bar.end()
    if (found.kind === 'moved') throw new CliFailure('The projection was switched, or is empty: run it again')
    if (found.kind === 'unproven')
      throw new CliFailure(`Nothing is proven: partition ${found.partitions.join(', ')}: ${found.why}`)
    remark(found, config)
    return expected === null ? show(found, globals) : compare(found, expected, globals)
  })

const remark = ({ atMs, suspects, incoherent }: Totals, { policy }: Config): void => {
  say(`as of ${new Date(atMs).toISOString()}, every partition proven; balance_basis ${policy.balance_basis}`)
  if (suspects > 0) say(`${plural(suspects, 'student is', 'students are')} suspect: in the sums as far as is known`)
  if (incoherent > 0)
    say(`${plural(incoherent, 'active enrolment is', 'active enrolments are')} not coherent: not in the sums`)
}

const show = async ({ totals: found }: Totals, globals: Globals): Promise<ExitCode> => {
  if (globals.json) await printJson(found.map(rowOf))
  else for (const total of found) await print(`${line(total)}\n`)
  return 0
}

const rowOf = ({ collectorCode, yearStart, students, payable }: Total) => ({
  collector_code: collectorCode,
  academic_year_start: yearStart,
  students,
  payable: payable / 100,
})

const line = ({ collectorCode, yearStart, students, payable }: Total): string =>
  `${collectorCode ?? 'no branch'}  ${yearStart}  ${plural(students, 'student')}  ${payable / 100}`

const NOTHING = { students: 0, payable: 0 }

const compare = async (
  { totals: found }: Totals,
  expected: readonly ExpectedTotal[],
  globals: Globals,
): Promise<ExitCode> => {
  const keyOf = ({ collectorCode, yearStart }: Pick<Total, 'collectorCode' | 'yearStart'>): string =>
    JSON.stringify([collectorCode, yearStart])
  const ours = new Map(found.map((one) => [keyOf(one), one]))
  const theirs = new Map(expected.map((one) => [keyOf(one), one]))
  const rows = [...new Set([...ours.keys(), ...theirs.keys()])].sort().map((key) => {
    const [own, their] = [ours.get(key), theirs.get(key)]
    const total = own ?? { ...their!, ...NOTHING }
    const wanted = their ?? NOTHING
    return {
      total,
      expected: their ? { students: their.students, payable: their.payable / 100 } : null,
      same: total.students === wanted.students && total.payable === wanted.payable,
    }
  })
  if (globals.json)
    await printJson(rows.map(({ total, expected: wanted, same }) => ({ ...rowOf(total), expected: wanted, same })))
  const differing = rows.filter(({ same }) => !same)
  if (!globals.json)
    for (const { total, expected: wanted } of differing)
      await print(
        `${line(total)}; the file says ${wanted ? `${plural(wanted.students, 'student')}, ${wanted.payable}` : 'nothing of it'}\n`,
      )
  say(differing.length === 0 ? 'The same.' : `${plural(differing.length, 'difference')}.`)
  return differing.length === 0 ? 0 : 1
}
