import type { ProjectionWriter } from '../projections/store.ts'
import { decodeTail } from './checkpoint.ts'
import type { Log } from './log.ts'
import { reroutedFrom } from './reroute.ts'

/**
 * Up to which offset the records of one partition lie rerouted in another already; −1 where none does. What the target's
 * checkpoint covers stands in its watermark; the rest of its log is read once, however many partitions ask.
 */
export type ReroutedAlready = (from: number, to: number) => Promise<number>

export const reroutedAlready = (
  log: Pick<Log, 'endOffsets' | 'read'>,
  store: Pick<ProjectionWriter, 'checkpoint'>,
  topic: string,
  generation: () => number,
): ReroutedAlready => {
  const scans = new Map<string, Promise<ReadonlyMap<number, number>>>()

  const scan = async (to: number): Promise<ReadonlyMap<number, number>> => {
    const checkpoint = await store.checkpoint(generation(), to)
    const highest = new Map(checkpoint ? decodeTail(checkpoint.tail).rerouted : [])
    const end = (await log.endOffsets(topic, [to])).get(to) ?? 0
    for (let at = checkpoint?.next ?? 0; at < end; ) {
      const batch = await log.read(topic, to, at, { waitMs: 1000 })
      if (!batch || batch.next === at) break
      for (const record of batch.records) {
        const from = reroutedFrom(record, topic)
        if (from) highest.set(from.partition, Math.max(highest.get(from.partition) ?? -1, from.offset))
      }
      at = batch.next
    }
    return highest
  }

  return async (from, to) => {
    const key = `${generation()}:${to}`
    const known = scans.get(key) ?? scan(to)
    scans.set(key, known)
    known.catch(() => scans.delete(key))
    return (await known).get(from) ?? -1
  }
}
