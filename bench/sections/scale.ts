import { privateCluster } from '../../test/support/private-cluster.ts'
import type { Running } from '../../test/support/program.ts'
import { applied, logged, type Run, runOf } from '../applied.ts'
import { cpuMicros, quantile } from '../load.ts'
import { openLoad } from '../open-load.ts'
import { type RedisNodes, redisNodes } from '../redis-nodes.ts'
import { median, type Section, spread } from '../report.ts'
import { caughtUp, openStage, type Stage } from '../stage.ts'

/** Of each gateway process: far from what it can do, so that what is seen is the process and not the crowd on two cores. */
const PER_SECOND = 400
const PROCESSES = [1, 2, 4] as const

export type ScaleSize = {
  readonly students: number
  readonly modes: readonly ('bounded' | 'strict')[]
  readonly rounds: number
  readonly sliceMs: number
}

/** What two cores can show of scaling: whether CPU a pull and an event stays what it is, and whether shares are even. */
export const scaleSections = async (size: ScaleSize): Promise<readonly Section[]> => {
  const [stage, sharded] = [await openStage(size.students), await openStage(size.students)]
  try {
    const gateways = await gatewaySection(stage, size)
    return [gateways, await clusterSection(stage, sharded, size)]
  } finally {
    await Promise.all([stage.close(), sharded.close()])
  }
}

/** What a slice showed; `uneven` is the busiest process's CPU over the mean. */
type Taken = {
  readonly others: number
  readonly each: number
  readonly redisEach: number
  readonly ms: readonly number[]
  readonly uneven: number
}

const gatewaySection = async (stage: Stage, size: ScaleSize): Promise<Section> => {
  const { students, rounds, sliceMs } = size
  const redis = await redisNodes(stage.redis.port)
  const projector = await (await stage.program('bounded')).start('projector')
  const rows: string[][] = []
  const figures: Record<string, number> = {}
  let others = 0
  for (const mode of size.modes) {
    const program = await stage.program(mode)
    const running: Running[] = []
    for (let count = 0; count < Math.max(...PROCESSES); count += 1) running.push(await program.start('gateway'))
    for (const gateway of running) await caughtUp(stage, gateway, students)
    const taken = new Map<number, Taken[]>(PROCESSES.map((count) => [count, []]))
    // Two slices over all of them warm them up.
    for (const _ of [1, 2]) await take(stage, running, students, redis.pids, sliceMs)
    for (let round = 0; round < rounds; round += 1)
      for (const count of PROCESSES) {
        const one = await take(stage, running.slice(0, count), students, redis.pids, sliceMs)
        taken.get(count)!.push(one)
        others += one.others
      }
    await Promise.all(running.map((gateway) => gateway.stop()))
    const single = taken.get(1)!
    for (const [count, all] of taken) {
      const ratios = all.map(({ each }, round) => each / single[round]!.each)
      rows.push([
        ...[
          mode,
          String(count),
          spread(
            all.map(({ each }) => each),
            0,
          ),
          spread(ratios),
        ],
        ...[
          spread(
            all.map(({ redisEach }) => redisEach),
            1,
          ),
          spread(all.map(({ uneven }) => uneven)),
        ],
        ...[0.5, 0.99].map((at) =>
          quantile(
            all.flatMap(({ ms }) => ms),
            at,
          ).toFixed(2),
        ),
      ])
      figures[`scale_${mode}_micros_${count}`] = median(all.map(({ each }) => each))
      figures[`scale_${mode}_slope_${count}`] = median(ratios)
    }
  }
  await projector.stop()
  redis.close()
  return {
    title: 'Scale: one, two and four gateway processes',
    method: `${students.toLocaleString('en')} students; open loop, ${PER_SECOND.toLocaleString('en')} pulls a second to each process, slices of ${sliceMs / 1000} s in turn, ${rounds} rounds. Two cores that the load, Redis and Kafka share cannot show more pulls a second; what they can show is whether a pull costs the same CPU when the load and the processes grow together.`,
    header: [
      'mode',
      'processes',
      'CPU µs a pull',
      'to one process',
      'Redis, µs a pull',
      'busiest process / mean',
      'p50 ms',
      'p99 ms',
    ],
    rows,
    findings: [`Not answered with 200: ${others}.`],
    figures,
  }
}

