import { randomBytes } from 'node:crypto'
import { cpus } from 'node:os'
import { hashSecret } from '../src/config/secret.ts'
import { privateRedis } from '../test/support/private-redis.ts'
import { hangingErps } from './hanging-erps-scene.ts'
import { quantile } from './load.ts'
import type { Shot } from './open-load.ts'

/**
 * All ERPs hang, at 200 pulls a second, half of them hits of the projection: what the hits cost then, whether every other
 * pull gets its 503 in time, how many calls an ERP sees at once, and whether memory grows. Once as configured by default,
 * where breakers open, and once with breakers that never do, where every pull waits for its place.
 *
 *     node bench/hanging-erps.ts [seconds per part, default 60]     needs KAFKA_BROKERS
 */
const SECONDS = Number(process.argv[2] ?? 60)
const PER_SECOND = 200
const DEADLINE_MS = 12_000
const MAX_CONCURRENT = 20
const TURNS = 10

const secret = randomBytes(12).toString('base64url')
const secretHash = await hashSecret(secret)

process.stdout.write(`${cpus().length} × ${cpus()[0]?.model}, Node ${process.version}, ${SECONDS} s a part\n\n`)
process.stdout.write(
  '| breakers | hits p50 / p99 ms undisturbed | with hanging ERPs | CPU µs a pull | others: 503 | slowest s | at once | MiB each turn |\n',
)
process.stdout.write('|---|---|---|---|---|---|---|---|\n')

for (const [name, breakerVolume] of [
  ['open', 20],
  ['never open', 10_000],
] as const) {
  const redis = await privateRedis()
  const scene = await hangingErps({
    redisUrl: `redis://127.0.0.1:${redis.port}`,
    secret,
    secretHash,
    erps: 3,
    maxConcurrent: MAX_CONCURRENT,
    timeoutMs: 4_000,
    deadlineMs: DEADLINE_MS,
    breakerVolume,
  })
  await scene.undisturbed(PER_SECOND, 5_000)
  const alone: Shot[] = []
  const shots: Shot[] = []
  const mib: number[] = []
  const cpu = { alone: 0, together: 0 }
  // The two take turns, so that what else the machine does slows them alike.
  for (let turn = 0; turn < TURNS; turn++) {
    const before = scene.gatewayCpuMicros()
    alone.push(...(await scene.undisturbed(PER_SECOND / 2, (SECONDS * 500) / TURNS)))
    const between = scene.gatewayCpuMicros()
    shots.push(...(await scene.disturbed(PER_SECOND, (SECONDS * 1000) / TURNS)))
    cpu.alone += between - before
    cpu.together += scene.gatewayCpuMicros() - between
    mib.push(scene.gatewayMib())
  }
  const hits = shots.filter(({ turn }) => turn % 2 === 0)
  const others = shots.filter(({ turn }) => turn % 2 === 1)
  const refused = others.filter(({ status }) => status === 503).length
  const p = (of: readonly Shot[]) =>
    `${[0.5, 0.99]
      .map((q) =>
        quantile(
          of.map(({ ms }) => ms),
          q,
        ).toFixed(1),
      )
      .join(' / ')}`
  const slowest = Math.max(...others.map(({ ms }) => ms)) / 1000
  const cells = [
    name,
    p(alone),
    p(hits.filter(({ status }) => status === 200)),
    `${(cpu.alone / alone.length).toFixed(0)}, ${(cpu.together / shots.length).toFixed(0)}`,
    `${refused} of ${others.length}`,
    slowest.toFixed(2),
    scene.mostAtOnce().join(', '),
    mib.map((value) => value.toFixed(0)).join(' '),
  ]
  process.stdout.write(`| ${cells.join(' | ')} |\n`)
  await scene.close()
  await redis.close()
}
