import type { NewRecord } from '../../../consumers/ports/log.ts'
import { homeOf, pullOnce, studentQuery } from './pulling.ts'
import type { World } from './world.ts'

/** How long it is watched, virtual milliseconds. */
const WATCH_MS = 6000

/**
 * The end of some runs: the log is recreated, or loses its tail, and grows again to its old length or beyond. From that
 * moment on the projection answers for nobody of those partitions, however the numbers look.
 */
export const breakLog = async (world: World): Promise<readonly string[]> => {
  const { random, log, plan, time, counts, gateways } = world
  const { topic, mode, boundMs, partitions } = plan.settings
  const gateway = gateways.find(({ proc }) => proc.alive)
  if (gateway === undefined || !random.chance(0.5)) return []
  const broken = await (random.chance(0.5) ? recreate(world) : truncate(world, random.below(partitions)))
  if (broken.length === 0) return []
  const brokenMs = time.now()
  const refill = log.append(fillers(topic, broken, random.below(3)))
  const problems: string[] = []
  const until = brokenMs + WATCH_MS
  while (time.now() < until) {
    const identifier = random.pick(plan.students)
    if (broken.some(({ partition }) => partition === homeOf(world, identifier))) {
      const { result, askedMs } = await pullOnce(world, gateway, studentQuery(identifier, random))
      const isPlain = result.kind === 'answer' && result.source === 'projection' && result.reason === undefined
      // A lease that was given before lives for as long as it was given.
      if (isPlain && (mode === 'strict' || askedMs > brokenMs + boundMs))
        problems.push('stale: answered as fresh although the log does not go on')
    }
    await time.sleep(20 + random.below(200))
  }
  await refill
  counts.add('broken log: watched')
  return problems
}

type Lost = { readonly partition: number; readonly records: number }

const recreate = async ({ log, plan, counts }: World): Promise<readonly Lost[]> => {
  const { topic, partitions } = plan.settings
  const ends = await log.endOffsets(topic, [...Array(partitions).keys()])
  log.recreate(topic)
  counts.add('fault: topic recreated')
  return [...ends].map(([partition, records]) => ({ partition, records }))
}

const truncate = async ({ log, plan, counts, random }: World, partition: number): Promise<readonly Lost[]> => {
  const { topic } = plan.settings
  const end = (await log.endOffsets(topic, [partition])).get(partition)!
  const records = 1 + random.below(3)
  if (end < records) return []
  log.truncate(topic, partition, end - records)
  counts.add('fault: tail of a partition lost')
  return [{ partition, records }]
}

/** As many records as were lost, or some more; they are about nobody. */
const fillers = (topic: string, lost: readonly Lost[], more: number): readonly NewRecord[] =>
  lost.flatMap(({ partition, records }) =>
    Array.from({ length: records + more }, () => ({ topic, partition, key: null, value: null, headers: [] })),
  )
