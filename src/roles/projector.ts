import { signatureOf } from '../../consumers/checkpoint.ts'
import { deadLetterTopic } from '../../consumers/dead-letters.ts'
import { found, type GenerationDeps, standingOf } from '../../consumers/generations.ts'
import type { ProjectorObserver } from '../../consumers/observer.ts'
import { partitionOf } from '../../consumers/partition.ts'
import { pause } from '../../consumers/pause.ts'
import { type Projector, type ProjectorDeps, startProjector } from '../../consumers/projector.ts'
import { topicProblems, topicSpecs } from '../../consumers/topics.ts'
import { calendarOf } from '../../projections/calendar.ts'
import type { Config } from '../config/load.ts'
import type { Log } from '../logging.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { Check } from '../metrics/port-server.ts'
import type { Engine } from './engine.ts'
import { tellBroken } from './log-standing.ts'
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
  const closing = new AbortController()
  let projector: Projector | null = null
  const observer = projectorObserver(metrics, log, now)

  /** From one start to the end of its time: closed, or superseded by projectors of another fold or policy. */
  const serve = async (): Promise<void> => {
    await refuseMisfits(engine, config)
    const deps = projectorDeps(engine, config, observer)
    await takeOver(deps, log)
    const over = Promise.withResolvers<void>()
    closing.signal.addEventListener('abort', () => over.resolve())
    projector = await startProjector({ ...deps, onSuperseded: over.resolve })
    log.info({ topic: config.topic.name }, 'projector started')
    if (!closing.signal.aborted) await over.promise
    await projector.stop()
    if (!closing.signal.aborted) await untilOurs(deps, log, closing.signal)
  }

  const run = async (): Promise<void> => {
    while (!closing.signal.aborted) {
      try {
        await serve()
      } catch (error) {
        if (error instanceof StartRefused) return onRefused(error)
        log.warn({ err: error }, 'the projector cannot start yet')
        await pause(RETRY_MS, closing.signal)
      }
    }
  }
  const ended = run()
  tellSuspectDetails(metrics, engine.store, () => projector?.owned() ?? [], now)
  metrics.onScrape(() => metrics.set('pullgate_log_consumer_silent_seconds', {}, (projector?.silentMs() ?? 0) / 1000))

  return {
    checks: projectorChecks(() => projector),
    close: async () => {
      closing.abort()
      await ended
    },
  }
}

/** Superseded, it takes nothing back: it waits until the store's generation is one of its own again. */
const untilOurs = async (deps: GenerationDeps, log: Log, signal: AbortSignal): Promise<void> => {
  log.warn('projectors of another version, policy or timezone have taken over; waiting until they are gone')
  while (!signal.aborted) {
    await pause(RETRY_MS, signal)
    const standing = await standingOf(deps).catch(() => null)
    if (standing?.kind === 'ours') return
  }
}

/** Answers of another fold are never served: an empty generation takes their place, and fills from the log's start. */
const takeOver = async (deps: GenerationDeps, log: Log): Promise<void> => {
  const standing = await standingOf(deps)
  if (standing.kind === 'ours') return
  const begun = await deps.admin.newGeneration()
  await found(deps, begun, 'zero')
  if (await deps.admin.activate(standing.generation, begun))
    log.warn({ generation: begun }, 'the projection was made by another version, policy or timezone: begun anew')
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
      const broken = projector()?.broken() ?? new Map()
      if (broken.size > 0) return { ok: false, detail: tellBroken(broken) }
      return { ok: true, detail: 'the log goes on where the projection stopped' }
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

const projectorDeps = ({ log, store }: Engine, config: Config, observer: ProjectorObserver): ProjectorDeps => {
  const { topic, policy, timezone, freshness } = config
  return {
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
    observer,
    boundMs: freshness.bound_ms,
    clock: Date.now,
    now,
  }
}
