import { REBUILD_FAULTS } from './rebuild-faults.ts'
import type { Proc } from './time.ts'
import type { World } from './world.ts'

type Fault = (world: World) => Promise<void>

/** A member that is silent for so long loses its partitions. */
const SESSION_MS = 3000

const alive = <T extends { readonly proc: { readonly alive: boolean } }>(members: readonly T[]): readonly T[] =>
  members.filter(({ proc }) => proc.alive)

/** Never shorter than it was: what waits for the end of a pause keeps its order. */
const pauseFor = (proc: Proc, nowMs: number, ms: number): void => {
  proc.pausedUntil = Math.max(proc.pausedUntil, nowMs + ms)
}

const crashProjector: Fault = async ({ random, counts, projectors, time, startProjector }) => {
  const victims = alive(projectors)
  if (victims.length === 0) return
  const { proc, membership } = random.pick(victims)
  counts.add('fault: projector killed')
  proc.alive = false
  await time.sleep(random.chance(0.5) ? SESSION_MS : random.below(500))
  await membership()?.evict()
  await time.sleep(random.below(2000))
  startProjector()
}

const pauseProjector: Fault = async ({ random, counts, projectors, time }) => {
  const victims = alive(projectors)
  if (victims.length === 0) return
  const { proc, membership } = random.pick(victims)
  const ms = 200 + random.below(9000)
  pauseFor(proc, time.now(), ms)
  if (ms <= SESSION_MS) {
    counts.add('fault: projector paused')
    return time.sleep(ms)
  }
  counts.add('fault: projector paused until others took over (zombie)')
  await time.sleep(SESSION_MS)
  await membership()?.evict()
  await time.sleep(Math.max(0, proc.pausedUntil - time.now()) + random.below(500))
  if (proc.alive) await membership()?.rejoin()
}

const stopProjector: Fault = async ({ random, counts, projectors, time, startProjector }) => {
  const victims = alive(projectors).filter(({ projector }) => projector() !== null)
  if (victims.length === 0) return
  const { proc, projector } = random.pick(victims)
  counts.add('fault: projector stopped and another started')
  const stopped = new Promise<void>((resolve) => {
    time.at(
      0,
      proc,
      () =>
        void projector()!
          .stop()
          .then(() => time.at(0, time.world, resolve)),
    )
  })
  await Promise.race([stopped, time.sleep(30_000)])
  proc.alive = false
  startProjector()
}

const oneMore: Fault = async ({ counts, projectors, startProjector }) => {
  if (alive(projectors).length > 3) return
  counts.add('fault: one projector more')
  startProjector()
}

const shakeGroup: Fault = async ({ random, counts, projectors }) => {
  const victims = alive(projectors).filter(({ membership }) => membership()?.isIn())
  if (victims.length === 0) return
  counts.add('fault: rebalance')
  const membership = random.pick(victims).membership()!
  await membership.evict()
  await membership.rejoin()
}

const crashGateway: Fault = async ({ random, counts, gateways, time, startGateway }) => {
  const victims = alive(gateways)
  if (victims.length === 0) return
  counts.add('fault: gateway killed')
  random.pick(victims).proc.alive = false
  await time.sleep(random.below(1000))
  startGateway()
}

const pauseGateway: Fault = async ({ random, counts, gateways, time }) => {
  const victims = alive(gateways)
  if (victims.length === 0) return
  counts.add('fault: gateway paused')
  pauseFor(random.pick(victims).proc, time.now(), 100 + random.below(3000))
}

/** A replica that had not heard the last writes takes over, or an old file is restored. */
const failover =
  (what: string, lostMs: number): Fault =>
  async ({ random, counts, store, servers, time, removed }) => {
    const old = store.snapshot()
    await time.sleep(random.below(lostMs))
    servers.store.down = random.pick(['refusing', 'hanging'])
    await time.sleep(random.below(800))
    store.restore(old)
    removed.clear()
    servers.storeLosses += 1
    servers.store.down = 'no'
    counts.add(`fault: ${what}`)
  }

type Generations = { readonly generations: Map<number, Map<number, unknown>> }

/** One node of a cluster fails over: its partition goes back, the others do not. */
const failoverOfOne: Fault = async ({ random, counts, store, servers, time, plan, removed }) => {
  const old = store.snapshot() as Generations
  await time.sleep(random.below(3000))
  const now = store.snapshot() as Generations
  const partition = random.below(plan.settings.partitions)
  for (const [number, partitions] of now.generations) {
    const before = old.generations.get(number)?.get(partition)
    if (before === undefined) partitions.delete(partition)
    else partitions.set(partition, before)
    // That it was removed meanwhile is lost with the rest.
    removed.delete(number)
  }
  store.restore(now)
  servers.storeLosses += 1
  counts.add('fault: one partition lost acknowledged writes')
}

