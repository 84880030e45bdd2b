import { availableParallelism } from 'node:os'
import { type Many, runMany } from './many.ts'
import { runSeed } from './run.ts'

export type SimulateOptions = {
  readonly seed: number | undefined
  readonly first: number
  readonly seeds: number | undefined
  readonly seconds: number | undefined
  /** Ends after so many failed seeds. */
  readonly failures: number
}

const print = (text: string): void => void process.stdout.write(`${text}\n`)

/** `npm run lab -- --sim`. Returns the exit code. */
export const simulate = async ({ seed, first, seeds, seconds, failures }: SimulateOptions): Promise<number> => {
  if (seed !== undefined) return replay(seed)
  const many = await runMany({
    first,
    seeds: seeds ?? (seconds === undefined ? 3000 : Number.MAX_SAFE_INTEGER),
    seconds: seconds ?? 24 * 3600,
    workers: Math.min(4, availableParallelism()),
    failuresAtMost: failures,
  })
  print(summaryOf(many))
  return many.failed.length === 0 && many.never.length === 0 ? 0 : 1
}

const replay = async (seed: number): Promise<number> => {
  const report = await runSeed(seed, (atMs, what) => print(`${String(atMs).padStart(7)} ms  ${what}`))
  print(`seed ${seed}: ${report.digest} (entries/virtual milliseconds)`)
  for (const fault of report.faults) print(`  ${fault}`)
  print(report.faults.length === 0 ? 'nothing is wrong' : `${report.faults.length} kinds of wrong`)
  return report.faults.length === 0 ? 0 : 1
}

const summaryOf = ({ seeds, seconds, failed, counts, never }: Many): string =>
  [
    ...Object.entries(counts).map(([what, times]) => `${String(times).padStart(10)}  ${what}`),
    ...failed.map(({ seed, faults }) => `seed ${seed} fails: ${faults[0]}\n  npm run lab -- --sim --seed ${seed}`),
    ...never.map((what) => `never seen: ${what}`),
    `${seeds} seeds in ${seconds.toFixed(1)} s (${Math.round((seeds / seconds) * 60)} a minute): ${failed.length} failed`,
  ].join('\n')
