import { cpuMicros } from '../load.ts'
import type { Section } from '../report.ts'
import { median, spread } from '../report.ts'
import { answered, caughtUp, type Stage } from '../stage.ts'

/** From the command to an answer that is proven fresh, after a clean stop and after kill -9; and what doing nothing costs. */
export const startSection = async (
  stage: Stage,
  students: number,
  rounds: number,
  idleMs: number,
): Promise<Section> => {
  const program = await stage.program('strict')
  const first = await program.start('all')
  await caughtUp(stage, first, students)
  // What is left of catching up (code that is compiled, memory that is given back) is not idleness.
  const settledMs = idleMs / 4
  await new Promise((resolve) => setTimeout(resolve, settledMs))
  const idleBefore = cpuMicros(first.pid)
  await new Promise((resolve) => setTimeout(resolve, idleMs))
  const idle = (cpuMicros(first.pid) - idleBefore) / (idleMs * 1000)

  let running = first
  const timed = async (end: () => Promise<unknown>): Promise<number> => {
    await end()
    const began = performance.now()
    running = await program.start('all')
    await answered(stage, running, 1)
    return (performance.now() - began) / 1000
  }
  const [clean, killed]: [number[], number[]] = [[], []]
  for (let round = 0; round < rounds; round += 1) {
    clean.push(await timed(() => running.stop()))
    killed.push(await timed(() => running.kill()))
  }
  await running.stop()
  return {
    title: 'Starting, and doing nothing',
    method: `\`all\` on a projection of ${students.toLocaleString('en')} students, ${rounds} times each: from the command to the first answer that is proven fresh. Idle: CPU over ${idleMs / 1000} s without pulls and events, from ${settledMs / 1000} s after the log was applied.`,
    header: ['', 'seconds'],
    rows: [
      ['after SIGTERM', spread(clean)],
      ['after SIGKILL', spread(killed)],
    ],
    findings: [`Idle, \`all\` takes ${(idle * 100).toFixed(1)} % of a core.`],
    figures: { start_clean_s: median(clean), start_killed_s: median(killed), idle_percent: idle * 100 },
  }
}
