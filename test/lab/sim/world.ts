import type { LogRecord, NewRecord, Position } from '../../../consumers/ports/log.ts'
import { topicSpecs } from '../../../consumers/ports/topic-spec.ts'
import { memoryLog } from '../../../src/memory/log.ts'
import { memoryStore } from '../../../src/memory/store.ts'
import type { Pull } from '../../../src/pull/port.ts'
import { type Random, randomOf } from '../../support/generate-random.ts'
import { type Counts, newCounts } from '../counts.ts'
import { simBrokers } from './brokers.ts'
import { type ErpState, simErp } from './erp.ts'
import { START_MS } from './globals.ts'
import { healthy, network } from './network.ts'
import type { Parts } from './parts.ts'
import type { Plan } from './plan.ts'
import { type SimProjector, simGateway, simProjector } from './roles.ts'
import type { Proc, SimTime } from './time.ts'

export type SimGateway = { readonly proc: Proc; readonly pull: Pull }

/** The servers and processes of one run, and what may be done to them. */
export type World = Parts & {
  readonly plan: Plan
  readonly erp: ErpState
  readonly projectors: SimProjector[]
  readonly gateways: SimGateway[]
  readonly newProc: (role: string) => Proc
  readonly startProjector: () => void
  readonly startGateway: () => void
  /** Every partition's end at a moment in the past, virtual milliseconds. */
  readonly endsAt: (atMs: number) => readonly number[]
  readonly publish: (records: readonly NewRecord[]) => Promise<readonly Position[]>
  readonly readAll: (topic: string, partition: number) => Promise<readonly LogRecord[]>
}

export const openWorld = async (
  plan: Plan,
  time: SimTime,
  trace: (atMs: number, what: string) => void = () => {},
): Promise<World> => {
  const random: Random = randomOf(plan.seed ^ 0x5eed)
  const counts: Counts = newCounts((what) => trace(Math.round(time.now()), what))
  const { topic, partitions } = plan.settings
  const pause = (ms: number, signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      if (signal.aborted) return resolve()
      const cancel = time.at(ms, time.world, resolve)
      signal.addEventListener('abort', () => {
        cancel()
        resolve()
      })
    })
  const bare = memoryLog({ pause, now: () => START_MS + Math.floor(time.now()) })
  const timeline: { readonly atMs: number; readonly ends: readonly number[] }[] = []
  const noteEnds = async (): Promise<void> => {
    const ends = await bare.endOffsets(topic, numbers).catch(() => null)
    if (ends) timeline.push({ atMs: time.now(), ends: numbers.map((partition) => ends.get(partition)!) })
  }
  const numbers = Array.from({ length: partitions }, (_, index) => index)
  const log: Parts['log'] = {
    ...bare,
    append: async (records) => {
      const positions = await bare.append(records)
      await noteEnds()
      return positions
    },
    setDown: (down) => {
      bare.setDown(down)
      void noteEnds()
    },
    transaction: () => {
      const { append, commit, abort } = bare.transaction()
      const noting =
        <A extends unknown[], T>(act: (...args: A) => T) =>
        (...args: A): T => {
          const done = act(...args)
          void noteEnds()
          return done
        }
      return { append: noting(append), commit: noting(commit), abort: noting(abort) }
    },
  }
  const specs = topicSpecs(topic, partitions)
  await bare.ensureTopics(specs)
  await noteEnds()

  const parts: Parts = {
    time,
    random,
    counts,
    net: network(time, random, counts),
    servers: {
      store: healthy(),
      storeIsFull: false,
      slowApplyMs: 0,
      log: healthy(),
      ends: healthy(),
      redelivery: 0,
      partitionAway: null,
      publisherIsSilent: false,
      storeLosses: 0,
    },
    store: memoryStore(partitions, () => START_MS + Math.floor(time.now())),
    log,
    brokers: simBrokers(
      bare,
      specs.map(({ name }) => name),
      partitions,
      time.now,
    ),
    misroutingSince: new Map(),
    violations: [],
    removed: new Set(),
  }
  const erp: ErpState = { mode: 'up' }
  const projectors: SimProjector[] = []
  const gateways: SimGateway[] = []
  let born = 0
  const newProc = (role: string): Proc => ({ name: `${role}-${++born}`, alive: true, pausedUntil: 0 })

  return {
    ...parts,
    plan,
    erp,
    projectors,
    gateways,
    newProc,
    startProjector: () => void projectors.push(simProjector(parts, plan.settings, newProc('projector'))),
    startGateway: () => {
      const proc = newProc('gateway')
      gateways.push({ proc, pull: simGateway(parts, plan.settings, proc, simErp(time, random, counts, erp)) })
    },
    endsAt: (atMs) => timeline.findLast((entry) => entry.atMs <= atMs)?.ends ?? numbers.map(() => 0),
    publish: (records) => log.append(records),
    readAll: async (name, partition) => {
      const records: LogRecord[] = []
      for (let at = 0; ; ) {
        const batch = await bare.read(name, partition, at)
        if (batch === null || batch.next === at) return records
        records.push(...batch.records)
        at = batch.next
      }
    },
  }
}
