import type { Log } from '../../consumers/ports/log.ts'
import type { ProjectionStore } from '../../consumers/ports/projection-store.ts'
import type { Observe } from './histogram.ts'
import type { Metrics } from './metrics.ts'

type Health = { readonly answered: Observe; readonly failed: () => void }

const health = (
  metrics: Metrics,
  up: 'pullgate_log_up' | 'pullgate_store_up',
  answered: Observe,
  count: () => void,
): Health => {
  let isUp = false
  metrics.onScrape(() => metrics.set(up, {}, isUp ? 1 : 0))
  return {
    answered: (seconds) => {
      isUp = true
      answered(seconds)
    },
    failed: () => {
      isUp = false
      count()
    },
  }
}

const timed =
  <A extends readonly unknown[]>(call: (...args: A) => Promise<unknown>, { answered, failed }: Health) =>
  (...args: A) => {
    const began = performance.now()
    const result = call(...args)
    result.then(() => answered((performance.now() - began) / 1000), failed)
    return result
  }

/** The log with metrics for its replies; its behaviour is unchanged. */
export const measuredLog = (log: Log, metrics: Metrics): Log => {
  const lookUp = health(metrics, 'pullgate_log_up', metrics.observer('pullgate_log_request_seconds'), () =>
    metrics.add('pullgate_log_failures_total', { operation: 'end_offsets' }),
  )
  const append: Log['append'] = (records) => {
    const result = log.append(records)
    result.catch(() => metrics.add('pullgate_log_failures_total', { operation: 'append' }))
    return result
  }
  return {
    ...log,
    append,
    ends: timed(log.ends, lookUp) as Log['ends'],
    endOffsets: timed(log.endOffsets, lookUp) as Log['endOffsets'],
  }
}

/** The store with metrics for its replies to the calls that a pull or a batch waits for. */
export const measuredStore = (store: ProjectionStore, metrics: Metrics): ProjectionStore => {
  const { reader, writer } = store
  const own = health(metrics, 'pullgate_store_up', metrics.observer('pullgate_store_request_seconds'), () =>
    metrics.add('pullgate_store_failures_total'),
  )
  return {
    ...store,
    reader: {
      ...reader,
      student: timed(reader.student, own) as typeof reader.student,
      byCustom: timed(reader.byCustom, own) as typeof reader.byCustom,
      heartbeats: timed(reader.heartbeats, own) as typeof reader.heartbeats,
    },
    writer: {
      ...writer,
      apply: timed(writer.apply, own) as typeof writer.apply,
      lease: timed(writer.lease, own) as typeof writer.lease,
    },
  }
}
