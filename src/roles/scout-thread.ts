/** Runs the scout beside the thread that folds: see `scout.ts`. */
import { parentPort, workerData } from 'node:worker_threads'
import { startScout } from '../../consumers/scout/scout.ts'
import { stderrLog } from '../logging.ts'
import { openEngine } from './open-engine.ts'
import { scoutDeps } from './scout-deps.ts'
import type { ScoutData, ScoutNews, ScoutOrder } from './scout-messages.ts'

/** Often enough for a scrape, and seldom enough to cost nothing. */
const TELL_MS = 200

const { config, mayProve, unpacked } = workerData as ScoutData
const engine = openEngine(config, 'projector', stderrLog('silent'), 'beside', unpacked)
const marks = new Map<number, number>()
let [scanned, full] = [0, 0]
let failure: string | null = null
let told = ''

const scout = startScout(
  scoutDeps(engine, config, () => Atomics.load(mayProve, 0) === 1, {
    scanned: (records) => {
      scanned += records
    },
    marks: (partition, count) => void marks.set(partition, count),
    full: () => {
      full += 1
    },
    failed: (what, error) => {
      failure = `${what}: ${error instanceof Error ? error.name : typeof error}`
    },
  }),
)

const tell = (): void => {
  const partitions = scout.active()
  const sum = marks.values().reduce((total, count) => total + count, 0)
  const news: ScoutNews = { scanned, full, marks: sum, partitions, failure }
  const text = JSON.stringify(news)
  if (text === told) return
  parentPort!.postMessage(news)
  ;[scanned, full, failure] = [0, 0, null]
  told = JSON.stringify({ ...news, scanned, full, failure })
}
const telling = setInterval(tell, TELL_MS)

parentPort!.on('message', (order: ScoutOrder) => {
  if (order.kind !== 'stop') return scout[order.kind](order.partition)
  clearInterval(telling)
  void scout
    .stop()
    .then(engine.close)
    .finally(() => parentPort!.close())
})
