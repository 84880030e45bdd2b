import { expect, test } from 'vitest'
import type { Proof, WriteResult } from '../../../../consumers/ports/store.ts'
import { type LeaseRenewalDeps, startLeaseRenewal } from '../../../../consumers/projector/lease-renewal.ts'
import { encodeMetadata, newMetadata } from '../../../../consumers/stored/checkpoint-metadata.ts'
import type { CheckpointView } from '../../../../consumers/stored/checkpoint-view.ts'
import { silentObserver } from '../../../../src/rebuild/observer.ts'
import { until } from '../../../support/until.ts'

/** One partition of a log and a store that a test moves by hand. */
const script = () => {
  const state = {
    end: 10,
    identity: 'log.0',
    partitions: 1,
    topicProblem: null as string | null,
    mayProve: true,
    clockMs: 1000,
    stored: 10,
    storedIdentity: 'log.0',
    at: { generation: 1, next: 10, metadata: newMetadata('s', 'log.0') } as CheckpointView,
    inFlight: false,
    broken: [] as number[],
    leases: [] as Proof[],
    rechecks: 0,
    onRound: () => {},
  }
  const deps: LeaseRenewalDeps = {
    log: {
      domains: (_topic: string, partitions: readonly number[]) => (partitions.length === 0 ? [] : [partitions]),
      ends: async () => {
        state.onRound()
        return new Map([[0, { next: state.end, identity: state.identity, partitions: state.partitions }]])
      },
    } as unknown as LeaseRenewalDeps['log'],
    store: {
      clockMs: async () => state.clockMs,
      suspectCount: async () => 0,
      checkpoint: async () => ({
        next: state.stored,
        metadata: encodeMetadata(newMetadata('s', state.storedIdentity)),
      }),
      lease: async (_generation: number, _partition: number, proof: Proof): Promise<WriteResult> => {
        if (proof.next < state.stored) return { kind: 'ahead', at: state.stored }
        if (proof.next > state.stored) return { kind: 'behind', at: state.stored }
        state.leases.push(proof)
        return { kind: 'applied' }
      },
    } as unknown as LeaseRenewalDeps['store'],
    topic: 't',
    partitions: 1,
    topicProblem: () => state.topicProblem,
    mayProve: () => state.mayProve,
    observer: silentObserver,
    boundMs: 250,
    now: () => performance.now(),
    follow: async () => {},
    owned: () => (state.broken.includes(0) ? [] : [0]),
    broken: () => state.broken,
    checkpoint: () => (state.inFlight ? null : state.at),
    latest: () => state.at,
    recheck: () => {
      state.rechecks += 1
    },
  }
  return { state, deps }
}

const watching = async (deps: LeaseRenewalDeps, holds: () => boolean): Promise<void> => {
  const watch = startLeaseRenewal(deps)
  try {
    await until('the watch to come round', holds)
  } finally {
    await watch.stop()
  }
}

test('what is applied up to the end is proven, dated before the end was asked', async () => {
  const { state, deps } = script()
  await watching(deps, () => state.leases.length > 1)
  expect(state.leases[0]).toEqual({ next: 10, provenAtMs: 1000 })
})

test('a partition that never rests is proven by the ends that it has passed', async () => {
  const { state, deps } = script()
  state.inFlight = true
  state.onRound = () => {
    // Each round the end of the round before is applied, and as many events more have come.
    state.at = { ...state.at, next: state.end }
    state.stored = state.end
    state.end += 10
    state.clockMs += 100
  }
  await watching(deps, () => state.leases.length > 2)
  expect(state.rechecks).toBe(0)
  for (const { next, provenAtMs } of state.leases) expect(provenAtMs).toBe(1000 + (next - 20) * 10)
})

test('a store that went back in time is noticed, also where nothing can be proven', async () => {
  for (const end of [10, 50]) {
    const { state, deps } = script()
    state.end = end
    state.stored = 4
    await watching(deps, () => state.rechecks > 0)
    expect(state.leases).toEqual([])
  }
})

test('a store that lost the write after an election is noticed, although its offset is the same', async () => {
  const { state, deps } = script()
  state.identity = 'log.1'
  state.at = { ...state.at, metadata: newMetadata('s', 'log.1') }
  await watching(deps, () => state.rechecks > 0)
})

test('another log is proven by nothing, and looked at', async () => {
  const { state, deps } = script()
  state.identity = 'log.1'
  await watching(deps, () => state.rechecks > 0)
  expect(state.leases).toEqual([])
})

test('a parked partition is looked at again now and then', async () => {
  const { state, deps } = script()
  state.broken = [0]
  let now = 0
  await watching({ ...deps, now: () => (now += 1000) }, () => state.rechecks > 1)
  expect(state.leases).toEqual([])
})

test('nothing is proven, and the log is looked at again, where the topic has other partitions than are configured', async () => {
  const { state, deps } = script()
  state.partitions = 2
  await watching(deps, () => state.rechecks > 1)
  expect(state.leases).toEqual([])
})

test('nothing is proven while settings forbid it', async () => {
  const { state, deps } = script()
  let rounds = 0
  state.mayProve = false
  state.onRound = () => {
    rounds += 1
  }
  await watching(deps, () => rounds > 2)
  expect(state.leases).toEqual([])
})

test('owned partitions are looked at again while the settings of the topic are wrong', async () => {
  const { state, deps } = script()
  state.topicProblem = 'the topic compacts'
  await watching(deps, () => state.rechecks > 0)
})

test('a server that hangs holds up no other partition’s lease', async () => {
  const { state, deps } = script()
  const leases: number[] = []
  const ends = (_topic: string, partitions: readonly number[]) =>
    partitions.includes(1)
      ? new Promise<never>((_resolve, reject) => setTimeout(reject, 400, new Error('silent')))
      : Promise.resolve(new Map([[0, { next: 10, identity: 'log.0', partitions: 1 }]]))
  const domains = () => [[0], [1]]
  const store = {
    ...deps.store,
    lease: async (_generation: number, partition: number): Promise<WriteResult> => {
      leases.push(partition)
      return { kind: 'applied' }
    },
  }
  await watching({ ...deps, log: { ...deps.log, ends, domains }, store, owned: () => [0, 1] }, () => leases.length > 3)
  expect(new Set(leases)).toEqual(new Set([0]))
  expect(state.rechecks).toBe(0)
})

test('a shard of the store that is away costs its own partitions only', async () => {
  const { deps } = script()
  const leases: number[] = []
  const end = { next: 10, identity: 'log.0', partitions: 1 }
  const store = {
    ...deps.store,
    clockMs: async (_generation: number, partition: number) => {
      if (partition === 1) throw new Error('away')
      return 1000
    },
    lease: async (_generation: number, partition: number): Promise<WriteResult> => {
      leases.push(partition)
      return { kind: 'applied' }
    },
  }
  const ends = async () => new Map([0, 1].map((partition) => [partition, end]))
  await watching({ ...deps, log: { ...deps.log, ends }, store, owned: () => [0, 1] }, () => leases.length > 1)
  expect(new Set(leases)).toEqual(new Set([0]))
})
