import { cpus } from 'node:os'
import type { Log } from '../consumers/ports/log.ts'
import { cheapHash } from '../test/integration/http-edge.ts'
import { privateRedis } from '../test/support/private-redis.ts'
import { openProgram } from '../test/support/program.ts'
import { publisher } from '../test/support/school.ts'
import { freshTopic, openLog, sharedBrokers } from '../test/support/shared-kafka.ts'
import { until } from '../test/support/until.ts'
import { quantile, type Slice, slice } from './load.ts'

/**
 * What strict freshness costs against bounded: two gateways on the same projection take turns, so that a drifting machine
 * slows them alike.
 *
 *     node bench/freshness-modes.ts [rounds, default 12]     needs KAFKA_BROKERS
 */
const ROUNDS = Number(process.argv[2] ?? 12)
const SLICE_MS = 1_500
const CONNECTIONS = 16
const PARTITIONS = 16
const STUDENTS = 1_000
const AUTH = 'bench:bench'

const redis = await privateRedis()
const log: Log = openLog()
const topic = await freshTopic(log, PARTITIONS)
const programOf = (mode: 'strict' | 'bounded') =>
  openProgram({
    brokers: sharedBrokers(),
    redisUrl: `redis://127.0.0.1:${redis.port}`,
    config: JSON.stringify({
      topic: { name: topic, partitions: PARTITIONS },
      policy: { balance_basis: 'payable', paid_instalments: 'omit' },
      freshness: { mode, wait_ms: 2_000, bound_ms: 10_000 },
      clients: [{ username: 'bench', secrets: [cheapHash('bench')], branches: 'all' }],
    }),
  })
const programs = { strict: await programOf('strict'), bounded: await programOf('bounded') }
const school = publisher(topic, PARTITIONS)
const ids = Array.from({ length: STUDENTS }, (_, index) => `S-${index}`)
await log.append(ids.flatMap((id) => [school.enrolled(id), school.assessed(id, 5_000)]))
await programs.bounded.start('projector')
const gateways = { strict: await programs.strict.start('gateway'), bounded: await programs.bounded.start('gateway') }
const headers = { authorization: `Basic ${Buffer.from(AUTH).toString('base64')}` }
for (const { url } of Object.values(gateways)) {
  const isReady = async () => (await fetch(`${url}/fetch-student?identifier=S-1`, { headers })).status === 200
  await until('the projection to answer', isReady, 60_000)
}

const modes = ['strict', 'bounded'] as const
const rounds: Record<(typeof modes)[number], Slice>[] = []
for (let round = 0; round <= ROUNDS; round++) {
  const taken = {} as Record<(typeof modes)[number], Slice>
  for (const mode of modes) {
    const { pid, url } = gateways[mode]
    const urlOf = (turn: number) => `${url}/fetch-student?identifier=S-${(turn * 7919) % STUDENTS}`
    taken[mode] = await slice(pid, urlOf, AUTH, CONNECTIONS, SLICE_MS)
  }
  // The first round warms both up.
  if (round > 0) rounds.push(taken)
}

process.stdout.write(`${cpus().length} × ${cpus()[0]?.model}, Node ${process.version}, ${CONNECTIONS} connections\n\n`)
process.stdout.write('| mode | pulls a second | CPU µs a pull | p50 ms | p99 ms |\n|---|---|---|---|---|\n')
for (const mode of modes) {
  const own = rounds.map((round) => round[mode])
  const ms = own.flatMap((one) => one.ms)
  const perSecond = quantile(
    own.map(({ requests }) => (requests * 1_000) / SLICE_MS),
    0.5,
  )
  const cpu = quantile(
    own.map(({ cpuMicros, requests }) => cpuMicros / requests),
    0.5,
  )
  const cells = [perSecond.toFixed(0), cpu.toFixed(0), quantile(ms, 0.5).toFixed(2), quantile(ms, 0.99).toFixed(2)]
  process.stdout.write(`| ${mode} | ${cells.join(' | ')} |\n`)
}
const shares = rounds.map(({ strict, bounded }) => strict.requests / bounded.requests)
const ratios = rounds.map(
  ({ strict, bounded }) => bounded.cpuMicros / bounded.requests / (strict.cpuMicros / strict.requests),
)
process.stdout.write(
  `\nstrict / bounded: throughput ${quantile(shares, 0.5).toFixed(2)}, CPU efficiency ${quantile(ratios, 0.5).toFixed(2)} (medians)\n`,
)
await Promise.all(Object.values(programs).map((program) => program.close()))
await log.close()
await redis.close()
