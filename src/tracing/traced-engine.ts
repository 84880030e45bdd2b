import { originOf } from '../../consumers/events/origin.ts'
import type { Engine } from '../../consumers/ports/engine.ts'
import type { Log, LogBatch, LogRecord } from '../../consumers/ports/log.ts'
import type { ProjectionStore } from '../../consumers/ports/projection-store.ts'
import { nowMs, type Tracing } from './tracing.ts'

/**
 * An engine whose batches are traced: `events` is a batch of one partition, with `load`, `fold` and `write` for each part
 * that is applied at once, and `append` for dead letters and moved events. The fold waits for nothing, so it is what
 * lies between a load and the next call. An event that bears a sampled `traceparent` is a span in that trace too.
 */
export const tracedEngine = (engine: Engine, tracing: Tracing): Engine => ({
  ...engine,
  log: tracedLog(engine.log, tracing),
  store: tracedStore(engine.store, tracing),
})

const tracedLog = (log: Log, tracing: Tracing): Log => ({
  ...log,
  append: (records) => {
    tracing.endPart()
    return tracing.child('append', { 'pullgate.records': records.length }, () => log.append(records))
  },
  consume: (topic, group, handler) =>
    log.consume(topic, group, { ...handler, batch: (batch) => tracedBatch(batch, handler.batch, tracing) }),
})

const tracedBatch: <T>(batch: LogBatch, handle: (batch: LogBatch) => Promise<T>, tracing: Tracing) => Promise<T> = (
  batch,
  handle,
  tracing,
) => {
  const { partition, from, records } = batch
  // An idle partition's batches are empty.
  if (records.length === 0) return handle(batch)
  const attributes = { 'pullgate.partition': partition, 'pullgate.from': from, 'pullgate.records': records.length }
  return tracing.trace('events', attributes, async () => {
    const beganMs = nowMs()
    const result = await handle(batch).finally(tracing.endPart)
    for (const { traceparent, offset } of tracedEvents(records))
      tracing.remote(traceparent, 'event', { 'pullgate.partition': partition, 'pullgate.offset': offset }, beganMs)
    return result
  })
}

const MOST_EVENTS = 64
const NAME = Buffer.from('traceparent')

/** The first events of a batch that belong to a trace. A search of bytes comes first: only few events are parsed twice. */
const tracedEvents = (
  records: readonly LogRecord[],
): readonly { readonly traceparent: string; readonly offset: number }[] => {
  const found: { traceparent: string; offset: number }[] = []
  for (const record of records) {
    if (found.length === MOST_EVENTS) break
    if (!mayBearTrace(record)) continue
    const { traceparent } = originOf(record)
    if (traceparent !== null) found.push({ traceparent, offset: record.offset })
  }
  return found
}

const mayBearTrace = ({ headers, value }: LogRecord): boolean =>
  headers.some(([name]) => name.toLowerCase() === 'ce_traceparent') ||
  (value !== null && Buffer.from(value.buffer, value.byteOffset, value.byteLength).includes(NAME))

const tracedStore = (store: ProjectionStore, tracing: Tracing): ProjectionStore => ({
  ...store,
  writer: {
    ...store.writer,
    loadAt: async (generation, partition, ids, withAnswers) => {
      tracing.endPart()
      const load = () => store.writer.loadAt(generation, partition, ids, withAnswers)
      const loaded = await tracing.child('load', { 'pullgate.students': ids.length }, load)
      tracing.beginPart('fold')
      return loaded
    },
    apply: (write) => {
      tracing.endPart()
      const attributes = { 'pullgate.students': write.records.size }
      return tracing.child(
        'write',
        attributes,
        () => store.writer.apply(write),
        ({ kind }) => ({ 'pullgate.result': kind }),
      )
    },
  },
})
