import { expect, test } from 'vitest'
import { topicSpecs } from '../../../../consumers/ports/topic-spec.ts'
import { initialiseGeneration } from '../../../../consumers/projector/generations.ts'
import { memoryLog } from '../../../../src/memory/log.ts'
import { memoryStore } from '../../../../src/memory/store.ts'
import { BuildBroken, type BuildPace, builder } from '../../../../src/rebuild/builder.ts'
import { projectionOn } from '../../../support/projection.ts'
import { publisher } from '../../../support/school.ts'
import { until } from '../../../support/until.ts'

const PARTITIONS = 8
const IDS = Array.from({ length: 80 }, (_, index) => `S-${index}`)

/** A generation that is begun, and where each partition of its log ends. */
const begun = async (paced: BuildPace['paced']) => {
  const log = memoryLog()
  await log.ensureTopics(topicSpecs('t', PARTITIONS))
  const school = publisher('t', PARTITIONS)
  await log.append(IDS.flatMap((id) => [school.enrolled(id), school.assessed(id, 5000)]))
  const deps = projectionOn(log, memoryStore(PARTITIONS), 't', PARTITIONS).deps()
  const generation = await deps.admin.beginBuild()
  await initialiseGeneration(deps, generation, 'start')
  const pace = { recordsAtOnce: () => 5, paced }
  const build = builder(generation, { ...deps, pace, signal: new AbortController().signal })
  await build.start()
  const numbers = Array.from({ length: PARTITIONS }, (_, partition) => partition)
  return { build, ends: await log.endOffsets('t', numbers) }
}

test('a build has several partitions in hand at once, and takes all of them to their ends', async () => {
  let [inHand, most] = [0, 0]
  const { build, ends } = await begun(async (_records, work) => {
    inHand += 1
    most = Math.max(most, inHand)
    const done = await work()
    inHand -= 1
    return done
  })
  await build.reachAll(ends)
  expect(build.nexts()).toEqual(ends)
  expect(most).toBeGreaterThan(1)
})

test('where one partition cannot go on, a build ends when the others are done with what they have in hand', async () => {
  const gate = Promise.withResolvers<void>()
  let [calls, open, settled] = [0, 0, false]
  const { build, ends } = await begun(async (_records, work) => {
    calls += 1
    if (calls === 2) throw new BuildBroken('changed')
    open += 1
    await gate.promise
    const done = await work()
    open -= 1
    return done
  })
  const built = build.reachAll(ends).finally(() => {
    settled = true
  })
  built.catch(() => {})
  await until('the others wait', () => calls > 2)
  await new Promise((resolve) => setImmediate(resolve))
  expect(settled).toBe(false)
  gate.resolve()
  await expect(built).rejects.toThrow('changed')
  const before = calls
  expect(open).toBe(0)
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(calls).toBe(before)
  const untouched = [...build.nexts().values()].filter((next) => next === 0)
  expect(untouched.length).toBeGreaterThan(PARTITIONS / 2)
})
