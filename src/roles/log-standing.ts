import type { Log } from '../../consumers/ports/log.ts'
import type { ProjectionReader } from '../../consumers/ports/store.ts'
import { decodeMetadata, hasIdentity, hasSignature } from '../../consumers/stored/checkpoint-metadata.ts'
import { checkIdentity } from '../../consumers/stored/log-identity.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { Check } from '../metrics/port-server.ts'

/** How the partitions of the log stand to their projections. */
export type LogStanding = {
  /** Partitions that are broken, and why. */
  readonly broken: ReadonlyMap<number, string>
  /** Partitions whose leader did not answer. */
  readonly silent: readonly number[]
}

/** Rejects where the state is unknown. */
export type ReadStanding = () => Promise<LogStanding>

export type LogStandingDeps = {
  readonly log: Pick<Log, 'ends' | 'startOffsets' | 'read'>
  readonly reader: Pick<ProjectionReader, 'partitions'>
  readonly topic: string
  readonly partitions: number
  readonly signature: string
  /** What is wrong with the topic's settings: then all of its partitions are broken. */
  readonly topicProblem: () => string | null
  /** How long an answer is good for; everybody who asks meanwhile shares it. */
  readonly maxAgeMs: number
}

/** The gateway's own view, from checkpoints and log alone: it holds while no projector runs. */
export const logStanding = (deps: LogStandingDeps): ReadStanding => {
  let asked: Promise<LogStanding> | null = null
  let askedAt = Number.NEGATIVE_INFINITY
  return () => {
    const now = performance.now()
    if (asked === null || now - askedAt > deps.maxAgeMs) {
      asked = readStanding(deps)
      askedAt = now
      asked.catch(() => {
        asked = null
      })
    }
    return asked
  }
}

const readStanding = async (deps: LogStandingDeps): Promise<LogStanding> => {
  const { log, reader, topic, signature } = deps
  const numbers = Array.from({ length: deps.partitions }, (_, partition) => partition)
  const problem = deps.topicProblem()
  if (problem !== null) return { broken: new Map(numbers.map((partition) => [partition, problem])), silent: [] }
  // The checkpoints first: they may move on meanwhile, but never ahead of an end that is asked for later.
  const views = await reader.partitions()
  const ends = await log.ends(topic, numbers)
  const starts = await log.startOffsets(topic, [...ends.keys()])
  const broken = new Map<number, string>()
  for (const { partition, checkpoint } of views) {
    const [end, start] = [ends.get(partition), starts.get(partition)]
    if (!checkpoint || !end || start === undefined || !hasSignature(checkpoint.metadata, signature)) continue
    const { next, metadata } = checkpoint
    const isWhole = end.partitions === deps.partitions && hasIdentity(metadata, end.identity)
    if (isWhole && start <= next && next <= end.next) continue
    const found = await checkIdentity(log, deps, partition, next, decodeMetadata(metadata))
    if (found.kind === 'broken') broken.set(partition, found.why)
  }
  return { broken, silent: numbers.filter((partition) => !ends.has(partition)) }
}

/**
 * Sets the metric at every scrape, and provides the gateway's check. The gateway stays ready while it can prove any
 * partition or ask an ERP.
 */
export const reportStanding = (
  metrics: Metrics,
  standing: ReadStanding,
  partitions: number,
  hasErp: () => boolean,
): Check => {
  metrics.onScrape(async () => {
    const now = await standing().catch(() => null)
    if (now === null) return
    for (let partition = 0; partition < partitions; partition += 1)
      metrics.set('pullgate_log_broken', { partition: String(partition) }, now.broken.has(partition) ? 1 : 0)
  })
  return {
    name: 'log identity, as pulls see it',
    check: async () => {
      const now = await standing().catch(() => null)
      // Whether a gateway is ready without them is the affair of their own checks.
      if (now === null) return { ok: true, detail: 'cannot be told: the log or the store does not answer' }
      const { broken, silent } = now
      if (broken.size > 0)
        return { ok: false, detail: brokenText(broken), blocks: broken.size + silent.length >= partitions && !hasErp() }
      return { ok: true, detail: 'the log goes on where the projection stopped' }
    },
  }
}

/** One sentence for a person. */
export const brokenText = (broken: ReadonlyMap<number, string>): string => {
  const whys = [...new Set(broken.values())]
  const mend = 'mend the topic, or take the log as it is with "npx pullgate rebuild"'
  return `partition ${[...broken.keys()].join(', ')}: the log is broken (${whys.join('; ')}); ${mend}`
}
