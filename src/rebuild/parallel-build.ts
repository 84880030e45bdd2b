import type { Builder } from './builder.ts'

/**
 * Another process that builds: it applies some partitions of a generation up to their ends. Its progress is in the
 * store, so it may fail or die at any moment.
 */
export type Helper = {
  /** With fewer events than this the start of a helper costs more than it saves. */
  readonly worthFrom: number
  /**
   * Resolves when all partitions are applied, rejects where the helper cannot continue.
   * @param done number of events applied since the last call
   */
  readonly reach: (
    generation: number,
    targets: ReadonlyMap<number, number>,
    done: (events: number) => void,
    signal: AbortSignal,
  ) => Promise<void>
}

export type ParallelBuild = {
  readonly build: Builder
  readonly generation: number
  readonly helpers: readonly Helper[]
  /** Number of events that helpers have applied. */
  readonly done: (events: number) => void
  readonly failed: (why: string) => void
  readonly signal: AbortSignal
}

export type Missing = ReadonlyMap<number, { readonly from: number; readonly to: number }>

/**
 * Applies all partitions up to their ends with several processes, where the live generation answers no pull. The
 * caller's builder applies what a helper leaves, and it sees everything that helpers have written.
 */
export const reachTogether = async (
  missing: Missing,
  { build, generation, helpers, done, failed, signal }: ParallelBuild,
): Promise<void> => {
  const all = eventsOf(missing)
  const hands = helpers.filter(({ worthFrom }, at) => all / (at + 2) >= worthFrom)
  const [, ...shares] = deal(missing, hands.length + 1)
  const asked = hands.flatMap((helper, at) => {
    const { events, targets } = shares[at]!
    return events > 0 && events >= helper.worthFrom ? [{ helper, targets }] : []
  })
  if (asked.length === 0) return
  const taken = new Set(asked.flatMap(({ targets }) => [...targets.keys()]))
  const left = [...missing].filter(([partition]) => !taken.has(partition))
  const ended = new AbortController()
  const stop = AbortSignal.any([signal, ended.signal])
  const helping = asked.map(({ helper, targets }) =>
    helper.reach(generation, targets, done, stop).catch((error: Error) => {
      if (!stop.aborted) failed(error.message)
    }),
  )
  try {
    await build.reachAll(new Map(left.map(([partition, { to }]) => [partition, to])))
    await Promise.all(helping)
  } finally {
    ended.abort()
    await Promise.all(helping)
  }
  signal.throwIfAborted()
  await build.start()
}

const eventsOf = (missing: Missing): number => [...missing.values()].reduce((sum, { from, to }) => sum + to - from, 0)

type HelperShare = { events: number; readonly targets: Map<number, number> }

/** Assigns the partition with the most events to the process with the fewest, repeatedly. */
const deal = (missing: Missing, hands: number): readonly HelperShare[] => {
  const dealt = Array.from({ length: hands }, (): HelperShare => ({ events: 0, targets: new Map() }))
  const byEvents = [...missing].sort(([, one], [, other]) => other.to - other.from - (one.to - one.from))
  for (const [partition, { from, to }] of byEvents) {
    const hand = dealt.reduce((least, one) => (one.events < least.events ? one : least))
    hand.events += to - from
    hand.targets.set(partition, to)
  }
  return dealt
}
