import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { Redis } from 'ioredis'
import { until } from '../test/support/until.ts'
import { cpuMicros, quantile } from './load.ts'
import { openLoad, type Shot } from './open-load.ts'
import { appendAll, openStage, type Stage } from './stage.ts'
import { PARTITIONS } from './world.ts'

/**
 * `pullgate rebuild` on a log of real shape: beside pulls, with the live generation unread, and in an empty store. Run it
 * with `KAFKA_BROKERS` set: `node bench/rebuild.ts [--students 25000] [--events 250000] [--pulls 100] [--only beside,alone,empty]`.
 */
const { values: options } = parseArgs({
  options: {
    students: { type: 'string', default: '25000' },
    events: { type: 'string', default: '250000' },
    pulls: { type: 'string', default: '100' },
    seconds: { type: 'string', default: '20' },
    only: { type: 'string', default: 'beside,alone,empty' },
  },
})
const [students, events, pulls, seconds] = [options.students, options.events, options.pulls, options.seconds].map(
  Number,
) as [number, number, number, number]

const BIN = fileURLToPath(new URL('../bin/pullgate.mjs', import.meta.url))

type Rebuilt = {
  readonly events: number
  readonly buildSeconds: number
  readonly restedSeconds?: number
  readonly cpuMicrosEach: number
  readonly redisMicrosEach: number
  readonly peakRssMiB: number
  readonly differences: number | null
}

/** One run of the command, watched from outside. */
const rebuild = async (file: string, redisUrl: string, redisPid: number): Promise<Rebuilt> => {
  const env = { ...process.env, REDIS_URL: redisUrl }
  const child = spawn(process.execPath, [BIN, 'rebuild', '--json', '--config', file], { env })
  const exited = once(child, 'exit')
  let said = ''
  child.stdout.on('data', (chunk) => (said += chunk))
  child.stderr.pipe(process.stderr)
  const redisBefore = cpuMicros(redisPid)
  const seen = await watched(child)
  const [code] = await exited
  if (code !== 0) throw new Error(`the rebuild ended with ${code}`)
  const { comparison, ...outcome } = JSON.parse(said)
  return {
    ...outcome,
    cpuMicrosEach: seen.micros / outcome.events,
    redisMicrosEach: (cpuMicros(redisPid) - redisBefore) / outcome.events,
    peakRssMiB: seen.peakKiB / 1024,
    differences: comparison?.differences.length ?? null,
  }
}

const watched = async (child: ChildProcess): Promise<{ readonly micros: number; readonly peakKiB: number }> => {
  let seen = { micros: 0, peakKiB: 0 }
  while (child.exitCode === null) {
    try {
      const peak = /VmHWM:\s+(\d+)/u.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))
      seen = { micros: cpuMicros(child.pid!), peakKiB: Number(peak?.[1] ?? seen.peakKiB) }
    } catch {
      // It has ended in between.
    }
    await sleep(100)
  }
  return seen
}

const tell = (name: string, rebuilt: Rebuilt): void => {
  const {
    events: built,
    buildSeconds,
    restedSeconds,
    cpuMicrosEach,
    redisMicrosEach,
    peakRssMiB,
    differences,
  } = rebuilt
  const rate = Math.round(built / buildSeconds).toLocaleString('en')
  const rested = restedSeconds === undefined ? '' : `, rested ${restedSeconds} s`
  const micros = `${cpuMicrosEach.toFixed(1)} µs of CPU an event, ${redisMicrosEach.toFixed(1)} in Redis`
  const load = readFileSync('/proc/loadavg', 'utf8').split(' ', 1)[0]
  process.stdout.write(
    `${name}: ${built} events in ${buildSeconds} s (${rate}/s${rested}); ${micros}; peak ${peakRssMiB.toFixed(0)} MiB; ` +
      `differences ${differences ?? 'not compared'}; load ${load}\n`,
  )
}

const tellShots = (name: string, shots: readonly Shot[]): void => {
  const ms = shots.map((shot) => shot.ms)
  const [half, most] = [quantile(ms, 0.5), quantile(ms, 0.99)].map((value) => value.toFixed(2))
  // A student whose facts do not add up is answered too, that it is so.
  const failed = shots.filter(({ status }) => status === 0 || status >= 500).length
  process.stdout.write(`pulls ${name}: ${shots.length}, p50 ${half} ms, p99 ${most} ms, ${failed} not answered\n`)
}

const withPulls = async (stage: Stage, redisUrl: string, redisPid: number): Promise<void> => {
  const program = await stage.program('strict')
  const [projector, gateway] = [await program.start('projector'), await program.start('gateway')]
  await until('the projector to have applied the log', async () => (await applied()) >= total, 900_000)
  const pull = (forMs: number): Promise<readonly Shot[]> =>
    openLoad(pulls, forMs, (turn) => stage.pullUrl(gateway, (turn * 7919) % students), stage.auth)
  if (parts.includes('beside')) {
    await pull(2000)
    tellShots('before', await pull(seconds * 1000))
    let over = false
    const building = rebuild(program.file, redisUrl, redisPid).finally(() => {
      over = true
    })
    const meanwhile: Shot[] = []
    while (!over) meanwhile.push(...(await pull(500)))
    tell('beside pulls', await building)
    tellShots('meanwhile', meanwhile)
    tellShots('after', await pull(seconds * 1000))
  }
  if (parts.includes('alone')) tell('no pulls', await rebuild(program.file, redisUrl, redisPid))
  await Promise.all([projector.stop(), gateway.stop()])
}

const applied = async (): Promise<number> => {
  const active = await redis.get('pg:{store}:active')
  if (active === null) return 0
  const checkpoints = await redis.mget(Array.from({ length: PARTITIONS }, (_, at) => `pg:${active}:{${at}}:cp`))
  return checkpoints.reduce((sum, text) => sum + Number(text?.split(' ', 1)[0] ?? 0), 0)
}

const parts = options.only.split(',')
const stage = await openStage(students)
const redisUrl = `redis://127.0.0.1:${stage.redis.port}`
let total = 3 * students
const redis = new Redis({ port: stage.redis.port })
try {
  const redisPid = Number(/process_id:(\d+)/u.exec(await redis.info('server'))![1])
  total += await appendAll(stage.log, function* () {
    for (let turn = 0; turn < events - 3 * students; turn += 1) yield stage.world.live((turn * 7919) % students)
  })
  if (parts.includes('beside') || parts.includes('alone')) await withPulls(stage, redisUrl, redisPid)
  if (parts.includes('empty')) {
    await redis.flushall()
    const { file } = await stage.program('strict')
    tell('an empty store', await rebuild(file, redisUrl, redisPid))
  }
} finally {
  redis.disconnect()
  await stage.close()
}
