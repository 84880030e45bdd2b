import { setTimeout as sleep } from 'node:timers/promises'
import { InvalidArgumentError } from 'commander'
import type { Engine } from '../../consumers/ports/engine.ts'
import type { Config } from '../config/load.ts'
import { buildThrottle } from '../rebuild/build-throttle.ts'
import { BuildBroken } from '../rebuild/builder.ts'
import type { Comparison } from '../rebuild/compare.ts'
import { silentObserver } from '../rebuild/observer.ts'
import { type RebuildDeps, rebuild, removeFormer } from '../rebuild/rebuild.ts'
import { rollback } from '../rebuild/rollback.ts'
import { buildHelpers } from '../roles/build-helpers.ts'
import { foldDeps } from '../roles/fold-deps.ts'
import { refuseMisfits, StartRefused } from '../roles/start-refused.ts'
import type { ExitCode, Globals, Register } from './command/cli.ts'
import { CliFailure } from './command/failure.ts'
import { plural, print, printJson, printLines } from './command/output.ts'
import { type StepReporter, steps } from './command/steps.ts'
import { withEngine } from './command/with-engine.ts'
import { lowerPriority } from './lower-priority.ts'
import { tellDifferences, tellPhase } from './rebuild-words.ts'

type Options = {
  readonly rollback?: true
  readonly removeFormer?: true
  readonly acceptDifferences?: boolean
  readonly identifiers?: boolean
  readonly maxRate?: number
  readonly sample: number
}

const DEFAULT_SAMPLE = 1000

export const rebuildCommand: Register = (cli) =>
  cli
    .command('rebuild', 'builds a new generation from the log, compares it with the live one, and switches', [
      'npx pullgate rebuild',
      'npx pullgate rebuild --max-rate 5000',
      'npx pullgate rebuild --rollback',
    ])
    .option('--rollback', 'switches back to the previous generation')
    .option(
      '--remove-former',
      'removes the previous generation and frees its memory; --rollback is not possible after it',
    )
    .option('--accept-differences', 'switches even if the generations differ')
    .option('--identifiers', 'names the students that differ; default: only their number and partition')
    .option('--sample <students>', 'number of students to compare byte for byte', count, DEFAULT_SAMPLE)
    .option('--max-rate <events>', 'highest rate, in events per second', count)
    .action(
      cli.run((options: Options) =>
        withEngine(cli.globals(), (engine, config) => run(engine, config, options, cli.globals())),
      ),
    )

const count = (text: string): number => {
  const number = Number(text)
  if (!Number.isSafeInteger(number) || number < 1)
    throw new InvalidArgumentError('It must be a whole number from 1 on.')
  return number
}

const run = async (engine: Engine, config: Config, options: Options, globals: Globals): Promise<ExitCode> => {
  const stop = new AbortController()
  const interrupt = (): void => stop.abort()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, interrupt)
  const shown = steps('rebuild')
  const deps = rebuildDeps(engine, config, options, shown)
  try {
    await refuseMisfits(engine, config)
    if (options.removeFormer) return await runRemoval(deps, globals, stop.signal)
    return await (options.rollback ? runRollback : runRebuild)(deps, options, globals, stop.signal)
  } catch (error) {
    if (stop.signal.aborted) throw new CliFailure('Stopped. What was built is kept: run it again to go on.')
    if (error instanceof StartRefused || error instanceof BuildBroken) throw new CliFailure(error.message)
    throw error
  } finally {
    shown.end()
    await deps.pace.close()
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, interrupt)
  }
}

const rebuildDeps = (engine: Engine, config: Config, { maxRate }: Options, shown: StepReporter): RebuildDeps => {
  const now = (): number => performance.now()
  return {
    ...foldDeps(engine, config),
    observer: silentObserver,
    pace: buildThrottle({ maxRate: maxRate ?? null, probe: engine.probe(), lowerPriority, now, sleep }),
    helpers: config.servers === null || maxRate !== undefined ? [] : buildHelpers(config),
    now,
    random: Math.random,
    sleep,
    onProgress: shown.at,
    onPhase: (phase) => {
      const words = tellPhase(phase)
      if (words !== null) shown.say(words)
    },
  }
}

const BUSY = 'Another rebuild is running, or died within the last 15 seconds.'
const OVERTAKEN = 'Another generation was activated meanwhile; run it again.'

const runRebuild = async (
  deps: RebuildDeps,
  { sample, acceptDifferences = false, identifiers = false }: Options,
  globals: Globals,
  signal: AbortSignal,
): Promise<ExitCode> => {
  const began = deps.now()
  const outcome = await rebuild(deps, { sample, acceptDifferences }, signal)
  const seconds = Math.round(deps.now() - began) / 1000
  switch (outcome.kind) {
    case 'busy':
      throw new CliFailure(BUSY)
    case 'overtaken':
      throw new CliFailure(OVERTAKEN)
    case 'different':
    case 'switched': {
      const comparison = outcome.comparison && told(outcome.comparison, identifiers)
      const switched = outcome.kind === 'switched'
      if (globals.json) await printJson({ ...outcome, kind: undefined, switched, seconds, comparison })
      else if (outcome.comparison) await printLines([...tellDifferences(outcome.comparison, identifiers)])
      if (!switched) throw new CliFailure(DIFFERENT(outcome.generation))
      if (!globals.json) {
        const { generation, events, buildSeconds, restedSeconds } = outcome
        const rate = Math.round(events / Math.max(buildSeconds, 0.001))
        const built = `${plural(events, 'event')} built in ${buildSeconds} s (${rate.toLocaleString('en')}/s, rested for ${restedSeconds} s)`
        await print(`generation ${generation} is active: ${built}, ${seconds} s in all\n`)
      }
      return 0
    }
  }
}

const DIFFERENT = (generation: number): string =>
  `The generations differ: not switched. Generation ${generation} is kept; --accept-differences switches to it all the same.`

const told = (comparison: Comparison, identifiers: boolean) => ({
  ...comparison,
  differences: comparison.differences.map((difference) =>
    difference.kind === 'record' && !identifiers ? { ...difference, identifier: undefined } : difference,
  ),
})

const runRollback = async (
  deps: RebuildDeps,
  _options: Options,
  globals: Globals,
  signal: AbortSignal,
): Promise<ExitCode> => {
  const outcome = await rollback(deps, signal)
  switch (outcome.kind) {
    case 'busy':
      throw new CliFailure(BUSY)
    case 'overtaken':
      throw new CliFailure(OVERTAKEN)
    case 'refused':
      throw new CliFailure(`There is no way back: ${outcome.why}.`)
    case 'switched':
      if (globals.json) await printJson({ ...outcome, kind: undefined, switched: true })
      else await print(`generation ${outcome.generation} is active again: ${outcome.events} events caught up\n`)
      return 0
  }
}

const runRemoval = async (deps: RebuildDeps, globals: Globals, signal: AbortSignal): Promise<ExitCode> => {
  const removed = await removeFormer(deps, signal)
  if (removed === 'busy') throw new CliFailure(BUSY)
  if (globals.json) await printJson({ removed })
  else await print(removed.length > 0 ? `removed generation ${removed.join(', ')}\n` : 'there is nothing to remove\n')
  return 0
}
