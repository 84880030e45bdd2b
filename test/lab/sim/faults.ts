import { BROKER_FAULTS } from './broker-faults.ts'
import { REBUILD_FAULTS } from './rebuild-faults.ts'
import { SERVER_FAULTS } from './server-faults.ts'
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

const FAULTS: readonly (readonly [weight: number, Fault])[] = [
  [6, crashProjector],
  [6, pauseProjector],
  [3, stopProjector],
  [2, oneMore],
  [3, shakeGroup],
  [2, crashGateway],
  [2, pauseGateway],
  ...SERVER_FAULTS,
  ...BROKER_FAULTS,
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
  servers.slowApplyMs = 0
  servers.partitionAway = null
  servers.publisherIsSilent = false
  log.setDown(false)
  erp.mode = 'up'
  if (alive(projectors).length === 0) world.startProjector()
  if (alive(gateways).length === 0) world.startGateway()
}
