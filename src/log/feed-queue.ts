import type { LogBatch } from '../../consumers/ports/log.ts'
import type { PartitionQueue } from './partition-queue.ts'
import type { Pause } from './pause.ts'
import { unpackedAlready } from './waiting-batch.ts'

/** One partition's available records; `null` where the offset is out of range. */
export type LocalSource = { readonly read: (from: number, maxBytes: number) => LogBatch | null }

export type LocalDeps = {
  /** By number; one for each current partition of the topic. */
  readonly partitions: () => readonly LocalSource[]
  readonly batchBytes: number
  readonly isDown: () => boolean
  readonly pause: Pause
  /** A handler rejected a call, which is repeated. */
  readonly failed: (partition: number, what: string, error: unknown) => void
}

/** Reads available records into the queue, as many as it requests. */
export const feedQueue = (queue: PartitionQueue, { partitions, batchBytes, isDown }: LocalDeps): void => {
  const source = partitions()[queue.partition]
  if (isDown()) return
  for (let ask = queue.ask(); source !== undefined && typeof ask === 'object'; ask = queue.ask()) {
    const batch = source.read(ask.offset, batchBytes)
    if (batch === null) queue.outOfRange(ask.epoch)
    else if (batch.next === batch.from) return
    else queue.fetched(ask.epoch, { ...batch, unpack: unpackedAlready(batch), bytes: batchBytes })
  }
}
