import { partitionOf } from '../../../consumers/ports/partition.ts'
import type { PullQuery } from '../../../projections/answers/pull-query.ts'
import type { StudentId } from '../../../projections/values/ids.ts'
import type { PullResult } from '../../../src/pull/port.ts'
import type { Random } from '../../support/generate-random.ts'
import { START_MS } from './globals.ts'
import type { SimGateway, World } from './world.ts'

/** A pull as it was made; what it must include is known only when the whole log is. */
export type Made = {
  readonly gateway: string
  /** `null`: asked by custom identifier alone. */
  readonly identifier: StudentId | null
  readonly query: PullQuery
  /** Virtual milliseconds. */
  readonly askedMs: number
  readonly answeredMs: number
  /** The ends of the log that the answer must have reached, and those when it came. */
  readonly required: readonly number[]
  readonly reach: readonly number[]
  /** Publishers that were known as misrouting, and whose events must be looked for everywhere. */
  readonly misrouting: readonly string[]
  readonly result: PullResult | { readonly kind: 'threw'; readonly error: unknown }
}

const DEADLINE_MS = 12_000
/** For how long a leader that was cut off and replaced may be believed. */
const CUT_OFF_BELIEVED_MS = 1000
/** How old a gateway's knowledge of misrouting publishers may be. */
const PUBLISHERS_AGE_MS = 250

/** Pulls for as long as it is told to; a pull whose gateway died leaves no trace. */
export const pullOn = async (world: World, isOver: () => boolean, made: Made[]): Promise<void> => {
  const { time, random, gateways, plan } = world
  while (!isOver()) {
    await time.sleep(20 + random.below(300))
    const ready = gateways.filter(({ proc }) => proc.alive)
    if (ready.length === 0 || plan.students.length === 0) continue
    const query =
      plan.customs.length > 0 && random.chance(0.2)
        ? customQuery(random.pick(plan.customs), random)
        : studentQuery(random.pick(plan.students), random)
    void pullOnce(world, random.pick(ready), query).then((one) => made.push(one))
  }
}

export const studentQuery = (identifier: StudentId, random: Random): PullQuery => ({
  identifier,
  ...(random.chance(0.2) && { grade: random.pick(['5', '6']) }),
  ...(random.chance(0.1) && { collector_code: random.pick(['BLR-01', 'BLR-02']) }),
})

export const customQuery = (custom: string, random: Random): PullQuery => ({
  custom_identifier: custom,
  ...(random.chance(0.4) && { grade: random.pick(['5', '6', '7', 'KG']) }),
  ...(random.chance(0.1) && { collector_code: random.pick(['BLR-01', 'BLR-02']) }),
})

export const pullOnce = (world: World, gateway: SimGateway, query: PullQuery): Promise<Made> => {
  const { time, plan, endsAt, misroutingSince, brokers } = world
  const { mode, boundMs } = plan.settings
  const askedMs = time.now()
  const dueMs = mode === 'strict' ? askedMs : askedMs - boundMs
  const required = [...endsAt(dueMs)]
  for (const { atMs, partitions } of brokers.elections)
    if (dueMs > atMs && dueMs <= atMs + CUT_OFF_BELIEVED_MS)
      for (const partition of partitions) required[partition] = endsAt(atMs)[partition]!
  const misrouting = [...misroutingSince]
    .filter(([, since]) => since <= askedMs - PUBLISHERS_AGE_MS)
    .map(([source]) => source)
  return new Promise((resolve) => {
    const done = (result: Made['result']): void =>
      void time.at(0, time.world, () =>
        resolve({
          gateway: gateway.proc.name,
          identifier: (query.identifier as StudentId | undefined) ?? null,
          query,
          askedMs,
          answeredMs: time.now(),
          required,
          reach: endsAt(time.now()),
          misrouting,
          result,
        }),
      )
    time.at(0, gateway.proc, () => {
      gateway
        .pull(query, { username: 'jodo', scope: 'all' }, performance.now() + DEADLINE_MS, 'pull')
        .then(done, (error) => done({ kind: 'threw', error }))
    })
  })
}

/** When the pull was made, as the world's clock has it. */
export const unixMs = (virtualMs: number): number => START_MS + virtualMs

/** The student's partition. */
export const homeOf = (world: World, identifier: StudentId): number =>
  partitionOf(identifier, world.plan.settings.partitions)
