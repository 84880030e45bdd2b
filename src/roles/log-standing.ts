import type { Log } from '../../consumers/ports/log.ts'
import type { ProjectionReader } from '../../consumers/ports/store.ts'
import { decodeMetadata, hasIdentity, hasSignature } from '../../consumers/stored/checkpoint-metadata.ts'
import { checkIdentity } from '../../consumers/stored/log-identity.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { Check } from '../metrics/port-server.ts'

/** The partitions where the log does not go on where the projection stopped, and why. Rejects where it cannot be told. */
export type LogStanding = () => Promise<ReadonlyMap<number, string>>

export type LogStandingDeps = {
  readonly log: Pick<Log, 'ends' | 'startOffsets' | 'read'>
  readonly reader: Pick<ProjectionReader, 'partitions'>
  readonly topic: string
  readonly signature: string
  /** How long an answer is good for; everybody who asks meanwhile shares it. */
  readonly maxAgeMs: number
}

/** The gateway's own view, from checkpoints and log alone: it holds while no projector runs. */
export const logStanding = (deps: LogStandingDeps): LogStanding => {
  let asked: Promise<ReadonlyMap<number, string>> | null = null
  let askedAt = Number.NEGATIVE_INFINITY
  return () => {
    const now = performance.now()
    if (asked === null || now - askedAt > deps.maxAgeMs) {
      asked = look(deps)
      askedAt = now
      asked.catch(() => {
        asked = null
      })
    }
    return asked
  }
}

const look = async ({ log, reader, topic, signature }: LogStandingDeps): Promise<ReadonlyMap<number, string>> => {
  // The checkpoints first: they may move on meanwhile, but never ahead of an end that is asked for later.
  const views = await reader.partitions()
  const partitions = views.map(({ partition }) => partition)
  const [ends, starts] = await Promise.all([log.ends(topic, partitions), log.startOffsets(topic, partitions)])
  const broken = new Map<number, string>()
  for (const { partition, checkpoint } of views) {
    const [end, start] = [ends.get(partition), starts.get(partition)]
    if (!checkpoint || !end || start === undefined || !hasSignature(checkpoint.metadata, signature)) continue
    const { next, metadata } = checkpoint
    if (hasIdentity(metadata, end.identity) && start <= next && next <= end.next) continue
    const found = await checkIdentity(log, topic, partition, next, decodeMetadata(metadata))
    if (found.kind === 'broken') broken.set(partition, found.why)
  }
  return broken
}

/** The metric, told at every scrape, and the check of the gateway. */
export const tellStanding = (metrics: Metrics, standing: LogStanding, partitions: readonly number[]): Check => {
  metrics.onScrape(async () => {
    const broken = await standing().catch(() => null)
    if (broken === null) return
    for (const partition of partitions)
      metrics.set('pullgate_log_broken', { partition: String(partition) }, broken.has(partition) ? 1 : 0)
  })
  return {
    name: 'log identity, as pulls see it',
    check: async () => {
      const broken = await standing().catch(() => null)
      // Whether a gateway is ready without them is the affair of their own checks.
      if (broken === null) return { ok: true, detail: 'cannot be told: the log or the store does not answer' }
      if (broken.size > 0) return { ok: false, detail: tellBroken(broken) }
      return { ok: true, detail: 'the log goes on where the projection stopped' }
    },
  }
}

/** One sentence for a person. */
export const tellBroken = (broken: ReadonlyMap<number, string>): string => {
  const whys = [...new Set(broken.values())]
  return `partition ${[...broken.keys()].join(', ')}: the log does not go on where the projection stopped (${whys.join('; ')}); run "npx pullgate rebuild"`
}
