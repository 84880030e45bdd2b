import type { Cluster, Redis } from 'ioredis'
import { until } from '../test/support/until.ts'
import { cpuMicros } from './load.ts'
import type { Stage } from './stage.ts'
import { PARTITIONS } from './world.ts'

/** How far a projector is with a log, and what it costs to get there. */

const partitions = Array.from({ length: PARTITIONS }, (_, at) => at)

/** Records of the stage's topic. */
export const logged = async ({ log, topic }: Stage): Promise<number> =>
  [...(await log.endOffsets(topic, partitions)).values()].reduce((sum, end) => sum + end, 0)

/** Records that the active generation's checkpoints are past. */
export const applied = async (redis: Redis | Cluster): Promise<number> => {
  const active = await redis.get('pg:{store}:active')
  if (active === null) return 0
  const checkpoints = await Promise.all(partitions.map((at) => redis.get(`pg:${active}:{${at}}:cp`)))
  return checkpoints.reduce((sum, text) => sum + Number(text?.split(' ', 1)[0] ?? 0), 0)
}

export type Run = { readonly microsEach: number; readonly perSecond: number }

/** A process that works through the log, measured from a fifth of it on: starting and joining are not applying. */
export const runOf = async (pid: number, total: number, count: () => Promise<number>): Promise<Run> => {
  await until('the start to be over', async () => (await count()) > total / 5, 300_000)
  const [from, cpu, began] = [await count(), cpuMicros(pid), performance.now()]
  await until('the end', async () => (await count()) >= total, 900_000)
  const done = total - from
  return { microsEach: (cpuMicros(pid) - cpu) / done, perSecond: (done * 1000) / (performance.now() - began) }
}
