import { cpus, totalmem } from 'node:os'
import type { RoundReport } from './round.ts'
import { addUp } from './scraped.ts'

export type LabReport = {
  readonly seed: number
  readonly minutes: number
  readonly startedAt: string
  readonly machine: string
  readonly rounds: readonly RoundReport[]
}

export const machineOf = (): string =>
  `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`

/** One page of Markdown. */
export const pageOf = ({ seed, minutes, startedAt, machine, rounds }: LabReport): string => {
  const problems = rounds.flatMap((round) => round.problems.map((problem) => `- seed ${round.seed}: ${problem}`))
  const injected = addUp(rounds.map((round) => round.injected))
  const guards = addUp(rounds.map((round) => round.guards))
  const answers = addUp(rounds.map((round) => round.answers))
  const sum = (of: (round: RoundReport) => number): number => rounds.reduce((total, round) => total + of(round), 0)
  return `# Fault lab

Seed ${seed}, ${minutes} minutes asked, ${(sum(({ seconds }) => seconds) / 60).toFixed(1)} minutes run in ${rounds.length} rounds, begun ${startedAt}.
${machine}.

${sum(({ records }) => records)} records published, ${sum(({ pulls }) => pulls)} pulls, ${problems.length} kinds of wrong.
${problems.join('\n')}

| fault | injected | recovered after: median | p95 | most |
|---|---|---|---|---|
${Object.entries(injected)
  .map(([fault, times]) => `| ${fault} | ${times} | ${recoveryRow(rounds, fault)} |`)
  .join('\n')}

Recovery: from the end of the fault (a killed process: from its death) until everything that was published right after
it was visible in all partitions. Faults that came together with another count as injected, and are not timed.

${domainsOf(rounds)}| guard or outcome (of all processes) | times |
|---|---|
${tableOf(guards)}

| answered by | pulls |
|---|---|
${tableOf(answers)}
`
}

const tableOf = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .filter(([, times]) => times > 0)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([what, times]) => `| ${what} | ${times} |`)
    .join('\n')

const recoveryRow = (rounds: readonly RoundReport[], fault: string): string => {
  const all = rounds
    .flatMap((round) => round.recoveries.filter((one) => one.fault === fault).map(({ ms }) => ms))
    .sort((a, b) => a - b)
  const at = (share: number): string =>
    all.length === 0 ? '–' : `${(all[Math.min(all.length - 1, Math.floor(share * all.length))]! / 1000).toFixed(1)} s`
  return `${at(0.5)} | ${at(0.95)} | ${at(1)}`
}

const domainsOf = (rounds: readonly RoundReport[]): string => {
  const all = rounds.map(({ domains }) => domains)
  const answered = all.reduce((sum, { healthyAnswered }) => sum + healthyAnswered, 0)
  const stale = all.reduce((sum, { healthyStale }) => sum + healthyStale, 0)
  if (answered + stale === 0) return ''
  const healthy = sorted(all.flatMap(({ healthyMs }) => healthyMs))
  const victims = sorted(all.flatMap(({ victimsMs }) => victimsMs))
  return `While a leader was away, the projection answered ${answered} of ${answered + stale} provable pulls on the other
partitions (${((100 * answered) / (answered + stale)).toFixed(2)} %), p99 ${percentile(healthy, 0.99)} ms. ${victims.length} partitions
were answered again ${percentile(victims, 0.5)} ms (median), ${percentile(victims, 0.95)} ms (p95), ${percentile(victims, 1)} ms (most) after
their new leader was known.

`
}

const sorted = (numbers: readonly number[]): readonly number[] => [...numbers].sort((a, b) => a - b)

const percentile = (numbers: readonly number[], share: number): string =>
  numbers.length === 0
    ? '–'
    : String(Math.round(numbers[Math.min(numbers.length - 1, Math.floor(share * numbers.length))]!))
