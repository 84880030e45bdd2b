/**
 * Reads the settings of topic and store again and again while a role runs. The start refuses a topic that loses or
 * redates events and a store that evicts; this watch finds the same after the start. What it finds proves nothing from
 * then on, until the settings are as they must be again.
 */

import type { Engine } from '../../consumers/ports/engine.ts'
import { topicProblems, topicSpecs } from '../../consumers/ports/topic-spec.ts'
import type { Config } from '../config/load.ts'
import { pause } from '../log/pause.ts'
import type { Logger } from '../logging.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { Check } from '../metrics/port-server.ts'

export type SettingsWatch = {
  /** What is wrong with the topic of events: then its log is broken. `null`: nothing, as far as was read. */
  readonly topicProblem: () => string | null
  /** Nothing is wrong with the topic or the store: what they say may prove something. */
  readonly isSound: () => boolean
  readonly check: Check
  readonly close: () => void
}

export type SettingsWatchDeps = {
  readonly engine: Pick<Engine, 'log' | 'store'>
  readonly topic: Config['topic']
  readonly metrics: Pick<Metrics, 'set'>
  readonly log: Pick<Logger, 'error' | 'info' | 'debug'>
  /** The pause between two readings; the contract with operators is 60 s. */
  readonly everyMs?: number
}

const EVERY_MS = 20_000
/** After a reading that failed. */
const AGAIN_MS = 3000

export const watchSettings = (deps: SettingsWatchDeps): SettingsWatch => {
  const { engine, topic, metrics, log, everyMs = EVERY_MS } = deps
  const closing = new AbortController()
  let problems = { log: [] as readonly string[], store: [] as readonly string[] }

  /** `null` where it cannot be read now: the last value stays. */
  const readOrNull = async (of: 'log' | 'store', read: () => Promise<readonly string[]>) =>
    read().catch((error: unknown) => {
      log.debug({ of, err: error }, 'the settings could not be read')
      return null
    })

  const told = (of: 'log' | 'store', before: readonly string[], now: readonly string[]): void => {
    metrics.set('pullgate_settings_wrong', { of }, now.length > 0 ? 1 : 0)
    if (before.join() === now.join()) return
    if (now.length > 0)
      log.error({ of, problems: now }, 'settings have changed: nothing is proven fresh until they are mended')
    else log.info({ of }, 'the settings are as they must be again')
  }

  const readAll = async (): Promise<boolean> => {
    const [ofLog, ofStore] = await Promise.all([
      readOrNull('log', () => topicSettings(engine.log, topic)),
      readOrNull('store', engine.store.admin.problems),
    ])
    const now = { log: ofLog ?? problems.log, store: ofStore ?? problems.store }
    for (const name of ['log', 'store'] as const) told(name, problems[name], now[name])
    problems = now
    return ofLog !== null && ofStore !== null
  }

  const run = async (): Promise<void> => {
    while (!closing.signal.aborted) {
      const isRead = await readAll()
      await pause(isRead ? everyMs : Math.min(AGAIN_MS, everyMs), closing.signal)
    }
  }
  void run()

  return {
    topicProblem: () => (problems.log.length > 0 ? problems.log.join('; ') : null),
    isSound: () => problems.log.length + problems.store.length === 0,
    check: {
      name: 'settings',
      check: () => {
        const all = [...problems.log, ...problems.store]
        if (all.length > 0) return { ok: false, detail: all.join('; '), blocks: false }
        return { ok: true, detail: 'topic and store are set as they must be' }
      },
    },
    close: () => closing.abort(),
  }
}

/** Problems of the event topic's settings, each a sentence with the command that corrects it. */
const topicSettings = async (log: Engine['log'], { name, partitions }: Config['topic']): Promise<readonly string[]> => {
  const spec = topicSpecs(name, partitions)[0]!
  const found = await log.describe(name)
  if (found === null) return [`the topic ${name} does not exist; "npx pullgate topics" creates it`]
  return topicProblems(spec, found).map(({ what, wanted, found: is }) => {
    const problem = `the topic ${name} has ${what}=${is}, it must be ${wanted}`
    return what === 'partitions'
      ? problem
      : `${problem}: kafka-configs.sh --alter --topic ${name} --add-config ${what}=${wanted}`
  })
}
