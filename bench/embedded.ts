import { statSync } from 'node:fs'
import { cpus } from 'node:os'
import type { NewRecord } from '../consumers/ports/log.ts'
import { type EmbeddedProgram, embeddedProgram } from '../test/support/embedded-program.ts'
import { publisher } from '../test/support/school.ts'
import { until } from '../test/support/until.ts'
import { cpuMicros, quantile } from './load.ts'

/**
 * Embedded operation: how soon it answers, how many events go in, how long a pull takes, and what it costs when idle.
 * `node bench/embedded.ts`; Markdown on stdout.
 */

const STUDENTS = 1_000
const BATCH = 100
const SENDERS = 8
const INGEST_MS = 8_000
const PULLS = 2_000
const IDLE_MS = 20_000

const main = async (): Promise<void> => {
  const embedded = await embeddedProgram()
  const school = publisher('ignored', 4)
  const ids = Array.from({ length: STUDENTS }, (_, index) => `S-${index}`)
  try {
    process.stdout.write(`${cpus().length} × ${cpus()[0]?.model}, Node ${process.version}, strict mode\n\n`)
    const began = performance.now()
    const { url, pid } = await embedded.program.start('all')
    const first = [school.enrolled('S-0'), school.assessed('S-0', 1)]
    await until('the first answer', async () => {
      if ((await embedded.post(url, first).catch(() => null))?.status !== 200) return false
      return (await embedded.pull(url, { identifier: 'S-0' })).status === 200
    })
    line(
      'start of the process → first answer to a pull',
      `${seconds(performance.now() - began)} s (${seconds(cpuMicros(pid) / 1000)} s of CPU)`,
    )
    for (let at = 1; at < STUDENTS; at += BATCH / 2)
      await send(
        embedded,
        url,
        ids.slice(at, at + BATCH / 2).flatMap((id) => [school.enrolled(id), school.assessed(id, 1)]),
      )

    let unproven = 0
    const pullTimes = async (): Promise<readonly number[]> => {
      const times: number[] = []
      for (let turn = 0; turn < PULLS; turn++) {
        const asked = performance.now()
        const answer = await embedded.pull(url, { identifier: ids[(turn * 7919) % STUDENTS]! })
        await answer.arrayBuffer()
        times.push(performance.now() - asked)
        if (answer.headers.get('x-pullgate-source') !== 'projection') unproven += 1
      }
      return times.sort((a, b) => a - b)
    }
    tellPulls('pulls, one after the other, nothing else going on', await pullTimes())

    const cpuBefore = cpuMicros(pid)
    const { events, ms, times } = await ingest(embedded, url, school, ids, async () => null)
    line(
      `events in over HTTP, batches of ${BATCH}, ${SENDERS} connections`,
      `${Math.round((events / ms) * 1000)} events/s`,
    )
    line(
      'acknowledgement of a batch',
      `p50 ${quantile(times, 0.5).toFixed(1)} ms, p99 ${quantile(times, 0.99).toFixed(1)} ms`,
    )
    const caughtUp = performance.now()
    await embedded.pull(url, { identifier: 'S-1' })
    await until(
      'the projection to have all',
      async () => (await embedded.pull(url, { identifier: 'S-1' })).headers.get('x-pullgate-source') === 'projection',
      60_000,
    )
    line('end of that → projected', `${seconds(performance.now() - caughtUp)} s`)
    const logged = STUDENTS * 2 + events
    line(
      `file with ${logged} events of ${STUDENTS} students`,
      `${(statSync(embedded.path).size / 2 ** 20).toFixed(0)} MiB`,
    )
    line('CPU of an event, all in all', `${Math.round((cpuMicros(pid) - cpuBefore) / events)} µs`)

    let loaded: readonly number[] = []
    const paced = await ingest(embedded, url, school, ids, async () => (loaded = await pullTimes()), 300)
    tellPulls(`pulls, one after the other, beside ${Math.round((paced.events / paced.ms) * 1000)} events/s`, loaded)

    line('of these, not proven fresh in time', `${unproven}`)

    const [before, since] = [cpuMicros(pid), performance.now()]
    await new Promise((resolve) => setTimeout(resolve, IDLE_MS))
    line('CPU when idle', `${((cpuMicros(pid) - before) / (performance.now() - since) / 10).toFixed(2)} % of a core`)
  } finally {
    await embedded.close()
  }
}

const line = (what: string, figure: string): void => void process.stdout.write(`| ${what} | ${figure} |\n`)
const seconds = (ms: number): string => (ms / 1000).toFixed(2)
const tellPulls = (what: string, ms: readonly number[]): void =>
  line(what, `p50 ${quantile(ms, 0.5).toFixed(2)} ms, p99 ${quantile(ms, 0.99).toFixed(2)} ms`)

const send = async (embedded: EmbeddedProgram, url: string, records: readonly NewRecord[]): Promise<void> => {
  const response = await embedded.post(url, records)
  if (response.status !== 200) throw new Error(`not accepted: ${response.status} ${await response.text()}`)
  await response.arrayBuffer()
}

/** Sends until `beside` is done and the time is over; with a pace, each sender waits that many milliseconds between batches. */
const ingest = async (
  embedded: EmbeddedProgram,
  url: string,
  school: ReturnType<typeof publisher>,
  ids: readonly string[],
  beside: () => Promise<unknown>,
  paceMs = 0,
): Promise<{ readonly events: number; readonly ms: number; readonly times: readonly number[] }> => {
  const began = performance.now()
  const times: number[] = []
  let [busy, turn] = [true, 0]
  const sender = async (): Promise<void> => {
    while (busy || performance.now() - began < INGEST_MS) {
      const records = Array.from({ length: BATCH }, () => school.feeChanged(ids[turn++ % ids.length]!, turn))
      const asked = performance.now()
      await send(embedded, url, records)
      times.push(performance.now() - asked)
      if (paceMs > 0) await new Promise((resolve) => setTimeout(resolve, paceMs))
    }
  }
  const senders = Array.from({ length: SENDERS }, sender)
  await beside()
  busy = false
  await Promise.all(senders)
  return { events: times.length * BATCH, ms: performance.now() - began, times: times.sort((a, b) => a - b) }
}

await main()
