import { writeFile } from 'node:fs/promises'
import { openLabPair } from './lab-redis.ts'
import { openLabShards } from './lab-shards.ts'
import { openOneBroker } from './one-broker.ts'
import { type LabReport, machineOf, pageOf } from './report.ts'
import { type RoundReport, runRound } from './round.ts'
import { openThreeBrokers } from './three-brokers.ts'

export type RealOptions = {
  readonly seed: number
  readonly minutes: number
  /** How long one round's faults go on. */
  readonly roundSeconds: number
  /** One broker, or three. */
  readonly brokers: 1 | 3
  /** Redis as a cluster of three shards, not as a pair. */
  readonly isSharded: boolean
  /** `<out>.md` and `<out>.json`. */
  readonly out: string | undefined
}

const say = (text: string): void => void process.stderr.write(`[lab] ${text}\n`)

/** `npm run lab -- --seed N --minutes M`: rounds on real servers, until the time is over. Returns the exit code. */
export const realLab = async ({
  seed,
  minutes,
  roundSeconds,
  brokers,
  isSharded,
  out,
}: RealOptions): Promise<number> => {
  process.env['LAB_ERP_PASSWORD'] ??= 'lab-erp-password'
  const startedAt = new Date().toISOString()
  const kafka = await (brokers === 3 ? openThreeBrokers() : openOneBroker())
  const rounds: RoundReport[] = []
  try {
    const until = performance.now() + minutes * 60_000
    for (let round = 0; performance.now() < until; round += 1) {
      say(`round ${round + 1}, seed ${seed + round}`)
      const left = (until - performance.now()) / 1000
      const seconds = Math.min(roundSeconds, left)
      const report = await runRound(
        { seed: seed + round, round, seconds },
        kafka,
        isSharded ? openLabShards : openLabPair,
        say,
      )
      for (const problem of report.problems) say(`WRONG: ${problem}`)
      say(`${report.records} records, ${report.pulls} pulls, ${report.problems.length} kinds of wrong`)
      rounds.push(report)
      const lab: LabReport = { seed, minutes, startedAt, machine: machineOf(), rounds }
      if (out !== undefined) {
        await writeFile(`${out}.json`, `${JSON.stringify(lab, null, 2)}\n`)
        await writeFile(`${out}.md`, pageOf(lab))
      }
    }
  } finally {
    await kafka.close()
  }
  process.stdout.write(pageOf({ seed, minutes, startedAt, machine: machineOf(), rounds }))
  return rounds.every(({ problems }) => problems.length === 0) ? 0 : 1
}
