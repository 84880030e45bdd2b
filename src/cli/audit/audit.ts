import type { Engine } from '../../../consumers/ports/engine.ts'
import { allStudents, sampleOf } from '../../audit/sample.ts'
import type { Config } from '../../config/load.ts'
import { erpDirectory } from '../../erp/directory.ts'
import { stderrLog } from '../../logging.ts'
import type { ExitCode, Globals, Register } from '../command/cli.ts'
import { CliFailure } from '../command/failure.ts'
import { print, say } from '../command/output.ts'
import { progress } from '../command/progress.ts'
import { withEngine } from '../command/with-engine.ts'
import { type Politeness, pacer, whole, withPoliteness } from './options.ts'
import { comparedLines, counter, summaryText, writeMetrics } from './report.ts'
import { openState } from './state-file.ts'
import { type Walked, walk } from './walk.ts'

type AuditOptions = Politeness & {
  readonly sample?: number
  readonly seed: string
  readonly state?: string
  readonly metrics?: string
}

export const audit: Register = (cli) =>
  withPoliteness(
    cli.command(
      'audit',
      'compares the projection with the ERPs, for a sample or all students; exit 1 on a difference',
      [
        'npx pullgate audit --sample 200',
        'npx pullgate audit --state audit.ndjson --rate 20 --metrics /var/lib/node_exporter/pullgate.prom',
      ],
    ),
  )
    .option('--sample <n>', 'random students to compare, instead of all', whole(1, 10_000_000))
    .option('--seed <text>', 'another text draws another sample', 'pullgate')
    .option('--state <file>', 'file that stores the progress, so that the same command can continue')
    .option('--metrics <file>', "writes the counts by ERP for Prometheus's textfile collector")
    .action(cli.run((options: AuditOptions) => runAudit(options, cli.globals())))

const runAudit = (options: AuditOptions, globals: Globals): Promise<ExitCode> =>
  withEngine(globals, async (engine, config) => {
    const generation = await engine.store.admin.activeGeneration()
    if (generation === null) throw new CliFailure('Nothing was projected yet: there is nothing to compare')
    const state = openState(options.state, `audit ${options.sample ?? 'all'} ${options.seed}`)
    const { students, total } = await chosenStudents(engine, generation, options)
    const results = counter()
    let first = true
    if (globals.json) await print('[')
    await withErps(config, async (erps) => {
      const turn = pacer(options.rate)
      const deps = { engine, config, erps, settleMs: options.settle * 1000, turn }
      const bar = progress('auditing')
      await walk(deps, students, { state, concurrency: options.concurrency, total, bar }, async (compared) => {
        for (const one of compared) {
          results.add(one)
          if (one.outcome === 'same' || one.outcome === 'absent') continue
          bar.end()
          await print(globals.json ? `${first ? '' : ','}${JSON.stringify(one)}` : `${comparedLines(one).join('\n')}\n`)
          first = false
        }
      })
    })
    if (globals.json) await print(']\n')
    say(summaryText(results.of))
    if (options.metrics !== undefined) writeMetrics(options.metrics, results.counts(), Date.now())
    return results.of('differs') + results.of('unasked') === 0 ? 0 : 1
  })

const chosenStudents = async ({ store }: Engine, generation: number, { sample, seed }: AuditOptions) => {
  const all = allStudents(store.admin, generation)
  if (sample === undefined) return { students: walked(all), total: undefined }
  const drawn = await sampleOf(all, sample, seed)
  return { students: walked(drawn), total: drawn.length }
}

async function* walked(
  students: AsyncIterable<Walked['identifier']> | Iterable<Walked['identifier']>,
): AsyncGenerator<Walked> {
  for await (const identifier of students) yield { identifier, branch: null }
}

export const withErps = async (
  config: Config,
  run: (erps: ReturnType<typeof erpDirectory>) => Promise<void>,
): Promise<void> => {
  if (!config.erp && config.branches.every(({ erp }) => !erp))
    throw new CliFailure('No ERP is configured to compare with: set erp or branches[].erp')
  const erps = erpDirectory(config, { log: stderrLog('silent') })
  try {
    await run(erps)
  } finally {
    await erps.close()
  }
}
