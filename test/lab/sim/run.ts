import { headerText } from '../../../consumers/events/envelope.ts'
import { topicOf } from '../../../consumers/ports/log.ts'
import { dlqName } from '../../../consumers/ports/topic-spec.ts'
import { againstModel } from '../checks/model.ts'
import { isCaughtUp, letterFaults, projectionFaults } from '../checks/projection.ts'
import { misplaced, type Truth, truthOf } from '../checks/truth.ts'
import { breakLog } from './broken-log.ts'
import { heal, sufferFaults } from './faults.ts'
import { takeOverGlobals } from './globals.ts'
import { finalPulls, pullFaults } from './judging.ts'
import { CALENDAR, planOf } from './plan.ts'
import { beat, publishAll } from './publishing.ts'
import { type Made, pullOn } from './pulling.ts'
import { rebuildInPeace } from './rebuild-faults.ts'
import { simTime } from './time.ts'
import { openWorld, type World } from './world.ts'

export type SimReport = {
  readonly seed: number
  readonly faults: readonly string[]
  readonly counts: Readonly<Record<string, number>>
  /** Of everything that happened, in order: the same for the same seed. */
  readonly digest: string
}

/** How long everything may take to be in order again once the faults are over, virtual milliseconds. */
const RECOVERY_MS = 60_000
const QUIET_MS = 5000

/** Hears of everything that is counted, as it happens; virtual milliseconds. */
export type Trace = (atMs: number, what: string) => void

/** One seed from start to verdict. */
export const runSeed = async (seed: number, trace?: Trace): Promise<SimReport> => {
  const plan = planOf(seed)
  const time = simTime()
  const giveBack = takeOverGlobals(time)
  try {
    const world = await openWorld(plan, time, trace)
    const faults = await time.run(live(world))
    const digest = `${time.entries()}/${Math.round(time.now())}`
    return { seed, faults: [...new Set(faults)], counts: world.counts.all(), digest }
  } finally {
    giveBack()
  }
}

const live = async (world: World): Promise<readonly string[]> => {
  const { plan, time, counts } = world
  for (let n = 0; n < plan.projectors; n++) world.startProjector()
  for (let n = 0; n < plan.gateways; n++) world.startGateway()
  const made: Made[] = []
  let isOver = false
  const pulling = pullOn(world, () => isOver, made)
  void beat(world)
  await Promise.all([publishAll(world), sufferFaults(world)])
  heal(world)

  const healedMs = time.now()
  if (!(await caughtUp(world))) return [`stuck: not caught up ${RECOVERY_MS} ms after the last fault`]
  counts.add('recovery: milliseconds in all', Math.round(time.now() - healedMs))
  // Whatever is still under way must not spoil what is finished.
  await time.sleep(QUIET_MS)
  isOver = true
  await pulling
  world.servers.publisherIsSilent = true
  if (!(await caughtUp(world))) return ['stuck: it was caught up, and is not any more']
  const truth = await truthOfWorld(world)
  return [
    ...world.violations,
    ...misplaced(truth),
    ...againstModel(truth, { ...plan.settings.policy, timezone: plan.settings.timezone }),
    ...(await projectionFaults(truth, world.store)),
    ...(await removedFaults(world)),
    ...letterFaults(truth, await writtenLetters(world)),
    ...made.flatMap((one) => pullFaults(world, truth, one)),
    ...(await rebuiltInPeace(world, truth)),
    ...(await lastPulls(world)),
    ...(await endOfLog(world)),
  ]
}

/** The publisher that says that it is alive is heard again, and then no more. */
const lastPulls = async (world: World): Promise<readonly string[]> => {
  const { plan, servers, time } = world
  if (plan.settings.heartbeat === null) return finalPulls(world, truthOfWorld, true)
  servers.publisherIsSilent = false
  await time.sleep(plan.settings.heartbeat.maxAgeMs)
  const alive = await finalPulls(world, truthOfWorld, true)
  servers.publisherIsSilent = true
  await time.sleep(2 * plan.settings.heartbeat.maxAgeMs)
  return [...alive, ...(await finalPulls(world, truthOfWorld, false))]
}

const endOfLog = async (world: World): Promise<readonly string[]> => {
  const problems = await breakLog(world)
  const isBroken = world.counts.of('broken log: watched') > 0
  return isBroken && world.random.chance(0.5) ? [...problems, ...(await rebuiltFromWhatIsLeft(world))] : problems
}

/** Some runs end with a rebuild: it comes to what was there already. */
const rebuiltInPeace = async (world: World, truth: Truth): Promise<readonly string[]> => {
  if (!world.random.chance(0.2)) return []
  world.counts.add('rebuild in peace')
  return [
    ...(await rebuildInPeace(world)),
    ...((await caughtUp(world)) ? [] : ['stuck: not caught up after a rebuild']),
    ...(await projectionFaults(truth, world.store)),
    ...(await removedFaults(world)),
  ]
}

/** The way out of a log that is not what it was: what there is now, and nothing else. */
const rebuiltFromWhatIsLeft = async (world: World): Promise<readonly string[]> => {
  world.counts.add('rebuild of a broken log')
  const problems = await rebuildInPeace(world)
  if (!(await caughtUp(world))) return [...problems, 'stuck: a rebuild was not the way out of a broken log']
  return [...problems, ...(await projectionFaults(await truthOfWorld(world), world.store))]
}

const caughtUp = async ({ time, store, log, plan }: World): Promise<boolean> => {
  const { topic, partitions } = plan.settings
  const numbers = Array.from({ length: partitions }, (_, index) => index)
  for (const until = time.now() + RECOVERY_MS; time.now() < until; await time.sleep(100)) {
    const views = await store.reader.partitions()
    if (isCaughtUp(views, await log.endOffsets(topic, numbers))) return true
  }
  return false
}

const truthOfWorld = async ({ plan, readAll, log: sim }: World): Promise<Truth> => {
  const { topic, partitions, policy } = plan.settings
  const log = await Promise.all(Array.from({ length: partitions }, (_, partition) => readAll(topic, partition)))
  const { identity } = (await sim.ends(topic, [0])).get(0)!
  return truthOf(log, topic, { policy, calendar: CALENDAR }, topicOf(identity))
}

const writtenLetters = async ({ plan, readAll }: World): Promise<ReadonlySet<string>> => {
  const { topic, partitions } = plan.settings
  const written = new Set<string>()
  for (let partition = 0; partition < partitions; partition++)
    for (const { headers } of await readAll(dlqName(topic), partition)) {
      const [from, offset, reason] = ['partition', 'offset', 'reason'].map((name) =>
        headerText(headers, `pullgate-${name}`),
      )
      written.add(`${from}:${offset} ${reason}`)
    }
  return written
}

const removedFaults = async ({ removed, store, plan }: World): Promise<readonly string[]> => {
  const problems: string[] = []
  for (const generation of removed)
    for (let partition = 0; partition < plan.settings.partitions; partition++)
      if ((await store.writer.checkpoint(generation, partition)) !== null)
        problems.push('wrong: a removed generation took a write')
  return problems
}
