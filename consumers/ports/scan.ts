import type { Log, LogBatch } from './log.ts'
import { LogError } from './log-error.ts'

/** How often nothing may come before the scan gives up, at a second each. */
const PATIENCE = 8
const MAX_BYTES = 4 * 1024 * 1024

/**
 * The committed records of a partition from `from` up to `end`, batch by batch; the next one is on its way while one is
 * worked on. Whoever reads a log to a known end wants all of it: what cannot be read is a `LogError`, never a short answer.
 */
export async function* scan(
  log: Pick<Log, 'read'>,
  topic: string,
  partition: number,
  from: number,
  end: number,
  maxBytes = MAX_BYTES,
): AsyncGenerator<LogBatch> {
  let ahead = from < end ? readSome(log, topic, partition, from, maxBytes) : null
  while (ahead !== null) {
    const batch = await ahead
    ahead = batch.next < end ? readSome(log, topic, partition, batch.next, maxBytes) : null
    // A rejection is this generator's own: it comes up when the batch is asked for.
    ahead?.catch(() => {})
    yield batch.next <= end ? batch : { ...batch, records: batch.records.filter(({ offset }) => offset < end) }
  }
}

const readSome = async (
  log: Pick<Log, 'read'>,
  topic: string,
  partition: number,
  from: number,
  maxBytes: number,
): Promise<LogBatch> => {
  for (let empty = 0; empty < PATIENCE; empty += 1) {
    const batch = await log.read(topic, partition, from, { maxBytes, waitMs: 1000 })
    if (batch === null) throw new LogError('refused', `partition ${partition} of ${topic} does not reach to ${from}`)
    if (batch.next > from) return batch
  }
  throw new LogError(
    'unavailable',
    `partition ${partition} of ${topic} cannot be read beyond ${from}: perhaps an open transaction lies there`,
  )
}
