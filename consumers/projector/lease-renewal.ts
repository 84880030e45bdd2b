import { type PartitionProofDeps, partitionProver } from './prove-partitions.ts'

export type LeaseRenewalDeps = PartitionProofDeps & {
  /** What is wrong with the topic's settings: then its log is broken. */
  readonly topicProblem: () => string | null
  /** Turns to the active generation, where that is another one by now. */
  readonly follow: () => Promise<unknown>
  readonly owned: () => readonly number[]
  /** Parked, because the log does not go on there. */
  readonly broken: () => readonly number[]
}

export type LeaseRenewal = { readonly stop: () => Promise<void> }

/** Each count is a call to the store, and an idle projector is to cost next to nothing. */
const SUSPECTS_EVERY_MS = 2000
/** Interval at which a parked partition is checked again: a log may have seemed broken while a broker restarted. */
const PARKED_EVERY_MS = 5000

/**
 * Visits the owned partitions in turn: proves that the whole log is applied, dated before the log was asked, and renews
 * the lease. The lease compares the checkpoint. An unexpected checkpoint makes the worker read the store again; an
 * unchecked log makes it check the log again.
 */
export const startLeaseRenewal = (deps: LeaseRenewalDeps): LeaseRenewal => {
  const everyMs = Math.max(50, Math.min(500, Math.floor(deps.boundMs / 5)))
  const prover = partitionProver(deps)
  let parkedAt = deps.now()
  let countedAt = Number.NEGATIVE_INFINITY
  let stopped = false
  let timer: NodeJS.Timeout | null = null
  let round: Promise<void> = Promise.resolve()

  /** One server that hangs holds up its own partitions: the round does not wait for it, and skips them until it ends. */
  const inFlight = new Map<number, Promise<void>>()
  const proveOwned = async (): Promise<void> => {
    const idle = deps.owned().filter((partition) => !inFlight.has(partition) && deps.latest(partition) !== null)
    const proofs = deps.log.domains(deps.topic, idle).map((domain) => {
      const proof = prover(domain)
        .catch((error: unknown) => deps.observer.failed('lease renewal', error))
        .finally(() => {
          for (const partition of domain) inFlight.delete(partition)
        })
      for (const partition of domain) inFlight.set(partition, proof)
      return proof
    })
    if (proofs.length === 0) return
    let enough: NodeJS.Timeout | undefined
    const over = new Promise<void>((resolve) => {
      enough = setTimeout(resolve, everyMs)
    })
    await Promise.race([Promise.all(proofs), over]).finally(() => clearTimeout(enough))
  }

  const goRound = async (): Promise<void> => {
    const broken = deps.broken()
    const lookAgain = deps.now() - parkedAt >= PARKED_EVERY_MS
    if (broken.length === 0 || lookAgain) parkedAt = deps.now()
    if (lookAgain) for (const partition of broken) deps.recheck(partition)
    // Their workers stop where the settings are wrong.
    if (deps.topicProblem() !== null) for (const partition of deps.owned()) deps.recheck(partition)
    await proveOwned()
    if (deps.now() - countedAt < SUSPECTS_EVERY_MS) return
    countedAt = deps.now()
    await countSuspects(deps)
  }

  const go = (): void => {
    round = deps
      .follow()
      .then(goRound)
      .catch((error) => deps.observer.failed('watch', error))
      .then(() => {
        if (!stopped) timer = setTimeout(go, everyMs)
      })
  }
  go()
  return {
    stop: async () => {
      stopped = true
      if (timer) clearTimeout(timer)
      await round
      await Promise.all(inFlight.values())
    },
  }
}

const countSuspects = async ({ owned, checkpoint, store, observer }: LeaseRenewalDeps): Promise<void> => {
  const counted = await Promise.allSettled(
    owned().map(async (partition) => {
      const generation = checkpoint(partition)?.generation
      if (generation !== undefined) observer.suspects(partition, await store.suspectCount(generation, partition))
    }),
  )
  for (const one of counted) if (one.status === 'rejected') observer.failed('counting suspects', one.reason)
}
