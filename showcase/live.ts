import { pull } from './partner.ts'
import { feeChange, type Pupil, schedule } from './school.ts'
import type { World } from './world.ts'

/** Changes at the rate, a pull after each, and a line that tells how it goes, until told to stop. */
export const live = async (
  world: World,
  pupils: readonly Pupil[],
  rate: number,
  stopping: AbortSignal,
): Promise<void> => {
  let [events, pulls] = [0, 0]
  let times: number[] = []
  const sources = new Map<string, number>()
  const terminal = process.stdout.isTTY
  const show = (): void => {
    const sorted = times.sort((a, b) => a - b)
    const at = (share: number): string => (sorted[Math.floor(sorted.length * share)] ?? 0).toFixed(1)
    const from = [...sources].map(([source, count]) => `${source} ${count}`).join(', ')
    const line = `${events} events  ${pulls} pulls  p50 ${at(0.5)} ms  p99 ${at(0.99)} ms  ${from}`
    process.stdout.write(terminal ? `\r\u001b[K${line}` : `${line}\n`)
    times = []
  }
  const timer = setInterval(show, terminal ? 500 : 5_000)
  const stopped = new Promise<void>((resolve) => stopping.addEventListener('abort', () => resolve()))
  const step = async (turn: number): Promise<void> => {
    const pupil = pupils[(turn * 7) % pupils.length]!
    const fee = 35_000 + ((turn * 50) % 20_000)
    await world.publish([feeChange(world.topic, pupil, fee), schedule(world.topic, pupil)])
    const answer = await pull(world, { identifier: pupil.id })
    events += 2
    pulls += 1
    times.push(answer.ms)
    sources.set(answer.source, (sources.get(answer.source) ?? 0) + 1)
    await new Promise((resolve) => setTimeout(resolve, 2000 / rate))
  }
  // A step may hang with its server: whoever says stop need not wait for it.
  for (let turn = 0; !stopping.aborted; turn += 1) {
    const done = step(turn)
    done.catch(() => {})
    await Promise.race([done, stopped])
  }
  clearInterval(timer)
  process.stdout.write('\n')
}
