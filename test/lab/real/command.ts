import { writeFile } from 'node:fs/promises'
import { privateKafka } from '../../integration/private-kafka.ts'
import { openRelay } from './relay.ts'
import { type LabReport, machineOf, pageOf } from './report.ts'
import { type RoundReport, runRound } from './round.ts'

export type RealOptions = {
  readonly seed: number
  readonly minutes: number
  /** How long one round's faults go on. */
  readonly roundSeconds: number
  /** `<out>.md` and `<out>.json`. */
  readonly out: string | undefined
}

const say = (text: string): void => void process.stderr.write(`[lab] ${text}\n`)

/** `npm run lab -- --seed N --minutes M`: rounds on real servers, until the time is over. Returns the exit code. */
export const realLab = async ({ seed, minutes, roundSeconds, out }: RealOptions): Promise<number> => {
  process.env['LAB_ERP_PASSWORD'] ??= 'lab-erp-password'
  const startedAt = new Date().toISOString()
  const relay = await openRelay()
  const kafka = await privateKafka(relay.port)
  const rounds: RoundReport[] = []
  try {
    await kafka.start()
    relay.pointTo(kafka.port)
    const until = performance.now() + minutes * 60_000
    for (let round = 0; performance.now() < until; round += 1) {
      say(`round ${round + 1}, seed ${seed + round}`)
      const left = (until - performance.now()) / 1000
      const report = await runRound(seed + round, Math.min(roundSeconds, left), kafka, relay, say)
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
    await relay.close()
  }
  process.stdout.write(pageOf({ seed, minutes, startedAt, machine: machineOf(), rounds }))
  return rounds.every(({ problems }) => problems.length === 0) ? 0 : 1
}
