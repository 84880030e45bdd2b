/**
 * Appends records idempotently: one queue for each partition, with one batch in flight. A batch with an unknown outcome
 * is sent again byte for byte with the same sequence number until its deadline. The broker then answers with the
 * batch's existing offset.
 *
 * After a failure a queue takes a new producer id and never reuses a sequence number. Under the old id the broker would
 * take new records for a repetition and acknowledge records that it does not write.
 *
 * | state of a queue | event                       | next state                                     |
 * |------------------|-----------------------------|------------------------------------------------|
 * | idle             | a record                    | sending                                        |
 * | sending          | acknowledged                | sending the next batch, or idle                |
 * | sending          | refused as too large        | sending smaller batches; one record is refused |
 * | sending          | failed, or the time is over | sending under a new producer id, or idle       |
 */

import type { Log, NewRecord, Position } from '../../consumers/ports/log.ts'
import { LogError } from '../../consumers/ports/log-error.ts'
import type { Brokers } from './leader.ts'
import { type Producer, recordBytesAtMost } from './protocol/write-batch.ts'
import { sendBatch } from './send-batch.ts'

/** One `append` until it is settled. */
type Call = {
  readonly positions: Position[]
  readonly untilMs: number
  left: number
  failed: boolean
  readonly resolve: (positions: readonly Position[]) => void
  readonly reject: (error: unknown) => void
}

type QueuedRecord = { readonly record: NewRecord; readonly bytes: number; readonly index: number; readonly call: Call }

type AppendQueue = {
  readonly topic: string
  readonly partition: number
  readonly queue: QueuedRecord[]
  maxBatchBytes: number
  busy: boolean
  producer: Producer | null
  sequence: number
}

/**
 * Half of the smallest usual `max.message.bytes`; a topic with a lower limit refuses the batch, which is then divided.
 */
const BATCH_BYTES = 512 * 1024
const QUEUED_BYTES_AT_MOST = 64 * 1024 * 1024
const SEQUENCES = 2 ** 31

export const logAppender = (brokers: Brokers, deadlineMs: number): Log['append'] => {
  const appendQueues = new Map<string, AppendQueue>()
  let queuedBytes = 0

  const laneOf = ({ topic, partition }: NewRecord): AppendQueue => {
    const key = `${topic}/${partition}`
    const known = appendQueues.get(key)
    if (known !== undefined) return known
    const queue: QueuedRecord[] = []
    const appendQueue = {
      topic,
      partition,
      queue,
      maxBatchBytes: BATCH_BYTES,
      busy: false,
      producer: null,
      sequence: 0,
    }
    appendQueues.set(key, appendQueue)
    return appendQueue
  }

  const pump = async (appendQueue: AppendQueue): Promise<void> => {
    if (appendQueue.busy) return
    appendQueue.busy = true
    while (appendQueue.queue.length > 0) {
      const items = takeBatch(appendQueue)
      if (items.length > 0) await settle(appendQueue, items)
      for (const { bytes } of items) queuedBytes -= bytes
    }
    appendQueue.busy = false
  }

  /** The next records of calls that can still succeed, up to the size of a batch. */
  const takeBatch = (appendQueue: AppendQueue): QueuedRecord[] => {
    const items: QueuedRecord[] = []
    let bytes = 0
    let taken = 0
    for (; taken < appendQueue.queue.length; taken++) {
      const item = appendQueue.queue[taken]!
      if (items.length > 0 && bytes + item.bytes > appendQueue.maxBatchBytes) break
      if (item.call.untilMs < performance.now()) fail(item.call, new LogError('unavailable', 'append: waited too long'))
      if (item.call.failed) queuedBytes -= item.bytes
      else {
        items.push(item)
        bytes += item.bytes
      }
    }
    appendQueue.queue.splice(0, taken)
    return items
  }

  const settle = async (appendQueue: AppendQueue, items: readonly QueuedRecord[]): Promise<void> => {
    try {
      const sent = await sendBatch(
        brokers,
        appendQueue,
        items.map(({ record }) => record),
        items[0]!.call.untilMs - performance.now(),
      )
      appendQueue.producer = sent.producer
      if (sent.kind === 'too-large') return divide(appendQueue, items)
      appendQueue.sequence = (sent.sequence + items.length) % SEQUENCES
      items.forEach((item, index) => {
        acknowledge(item, { partition: appendQueue.partition, offset: sent.baseOffset + index })
      })
    } catch (error) {
      appendQueue.producer = null
      for (const { call } of items) fail(call, error)
    }
  }

  /** The topic accepts only smaller batches; a single record that is too large is refused. */
  const divide = (appendQueue: AppendQueue, items: readonly QueuedRecord[]): void => {
    const [first] = items
    if (items.length === 1) {
      fail(
        first!.call,
        new LogError('refused', `append: a record of ${first!.bytes} bytes is too large for ${appendQueue.topic}`),
      )
      return
    }
    appendQueue.maxBatchBytes = Math.ceil(items.reduce((sum, { bytes }) => sum + bytes, 0) / 2)
    for (const { bytes } of items) queuedBytes += bytes
    appendQueue.queue.unshift(...items)
  }

  return (records) =>
    new Promise((resolve, reject) => {
      if (records.length === 0) return resolve([])
      const sizes = records.map(recordBytesAtMost)
      const bytes = sizes.reduce((sum, size) => sum + size, 0)
      if (queuedBytes > 0 && queuedBytes + bytes > QUEUED_BYTES_AT_MOST)
        return reject(new LogError('unavailable', 'append: too much is waiting for the log'))
      queuedBytes += bytes
      const untilMs = performance.now() + deadlineMs
      const call: Call = { positions: [], untilMs, left: records.length, failed: false, resolve, reject }
      const touched = new Set<AppendQueue>()
      records.forEach((record, index) => {
        const appendQueue = laneOf(record)
        appendQueue.queue.push({ record, bytes: sizes[index]!, index, call })
        touched.add(appendQueue)
      })
      for (const appendQueue of touched) void pump(appendQueue)
    })
}

const acknowledge = ({ call, index }: QueuedRecord, position: Position): void => {
  call.positions[index] = position
  if (--call.left === 0) call.resolve(call.positions)
}

const fail = (call: Call, error: unknown): void => {
  call.failed = true
  call.reject(error)
}
