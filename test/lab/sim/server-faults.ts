import type { World } from './world.ts'

type Fault = (world: World) => Promise<void>

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

type Contents = {
  readonly generations: Map<number, Map<number, unknown>>
  readonly ledgers: Map<number, unknown>
}

/** One node of a cluster fails over: its partition goes back, the others do not. */
const failoverOfOne: Fault = async ({ random, counts, store, servers, time, plan, removed }) => {
  const old = store.snapshot() as Contents
  await time.sleep(random.below(3000))
  const now = store.snapshot() as Contents
  const partition = random.below(plan.settings.partitions)
  for (const [number, partitions] of now.generations) {
    const before = old.generations.get(number)?.get(partition)
    if (before === undefined) partitions.delete(partition)
    else partitions.set(partition, before)
    // That it was removed meanwhile is lost with the rest.
    removed.delete(number)
  }
  // What was scanned of it lies on the same node.
  const ledger = old.ledgers.get(partition)
  if (ledger === undefined) now.ledgers.delete(partition)
  else now.ledgers.set(partition, ledger)
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

/** A backlog: pulls meet partitions that are behind, and scouts read ahead. */
const slowApply: Fault = async ({ random, counts, servers, time }) => {
  servers.slowApplyMs = 200 + random.below(2500)
  counts.add('fault: batches are written slowly')
  await time.sleep(1000 + random.below(6000))
  servers.slowApplyMs = 0
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

/** What happens to the store, the log, the ERP and the publishers. */
export const SERVER_FAULTS: readonly (readonly [weight: number, Fault])[] = [
  [4, failover('failover with acknowledged writes lost', 2000)],
  [2, failover('old backup restored', 12_000)],
  [3, failoverOfOne],
  [2, wipe],
  [2, switchGeneration],
  [2, storeDown],
  [8, slowApply],
  [2, storeFull],
  [4, lossy('store')],
  [3, lossy('log')],
  [2, logDown],
  [2, endsDown],
  [3, redelivery],
  [3, erpMood],
  [3, silence],
]
