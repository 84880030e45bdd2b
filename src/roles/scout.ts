import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { Engine } from '../../consumers/ports/engine.ts'
import { type Scout, startScout } from '../../consumers/scout/scout.ts'
import type { Config } from '../config/load.ts'
import type { Logger } from '../logging.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { Check } from '../metrics/port-server.ts'
import { scoutDeps } from './scout-deps.ts'
import type { ScoutData, ScoutNews, ScoutOrder } from './scout-messages.ts'

export type RunningScout = Pick<Scout, 'behind' | 'leave'> & {
  readonly check: Check
  readonly close: () => Promise<void>
}

export type RunScoutDeps = {
  readonly engine: Engine
  readonly config: Config
  readonly metrics: Metrics
  readonly log: Logger
  /** False while settings of log or store forbid every proof. */
  readonly mayProve: () => boolean
}

/**
 * With servers the scout has its own thread and connections: folding blocks the main thread for tens of milliseconds at
 * a time, up to a second over all partitions, and pulls wait a quarter of a second. With a file one thread does
 * everything.
 */
export const runScout = (deps: RunScoutDeps): RunningScout =>
  deps.engine.file === null ? threadScout(deps) : localScout(deps)

/** Keeps the scout's reports for metrics and the check. */
const newsKeeper = (metrics: Metrics) => {
  let last: ScoutNews = { scanned: 0, full: 0, marks: 0, partitions: [], failure: null }
  const told = ({ scanned, full, marks, partitions, failure }: ScoutNews): void => {
    last = { scanned, full, marks, partitions, failure }
    metrics.add('pullgate_scouted_records_total', {}, scanned)
    metrics.set('pullgate_scout_marks', {}, marks)
    metrics.set('pullgate_scout_partitions', {}, partitions.length)
  }
  const check: Check = {
    name: 'scout',
    // Without it pulls of a partition that is behind go to the ERPs: no reason to take this process out.
    check: () => ({ ok: true, detail: detailOf(last) }),
  }
  return { told, check }
}

const detailOf = ({ partitions, marks, full, failure }: ScoutNews): string => {
  if (partitions.length === 0) return 'no partition is behind'
  const where = `reads ahead on ${partitions.length} partitions that are behind; ${marks} students have events there`
  if (failure !== null) return `${where}; in trouble: ${failure}`
  return full > 0 ? `${where}; no room for more until some are applied` : where
}

/** Often enough for a proof, which lasts two seconds. */
const LOOK_MS = 500
/** A partition is reported repeatedly while it is behind; the thread gets at most one report in this time. */
const AGAIN_MS = 50

const threadScout = ({ engine, config, metrics, log, mayProve }: RunScoutDeps): RunningScout => {
  const { told, check } = newsKeeper(metrics)
  const flag = new Int32Array(new SharedArrayBuffer(4))
  const orderedAtMs = new Map<number, number>()
  let worker: Worker | null = null
  let isClosing = false

  const start = (): Worker => {
    Atomics.store(flag, 0, mayProve() ? 1 : 0)
    const thread = new Worker(new URL('./scout-thread.ts', import.meta.url), {
      workerData: { config, mayProve: flag, unpacked: engine.unpacked } satisfies ScoutData,
      // What bin/pullgate.mjs does for the main thread. Its own options it has from there: some are refused here.
      execArgv: ['--disable-warning=ExperimentalWarning'],
    })
    thread.unref()
    thread.on('message', told)
    thread.on('error', (err) => log.warn({ err }, 'the scout has failed; it starts again with the next backlog'))
    thread.on('exit', () => {
      if (worker !== thread) return
      worker = null
      orderedAtMs.clear()
      told({ scanned: 0, full: 0, marks: 0, partitions: [], failure: null })
    })
    return thread
  }
  const order = (one: ScoutOrder): void => {
    worker ??= start()
    worker.postMessage(one)
  }
  const looking = setInterval(() => Atomics.store(flag, 0, mayProve() ? 1 : 0), LOOK_MS).unref()

  return {
    check,
    behind: (partition) => {
      const nowMs = performance.now()
      if (isClosing || nowMs - (orderedAtMs.get(partition) ?? Number.NEGATIVE_INFINITY) < AGAIN_MS) return
      orderedAtMs.set(partition, nowMs)
      order({ kind: 'behind', partition })
    },
    leave: (partition) => {
      orderedAtMs.delete(partition)
      if (worker !== null) order({ kind: 'leave', partition })
    },
    close: async () => {
      isClosing = true
      clearInterval(looking)
      if (worker === null) return
      const ended = once(worker, 'exit')
      order({ kind: 'stop' })
      const timer = setTimeout(() => void worker?.terminate(), CLOSE_MS)
      await ended
      clearTimeout(timer)
    },
  }
}

const CLOSE_MS = 3000

const localScout = ({ engine, config, metrics, mayProve }: RunScoutDeps): RunningScout => {
  const { told, check } = newsKeeper(metrics)
  const marks = new Map<number, number>()
  const tell = (part: Partial<ScoutNews>): void => {
    const sum = marks.values().reduce((total, count) => total + count, 0)
    told({ scanned: 0, full: 0, failure: null, marks: sum, partitions: scout.active(), ...part })
  }
  const scout = startScout(
    scoutDeps(engine, config, mayProve, {
      scanned: (scanned) => tell({ scanned }),
      marks: (partition, count) => {
        marks.set(partition, count)
        tell({})
      },
      full: () => tell({ full: 1 }),
      failed: (what) => tell({ failure: what }),
    }),
  )
  return { check, behind: scout.behind, leave: scout.leave, close: scout.stop }
}
