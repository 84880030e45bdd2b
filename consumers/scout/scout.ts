/**
 * Reads ahead of the applied offset on partitions that are behind, and reports to the store who has events there.
 *
 *     (nothing) ── behind ──▶ beginning ── checkpoint read ──▶ scanning ── everything scanned is applied ──▶ (nothing)
 *                                 ▲                               │
 *                                 └── another log, gap, rewind ───┘
 *
 * The scan is deleted when the partition has caught up. It stays when the partition moves to another process, which
 * continues it. The process that applies a partition reports that it is behind; otherwise nothing runs.
 */

import type { BatchResult, LogBatch } from '../ports/log.ts'
import { LogError } from '../ports/log-error.ts'
import type { ScoutOutcome } from '../ports/scouted.ts'
import { keepReporting } from './keep-reporting.ts'
import { scanRecords } from './scan-records.ts'
import type { ScannedRange, ScoutDeps, ScoutPosition } from './scout-deps.ts'

export type Scout = {
  /** The backlog of this partition is large enough for a pull to wait. */
  readonly behind: (partition: number) => void
  /** Another process applies the partition from now on, or none. */
  readonly leave: (partition: number) => void
  /** The partitions that are read ahead now. */
  readonly active: () => readonly number[]
  readonly stop: () => Promise<void>
}

/** Some 100 bytes each in Redis: 6.5 MB for a partition at most, 105 MB for sixteen. */
const MARKS_AT_MOST = 65_536
const FULL_PAUSE_MS = 100

export const startScout = (deps: ScoutDeps): Scout => {
  const { store, observer } = deps
  const positions = new Map<number, ScoutPosition>()

  /** Where to begin: behind what was scanned already, if the checkpoint lies within that; else at the checkpoint. */
  const begin = async (position: ScoutPosition, mayGoOn: boolean): Promise<number | null> => {
    const { partition } = position
    const generation = await deps.generation()
    const checkpoint = generation === null ? null : await store.checkpoint(generation, partition)
    if (checkpoint === null) return null
    const stored = mayGoOn ? await store.scouted(partition) : null
    const end = (await deps.log.ends(deps.topic, [partition])).get(partition)
    if (end === undefined) throw new LogError('unavailable', `the log does not tell the end of partition ${partition}`)
    const { next } = checkpoint
    const isOfLog = stored?.identity === end.identity && stored.upTo <= end.next
    const goesOn = stored !== null && isOfLog && stored.from <= next && next <= stored.upTo
    position.at = goesOn ? stored.upTo : next
    position.begins = !goesOn
    position.identity = goesOn ? stored.identity : null
    position.applied = next
    position.proof = null
    return position.at
  }

  const assigned = async (partition: number): Promise<number | null> => {
    const position = positions.get(partition)
    const at = position ? await begin(position, true) : null
    if (at === null) leave(partition)
    return at
  }

  const beginAnew = async (position: ScoutPosition): Promise<BatchResult> => {
    const to = await begin(position, false)
    if (to !== null) return { kind: 'seek', to }
    leave(position.partition)
    return { kind: 'park' }
  }

  /** Everything that was scanned is applied. */
  const caughtUp = async (position: ScoutPosition): Promise<BatchResult> => {
    if (isCurrent(position)) leave(position.partition)
    await store.forgetScouted(position.partition)
    return { kind: 'park' }
  }

  const isCurrent = (position: ScoutPosition): boolean => positions.get(position.partition) === position

  const report = async (position: ScoutPosition, range: ScannedRange): Promise<ScoutOutcome> => {
    const { partition, begins } = position
    const generation = (await deps.generation()) ?? 0
    const { proof } = position
    const outcome = await store.scout({
      ...range,
      partition,
      generation,
      begins,
      marksAtMost: deps.marksAtMost ?? MARKS_AT_MOST,
      proof: proof && { ...proof, boundMs: deps.boundMs },
    })
    if (outcome.kind === 'added' && proof === position.proof && range.upTo >= (proof?.end ?? 0)) position.proof = null
    return outcome
  }

  /** What a report's outcome says about where to go on; `null`: right behind it. */
  const judge = async (position: ScoutPosition, outcome: ScoutOutcome, end: number): Promise<BatchResult | null> => {
    if (!isCurrent(position)) return { kind: 'park' }
    if (outcome.kind === 'apart') return beginAnew(position)
    observer.marks(position.partition, outcome.marks)
    if (outcome.kind === 'full') return null
    const { applied } = outcome
    if (applied === null || applied < position.applied) return beginAnew(position)
    position.applied = applied
    if (applied >= position.at && position.at >= end) return caughtUp(position)
    return applied > position.at ? beginAnew(position) : null
  }

  const batch = async ({ partition, from, next, records, identity, end = next }: LogBatch): Promise<BatchResult> => {
    const position = positions.get(partition)
    if (position === undefined) return { kind: 'park' }
    if (position.identity !== null && position.identity !== identity) return beginAnew(position)
    position.identity = identity
    const scanned = { identity, from, upTo: next, ...scanRecords(records, partition, deps.partitionOf) }
    observer.scanned(records.length)
    for (;;) {
      const outcome = await report(position, scanned)
      if (outcome.kind === 'added') {
        position.at = next
        position.begins = false
      }
      const result = await judge(position, outcome, end)
      if (result !== null) return result
      if (outcome.kind !== 'full') return { kind: 'next' }
      observer.full(partition)
      await new Promise((resolve) => setTimeout(resolve, FULL_PAUSE_MS))
    }
  }

  const follower = deps.log.follow(deps.topic, { assigned, batch })

  const leave = (partition: number): void => {
    if (!positions.delete(partition)) return
    follower.leave(partition)
    observer.marks(partition, 0)
  }

  const again = (partition: number): void => {
    follower.leave(partition)
    follower.follow(partition)
  }

  const reporting = keepReporting(deps, {
    positions: () => [...positions.values()],
    isCurrent,
    report,
    judge,
    again,
    caughtUp,
  })

  return {
    behind: (partition) => {
      if (positions.has(partition)) return
      positions.set(partition, { partition, at: 0, begins: true, identity: null, applied: 0, proof: null })
      follower.follow(partition)
      reporting.wake()
    },
    leave,
    active: () => [...positions.keys()],
    stop: async () => {
      positions.clear()
      await Promise.all([reporting.stop(), follower.stop()])
    },
  }
}