const wipe: Fault = async ({ counts, store, servers, removed }) => {
  store.wipe()
  servers.storeLosses += 1
  // It gives the same numbers out again.
  removed.clear()
  counts.add('fault: store emptied')
}

/** As a rebuild ends, but that the new generation has yet to be filled: the active one is replaced and removed. */
const switchGeneration: Fault = async ({ random, counts, store, time, removed }) => {
  const { admin } = store
  const old = await admin.activeGeneration()
  if (old === null || !(await admin.activate(old, await admin.newGeneration()))) return
  counts.add('fault: another generation became active, the old one was removed')
  await time.sleep(random.below(600))
  if (await admin.removeGeneration(old)) removed.add(old)
}

const storeDown: Fault = async ({ random, counts, servers, time }) => {
  servers.store.down = random.pick(['refusing', 'hanging'])
  counts.add(`fault: store ${servers.store.down}`)
  await time.sleep(random.below(4000))
  servers.store.down = 'no'
}

const storeFull: Fault = async ({ random, counts, servers, time }) => {
  servers.storeIsFull = true
  counts.add('fault: store full')
  await time.sleep(random.below(3000))
  servers.storeIsFull = false
}

const lossy =
  (server: 'store' | 'log'): Fault =>
  async ({ random, counts, servers, time }) => {
    servers[server].loss = 0.05 + random.below(30) / 100
    counts.add(`fault: connections to the ${server} lose requests and replies`)
    await time.sleep(500 + random.below(5000))
    servers[server].loss = 0
  }

const logDown: Fault = async ({ random, counts, servers, log, time }) => {
  servers.log.down = random.pick(['refusing', 'hanging'])
  log.setDown(true)
  counts.add(`fault: log ${servers.log.down}`)
  await time.sleep(random.below(3000))
  log.setDown(false)
  servers.log.down = 'no'
}

const endsDown: Fault = async ({ random, counts, servers, time }) => {
  servers.ends.down = random.pick(['refusing', 'hanging'])
  counts.add(`fault: asking for the log's end is ${servers.ends.down}`)
  await time.sleep(random.below(3000))
  servers.ends.down = 'no'
}

const redelivery: Fault = async ({ random, counts, servers, time }) => {
  servers.redelivery = 0.5
  counts.add('fault: batches come again')
  await time.sleep(random.below(5000))
  servers.redelivery = 0
}

const erpMood: Fault = async ({ random, counts, erp, time }) => {
  erp.mode = random.pick(['slow', 'down', 'lying', 'unknowing'])
  counts.add(`fault: erp ${erp.mode}`)
  await time.sleep(random.below(6000))
  erp.mode = 'up'
}

const silence: Fault = async ({ random, counts, servers, plan, time }) => {
  if (plan.settings.heartbeat === null) return
  servers.publisherIsSilent = true
  counts.add('fault: a publisher falls silent')
  await time.sleep(1000 + random.below(6000))
  servers.publisherIsSilent = false
}

const FAULTS: readonly (readonly [weight: number, Fault])[] = [
  [6, crashProjector],
  [6, pauseProjector],
  [3, stopProjector],
  [2, oneMore],
  [3, shakeGroup],
  [2, crashGateway],
  [2, pauseGateway],
  [4, failover('failover with acknowledged writes lost', 2000)],
  [2, failover('old backup restored', 12_000)],
  [3, failoverOfOne],
  [2, wipe],
  [2, switchGeneration],
  [2, storeDown],
  [2, storeFull],
  [4, lossy('store')],
  [3, lossy('log')],
  [2, logDown],
  [2, endsDown],
  [3, redelivery],
  [3, erpMood],
  [3, silence],
  ...REBUILD_FAULTS,
]

/** Faults at random moments, some of them at once. Resolves when the last one is over. */
export const sufferFaults = async (world: World): Promise<void> => {
  const { time, random, plan } = world
  const all: Promise<void>[] = []
  for (let left = plan.faults; left > 0; left--) {
    const at = random.below(plan.troubleMs)
    const fault = random.weighted(FAULTS)
    all.push(time.sleep(at).then(() => fault(world)))
  }
  await Promise.all(all)
}

/** What anybody would put right: at least one of each runs, and no server is in trouble. */
export const heal = (world: World): void => {
  const { servers, log, erp, projectors, gateways } = world
  servers.store.down = servers.log.down = servers.ends.down = 'no'
  servers.store.loss = servers.log.loss = servers.redelivery = 0
  servers.storeIsFull = false
  servers.partitionAway = null
  servers.publisherIsSilent = false
  log.setDown(false)
  erp.mode = 'up'
  if (alive(projectors).length === 0) world.startProjector()
  if (alive(gateways).length === 0) world.startGateway()
}
