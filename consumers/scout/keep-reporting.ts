import type { BatchResult, LogEnd } from '../ports/log.ts'
import type { ScoutOutcome } from '../ports/scouted.ts'
import type { ScannedRange, ScoutDeps, ScoutPosition } from './scout-deps.ts'

type Reporting = {
  readonly positions: () => readonly ScoutPosition[]
  readonly isCurrent: (position: ScoutPosition) => boolean
  readonly report: (position: ScoutPosition, range: ScannedRange) => Promise<ScoutOutcome>
  readonly judge: (position: ScoutPosition, outcome: ScoutOutcome, end: number) => Promise<BatchResult | null>
  /** Lets a partition begin again from its checkpoint. */
  readonly again: (partition: number) => void
  readonly caughtUp: (position: ScoutPosition) => Promise<BatchResult>
}

/** Often enough for a proof that lasts two seconds, and for a partition that has caught up to be noticed soon. */
const EVERY_MS = 250

/**
 * While partitions are scanned, asks for their log's end repeatedly: a scanned end is the proof of bounded mode. Where
 * no records arrive, it drops what is applied and detects that everything is applied.
 */
export const keepReporting = (
  deps: ScoutDeps,
  { positions, isCurrent, report, judge, again, caughtUp }: Reporting,
): { readonly wake: () => void; readonly stop: () => Promise<void> } => {
  let isStopped = false
  let timer: NodeJS.Timeout | null = null
  let round: Promise<void> = Promise.resolve()

  const tellOne = async (position: ScoutPosition, end: LogEnd | undefined, clockMs: number): Promise<void> => {
    if (end === undefined || !isCurrent(position)) return
    const { at, identity } = position
    if (identity === null || position.begins) {
      // Nothing was read yet, and nothing is there any more.
      if (end.next <= at) await caughtUp(position)
      return
    }
    // The log differs or may have been truncated: the scan says nothing about it.
    if (end.identity !== identity) return again(position.partition)
    if (end.partitions === deps.partitions && deps.mayProve()) position.proof ??= { end: end.next, provenAtMs: clockMs }
    const nothing = { identity, from: at, upTo: at, marks: new Map(), everybody: -1, misrouted: -1 }
    const outcome = await report(position, nothing)
    const result = await judge(position, outcome, end.next)
    if (result?.kind === 'seek' && isCurrent(position)) again(position.partition)
  }

  /** The store's clock first, then the log: a proof is never dated later than its end. */
  const tellDomain = async (partitions: readonly number[]): Promise<void> => {
    const generation = (await deps.generation()) ?? 0
    const clocks = await Promise.all(partitions.map((partition) => deps.store.clockMs(generation, partition)))
    const ends = await deps.log.ends(deps.topic, partitions)
    const known = positions()
    await Promise.all(
      partitions.map((partition, index) => {
        const position = known.find((one) => one.partition === partition)
        return position && tellOne(position, ends.get(partition), clocks[index]!)
      }),
    )
  }

  const tell = async (): Promise<void> => {
    const partitions = positions().map(({ partition }) => partition)
    const told = await Promise.allSettled(deps.log.domains(deps.topic, partitions).map(tellDomain))
    for (const one of told) if (one.status === 'rejected') deps.observer.failed('telling what is scanned', one.reason)
  }

  const wake = (): void => {
    if (timer !== null || isStopped) return
    timer = setTimeout(() => {
      round = tell().finally(() => {
        timer = null
        if (positions().length > 0) wake()
      })
    }, EVERY_MS)
  }

  return {
    wake,
    stop: async () => {
      isStopped = true
      if (timer !== null) clearTimeout(timer)
      await round
    },
  }
}