/** One slice over so many gateways at once. */
const take = async (
  stage: Stage,
  gateways: readonly Running[],
  students: number,
  redisPids: readonly number[],
  sliceMs: number,
): Promise<Taken> => {
  const micros = (pids: readonly number[]): number[] => pids.map(cpuMicros)
  const pids = gateways.map(({ pid }) => pid)
  const [before, redisBefore] = [micros(pids), sum(micros(redisPids))]
  const urlOf = (turn: number): string => stage.pullUrl(gateways[turn % gateways.length]!, (turn * 7919) % students)
  const shots = await openLoad(PER_SECOND * gateways.length, sliceMs, urlOf, stage.auth)
  const spent = micros(pids).map((after, at) => after - before[at]!)
  return {
    others: shots.filter(({ status }) => status !== 200).length,
    ms: shots.map(({ ms }) => ms),
    each: sum(spent) / shots.length,
    redisEach: (sum(micros(redisPids)) - redisBefore) / shots.length,
    uneven: Math.max(...spent) / (sum(spent) / spent.length),
  }
}

/** Each store has a stage: projectors of one topic would share its partitions. */
const clusterSection = async (single: Stage, sharded: Stage, size: ScaleSize): Promise<Section> => {
  const { students, rounds, sliceMs } = size
  const nodes = await privateCluster()
  const ports = nodes.nodes.map(({ port }) => port)
  const contenders = [
    { stage: single, name: 'one Redis', url: single.redisUrl, ports: [single.redis.port] },
    {
      stage: sharded,
      name: 'a cluster of three',
      url: `redis://${ports.map((port) => `127.0.0.1:${port}`).join(',')}`,
      ports,
    },
  ]
  const total = await logged(single)
  const measured: Measured[] = []
  for (const { stage, name, url, ports: own } of contenders) {
    const redis = await redisNodes(...own)
    await redis.emptied()
    const program = await stage.program('bounded', url)
    const projector = await program.start('projector')
    const before = sum(redis.pids.map(cpuMicros))
    const run = await runOf(projector.pid, total, () => applied(redis.client))
    const redisEach = (sum(redis.pids.map(cpuMicros)) - before) / total
    const gateway = await program.start('gateway')
    await caughtUp(stage, gateway, students)
    measured.push({ stage, name, redis, running: [projector, gateway], gateway, run, redisEach, taken: [] })
  }
  for (let round = 0; round <= rounds; round += 1)
    for (const { stage, gateway, redis, taken } of measured) {
      const one = await take(stage, [gateway], students, redis.pids, sliceMs)
      if (round > 0) taken.push(one)
    }
  const rows: string[][] = []
  let largest = 0
  for (const { name, redis, run, redisEach, taken } of measured) {
    const keys = await redis.keys()
    largest = Math.max(...keys) / sum(keys)
    rows.push([
      ...[name, run.microsEach.toFixed(1), redisEach.toFixed(1)],
      ...[
        spread(
          taken.map(({ each }) => each),
          0,
        ),
        spread(
          taken.map((one) => one.redisEach),
          1,
        ),
      ],
      keys.map((count) => `${((100 * count) / sum(keys)).toFixed(0)} %`).join(', '),
    ])
  }
  for (const { running, redis } of measured) {
    await Promise.all(running.map((one) => one.stop()))
    redis.close()
  }
  await nodes.close()
  const [alone, three] = measured.map(({ taken }) => median(taken.map(({ each }) => each))) as [number, number]
  const slope = measured[1]!.taken.map(({ each }, round) => each / measured[0]!.taken[round]!.each)
  return {
    title: 'Scale: a Redis Cluster of three shards',
    method: `The same events applied from the log's start into an empty store (${total.toLocaleString('en')} events), one after the other; then ${PER_SECOND.toLocaleString('en')} pulls a second, bounded, slices in turn, ${rounds} rounds. Redis's CPU is that of all its processes.`,
    header: [
      'store',
      'projector, CPU µs an event',
      'Redis, µs an event',
      'gateway, CPU µs a pull',
      'Redis, µs a pull',
      'keys by shard',
    ],
    rows,
    findings: [
      `A pull from the cluster costs the gateway ${spread(slope)} of one from a single Redis: ${alone.toFixed(0)} and ${three.toFixed(0)} µs.`,
    ],
    figures: {
      cluster_pull_slope: median(slope),
      cluster_apply_slope: measured[1]!.run.microsEach / measured[0]!.run.microsEach,
      cluster_largest_share: largest,
    },
  }
}

type Measured = {
  readonly stage: Stage
  readonly name: string
  readonly redis: RedisNodes
  readonly running: readonly Running[]
  readonly gateway: Running
  readonly run: Run
  readonly redisEach: number
  readonly taken: Taken[]
}

const sum = (values: readonly number[]): number => values.reduce((all, one) => all + one, 0)
