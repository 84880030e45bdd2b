import { cpus } from 'node:os'
import { eventData, HEARTBEAT, RESOLVED } from '../projections/events/event.ts'
import { erpRequestOutcomes } from '../src/erp/port.ts'
import { memoryLog } from '../src/memory/log.ts'
import { memoryStore } from '../src/memory/store.ts'
import { measuredLog, measuredStore } from '../src/metrics/measured.ts'
import { buildMetrics } from '../src/metrics/metrics.ts'
import { quantile } from './load.ts'

/** What metrics cost a pull that the projection answers, and what a scrape costs the event loop. Markdown on stdout. */

const BRANCHES = 300
const ROUNDS = 40
const PULLS = 200_000

const erps = ['group', ...Array.from({ length: BRANCHES }, (_, index) => `branch-${index + 1}`)]
const metrics = buildMetrics(['gateway'], {
  version: 'bench',
  partitions: 16,
  eventTypes: [...Object.keys(eventData), HEARTBEAT, RESOLVED],
  heartbeatSources: erps.map((erp) => `/erp/${erp}`),
  erps,
})

/** Nanoseconds of CPU a call, median of several rounds; the loop itself is in it. */
const nanos = async (work: (turn: number) => unknown): Promise<number> => {
  const rounds: number[] = []
  for (let round = 0; round < 9; round += 1) {
    const before = process.cpuUsage()
    for (let turn = 0; turn < PULLS; turn += 1) await work(turn)
    rounds.push((process.cpuUsage(before).user * 1000) / PULLS)
  }
  return quantile(rounds, 0.5)
}

const hitPath = async (): Promise<void> => {
  const observe = metrics.observer('pullgate_pull_duration_seconds', { source: 'projection', code: '200' })
  const store = { ...memoryStore(1) }
  const answered = Promise.resolve() as never
  const bare = { ...store, reader: { ...store.reader, student: () => answered } }
  const log = { ...memoryLog(), ends: () => answered }
  const id = 'S-1' as never
  const [measured, ends] = [measuredStore(bare, metrics), measuredLog(log, metrics)]
  const floor = await nanos(async () => {
    await bare.reader.student()
    await log.ends()
  })
  const all = await nanos(async (turn) => {
    await measured.reader.student(0, id)
    await ends.ends('t', [0])
    observe((turn % 100) / 10_000)
  })
  process.stdout.write(`| a pull that is answered by the projection | ${((all - floor) / 1000).toFixed(2)} µs |\n`)
}

const scrape = async (name: string, change: (round: number) => void): Promise<void> => {
  const ms: number[] = []
  const cpuMs: number[] = []
  let bytes = 0
  for (let round = 0; round < ROUNDS; round += 1) {
    change(round)
    const before = process.cpuUsage()
    const began = performance.now()
    bytes = Buffer.from(await metrics.render()).byteLength
    ms.push(performance.now() - began)
    const { user, system } = process.cpuUsage(before)
    cpuMs.push((user + system) / 1000)
  }
  const lines = (await metrics.render()).split('\n').filter((line) => line !== '' && !line.startsWith('#')).length
  const size = `${lines} series, ${(bytes / 1024).toFixed(0)} KiB`
  process.stdout.write(
    `| a scrape, ${BRANCHES} branches, ${name} (${size}) | ${quantile(cpuMs, 0.5).toFixed(1)} ms of CPU, ${quantile(ms, 0.5).toFixed(1)} ms of waiting |\n`,
  )
}

const ask = (erp: string): void => {
  for (const outcome of erpRequestOutcomes)
    metrics.observer('pullgate_erp_request_duration_seconds', { erp, outcome })(0.1)
}

process.stdout.write(`${cpus().length} × ${cpus()[0]?.model}, Node ${process.version}\n\n| | cost |\n|---|---|\n`)
await hitPath()
await scrape('one in ten asked since the last', (round) => {
  for (const [index, erp] of erps.entries()) if (index % 10 === round % 10) ask(erp)
})
await scrape('all asked, with every outcome', () => {
  for (const erp of erps) {
    ask(erp)
    metrics.set('pullgate_publisher_heartbeat_age_seconds', { source: `/erp/${erp}` }, performance.now() / 1000)
  }
})
