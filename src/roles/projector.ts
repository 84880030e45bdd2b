import { signatureOf } from '../../consumers/checkpoint.ts'
import { deadLetterTopic } from '../../consumers/dead-letters.ts'
import { partitionOf } from '../../consumers/partition.ts'
import { type Projector, startProjector } from '../../consumers/projector.ts'
import { topicProblems, topicSpecs } from '../../consumers/topics.ts'
import { calendarOf } from '../../projections/calendar.ts'
import type { Config } from '../config/load.ts'
import type { Log } from '../logging.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { Check } from '../metrics/port-server.ts'
import type { Engine } from './engine.ts'
import { projectorObserver } from './projector-observer.ts'
import { tellSuspectDetails } from './suspect-details.ts'

export type RunningRole = { readonly checks: readonly Check[]; readonly close: () => Promise<void> }

/** A start that can never succeed, each problem a sentence; unlike servers that are not there yet. */
export class StartRefused extends Error {
  override readonly name = 'StartRefused'
}

const RETRY_MS = 1000

/** Returns at once; the projector starts as soon as log and store are there. `onRefused` hears of what forbids it for good. */
export const runProjector = (
  engine: Engine,
  config: Config,
  metrics: Metrics,
  log: Log,
  onRefused: (refused: StartRefused) => void,
): RunningRole => {
  let projector: Projector | null = null
  let closed = false
  let wake: () => void = () => {}

  const start = async (): Promise<void> => {
    while (!closed) {
      try {
        await refuseMisfits(engine, config)
        projector = await startOn(engine, config, metrics, log)
        log.info({ topic: config.topic.name }, 'projector started')
        if (closed) await projector.stop()
        return
      } catch (error) {
        if (error instanceof StartRefused) return onRefused(error)
        log.warn({ err: error }, 'the projector cannot start yet')
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, RETRY_MS)
          wake = () => {
            clearTimeout(timer)
            resolve()
          }
        })
      }
    }
  }
  const started = start()
  tellSuspectDetails(metrics, engine.store, () => projector?.owned() ?? [], now)
  metrics.onScrape(() => metrics.set('pullgate_log_consumer_silent_seconds', {}, (projector?.silentMs() ?? 0) / 1000))

  return {
    checks: projectorChecks(() => projector),
    close: async () => {
      closed = true
      wake()
      await started
      await projector?.stop()
    },
  }
}

const projectorChecks = (projector: () => Projector | null): readonly Check[] => [
  {
    name: 'projector',
    check: () => {
      const running = projector()
      if (!running) return { ok: false, detail: 'has not started: the log or the store is not there' }
      if (running.superseded()) return { ok: false, detail: 'projectors of another version or policy have taken over' }
      const silentMs = running.silentMs()
      return {
        ok: silentMs < 30_000,
        detail: `${running.owned().length} partitions; last sign of life ${Math.round(silentMs)} ms ago`,
      }
    },
  },
  {
    name: 'log identity',
    check: () => {
      const broken = projector()?.broken() ?? []
      return broken.length === 0
        ? { ok: true, detail: 'the log goes on where the projection stopped' }
        : {
            ok: false,
            detail: `partition ${broken.join(', ')}: the log does not go on where the projection stopped; rebuild`,
          }
    },
  },
]

const refuseMisfits = async ({ log, store, names }: Engine, { topic }: Config): Promise<void> => {
  const refused = [...(await store.admin.problems())]
  for (const spec of topicSpecs(topic.name, topic.partitions)) {
    const found = await log.describe(spec.name)
    if (!found) refused.push(`the topic ${spec.name} does not exist; "npx pullgate topics" creates it`)
    else
      for (const { what, wanted, found: is } of topicProblems(spec, found))
        refused.push(`the topic ${spec.name} has ${what}=${is}, it must be ${wanted}`)
  }
  const owner = refused.length === 0 ? await store.admin.claim(topic.name) : topic.name
  if (owner !== topic.name) refused.push(`${names.store} belongs to the topic ${owner}, not to ${topic.name}`)
  if (refused.length > 0) throw new StartRefused(refused.join('\n'))
}

const now = (): number => performance.now()

const startOn = ({ log, store }: Engine, config: Config, metrics: Metrics, logger: Log): Promise<Projector> => {
  const { topic, policy, timezone, freshness } = config
  return startProjector({
    log,
    store: store.writer,
    admin: store.admin,
    deadLetters: deadLetterTopic(log, topic.name),
    topic: topic.name,
    group: `pullgate.${topic.name}`,
    partitions: topic.partitions,
    signature: signatureOf(policy, timezone, topic.partitions),
    rendering: { policy, calendar: calendarOf(timezone) },
    partitionOf: (identifier) => partitionOf(identifier, topic.partitions),
    observer: projectorObserver(metrics, logger, now),
    boundMs: freshness.bound_ms,
    clock: Date.now,
    now,
  })
}
