import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { PullResult } from '../src/pull/port.ts'
import { openTracing } from '../src/tracing/open-tracing.ts'
import { tracedPulls } from '../src/tracing/traced-pulls.ts'
import type { Tracing } from '../src/tracing/tracing.ts'
import { quantile } from './load.ts'

/** What traces cost a pull that the projection answers: one span for the pull, one each for store and log. */

const PULLS = 20_000
const ROUNDS = 7

const collector = createServer((request, response) => {
  request.resume().on('end', () => response.writeHead(200, { 'content-type': 'application/json' }).end('{}'))
})
collector.listen(0, '127.0.0.1')
await once(collector, 'listening')
process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`

const result = { kind: 'answer', status: 200, source: 'projection' } as PullResult
const pullWith = (tracing: Tracing | null) => {
  const traced = tracedPulls(tracing)
  const student = traced.reader({ student: async () => null } as never).student as () => Promise<unknown>
  const ends = traced.ends(async () => null)
  return traced.pull(async () => {
    await Promise.all([student(), ends(0)])
    return result
  })
}

/** Microseconds of CPU for a pull, export included; median. */
const costOf = async (tracing: Tracing | null): Promise<number> => {
  const pull = pullWith(tracing)
  const rounds: number[] = []
  for (let round = 0; round < ROUNDS; round += 1) {
    const before = process.cpuUsage()
    for (let turn = 0; turn < PULLS; turn += 1) {
      await pull({ identifier: 'S-1' }, { username: 'c', scope: 'all' }, 0, `r-${turn}`)
      // As between real pulls, the exporter gets its turn.
      if (turn % 200 === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    }
    const { user, system } = process.cpuUsage(before)
    rounds.push((user + system) / PULLS)
  }
  return quantile(rounds, 0.5)
}

const opened = async (sampler: string, share: string): Promise<Tracing> => {
  process.env['OTEL_TRACES_SAMPLER'] = sampler
  process.env['OTEL_TRACES_SAMPLER_ARG'] = share
  process.env['OTEL_BSP_SCHEDULE_DELAY'] = '50'
  process.env['OTEL_BSP_MAX_QUEUE_SIZE'] = '100000'
  const began = performance.now()
  const tracing = await openTracing({ service: 'bench', version: '0', log: { info: () => {}, warn: () => {} } })
  if (tracing === null) throw new Error('the packages are not installed')
  process.stdout.write(`| opening, ${sampler} ${share} | ${(performance.now() - began).toFixed(0)} ms |\n`)
  return tracing
}

const floor = await costOf(null)
process.stdout.write(`| no traces | ${floor.toFixed(2)} µs |\n`)
for (const [sampler, share] of [
  ['traceidratio', '0'],
  ['traceidratio', '0.01'],
  ['always_on', '1'],
] as const) {
  const tracing = await opened(sampler, share)
  const cost = await costOf(tracing)
  await tracing.close()
  process.stdout.write(`| ${sampler} ${share} | ${(cost - floor).toFixed(2)} µs more |\n`)
}
collector.close()
collector.closeAllConnections()
