import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { topicSpecs } from '../../../../consumers/ports/topic-spec.ts'
import type { Projector } from '../../../../consumers/projector/projector.ts'
import { hasIdentity } from '../../../../consumers/stored/checkpoint-metadata.ts'
import { type MemoryLog, memoryLog } from '../../../../src/memory/log.ts'
import { type MemoryStore, memoryStore } from '../../../../src/memory/store.ts'
import type { Metrics } from '../../../../src/metrics/metrics.ts'
import { logStanding, reportStanding } from '../../../../src/roles/log-standing.ts'
import { projectionOn } from '../../../support/projection.ts'
import { publisher } from '../../../support/school.ts'
import { until } from '../../../support/until.ts'

const TOPIC = 'events'
let log: MemoryLog
let store: MemoryStore
let projector: Projector
let problem: string | null
let school: ReturnType<typeof publisher>

const deps = () => projectionOn(log, store, TOPIC, 1).deps()
const checkpoint = async () => (await store.reader.partitions())[0]!.checkpoint
const applied = (next: number) => until(`${next} is applied`, async () => (await checkpoint())?.next === next)
const standing = () =>
  logStanding({
    log,
    reader: store.reader,
    topic: TOPIC,
    partitions: 1,
    signature: deps().signature,
    topicProblem: () => problem,
    maxAgeMs: 0,
  })()

beforeEach(async () => {
  log = memoryLog()
  await log.ensureTopics(topicSpecs(TOPIC, 1))
  store = memoryStore(1)
  problem = null
  school = publisher(TOPIC, 1)
  projector = await projectionOn(log, store, TOPIC, 1).project({ topicProblem: () => problem })
  await log.append([school.enrolled('S-1'), school.assessed('S-1', 100), school.feeChanged('S-1', 200)])
  await applied(3)
})
afterEach(async () => {
  await projector.stop()
  await log.close()
})

/** Both roles find the partition broken, for this reason, and nothing of the log is applied. */
const isBroken = async (why: string, next: number) => {
  await until('the projector has noticed', () => projector.broken().get(0)?.includes(why) === true)
  expect((await standing()).broken.get(0)).toContain(why)
  expect((await checkpoint())?.next).toBe(next)
  expect(projector.owned()).toEqual([])
}

describe('a partition is broken for both roles, and nothing is skipped', () => {
  test('when the topic was made anew, whatever is in it', async () => {
    log.recreate(TOPIC)
    await isBroken('created anew', 3)
    const another = publisher(TOPIC, 1)
    await log.append([another.enrolled('S-1'), another.assessed('S-1', 7), another.feeChanged('S-1', 8)])
    await isBroken('created anew', 3)
  })

  test('when the topic has got other partitions than are configured', async () => {
    await log.addPartitions(TOPIC, 1)
    await log.append([school.feeChanged('S-1', 300)])
    await until('the projector has noticed', () => projector.broken().get(0)?.includes('has 2 partitions') === true)
    expect((await standing()).broken.get(0)).toContain('topic.partitions says 1')
    expect(projector.owned()).toEqual([])
  })

  test('while the settings of the topic are wrong, and no longer', async () => {
    problem = 'the topic compacts'
    await until('the projector has noticed', () => projector.broken().get(0) === problem)
    await log.append([school.feeChanged('S-1', 300)])
    await isBroken('the topic compacts', 3)
    problem = null
    await applied(4)
    expect(projector.broken().size).toBe(0)
  })

  test('when applied records were cut off', async () => {
    log.truncate(TOPIC, 0, 2)
    await isBroken('truncated', 3)
  })

  test('when applied records were cut off and others are in their place', async () => {
    await projector.stop()
    log.truncate(TOPIC, 0, 2)
    const another = publisher(TOPIC, 1)
    await log.append([another.enrolled('S-9'), another.assessed('S-9', 7)])
    expect((await standing()).broken.get(0)).toContain('something else')
    projector = await projectionOn(log, store, TOPIC, 1).project()
    await isBroken('something else', 3)
  })

  test('when nothing but the traces of an aborted transaction was cut off, and others are in their place', async () => {
    const aborted = log.transaction()
    aborted.append([school.feeChanged('S-1', 300)])
    aborted.abort()
    await applied(5)
    await projector.stop()
    log.truncate(TOPIC, 0, 3)
    const another = publisher(TOPIC, 1)
    await log.append([another.enrolled('S-9'), another.assessed('S-9', 7)])
    expect((await standing()).broken.get(0)).toContain('something else')
    projector = await projectionOn(log, store, TOPIC, 1).project()
    await isBroken('something else', 5)
  })

  test('when records have expired before they were applied', async () => {
    await projector.stop()
    await log.append([school.feeChanged('S-1', 300), school.feeChanged('S-1', 400)])
    log.expire(TOPIC, 0, 4)
    expect((await standing()).broken.get(0)).toContain('never applied')
    projector = await projectionOn(log, store, TOPIC, 1).project()
    await isBroken('never applied', 3)
  })
})

describe('a partition goes on', () => {
  test('when only what was never applied was cut off, and the checkpoint says which log it is now', async () => {
    const before = (await log.ends(TOPIC, [0])).get(0)!.identity
    log.truncate(TOPIC, 0, 3)
    const after = (await log.ends(TOPIC, [0])).get(0)!.identity
    expect(after).not.toBe(before)
    await until('it has looked', async () => hasIdentity((await checkpoint())!.metadata, after))
    await log.append([school.feeChanged('S-1', 300)])
    await applied(4)
    expect((await standing()).broken.size).toBe(0)
  })

  test('when records have expired that were applied', async () => {
    log.expire(TOPIC, 0, 3)
    await log.append([school.feeChanged('S-1', 300)])
    await applied(4)
    expect((await standing()).broken.size).toBe(0)
  })
})

test('no pull takes a log for fresh that the projector has not looked at, though nothing is missing', async () => {
  await projector.stop()
  log.truncate(TOPIC, 0, 3)
  const { identity, next } = (await log.ends(TOPIC, [0])).get(0)!
  const { next: appliedTo, metadata } = (await checkpoint())!
  expect(appliedTo).toBe(next)
  expect(hasIdentity(metadata, identity)).toBe(false)
})

test('the check of the gateway fails where the log does not go on, and not where that cannot be told', async () => {
  let hasErp = false
  const metrics = { onScrape: () => {}, set: () => {} } as unknown as Metrics
  const { check } = reportStanding(metrics, standing, 1, () => hasErp)
  expect(await check()).toMatchObject({ ok: true })
  log.setDown(true)
  expect(await check()).toMatchObject({ ok: true, detail: expect.stringContaining('cannot be told') })
  log.setDown(false)
  log.recreate(TOPIC)
  expect(await check()).toMatchObject({
    ok: false,
    blocks: true,
    detail: expect.stringContaining('npx pullgate rebuild'),
  })
  hasErp = true
  expect(await check()).toMatchObject({ ok: false, blocks: false })
})
