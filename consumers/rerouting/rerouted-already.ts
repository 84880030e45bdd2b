import { type Log, topicOf } from '../ports/log.ts'
import type { ProjectionWriter } from '../ports/store.ts'
import { decodeMetadata } from '../stored/checkpoint-metadata.ts'
import { isKnown, NOTHING_REROUTED, type Watermark, withKnown } from '../stored/watermark.ts'
import { reroutedFrom } from './reroute.ts'

/**
 * Whether a record lies rerouted in its right partition already. What the target's checkpoint covers stands in its
 * metadata; the rest of its log is read once, however many partitions ask, and from then
 * on what was added.
 */
export type ReroutedAlready = (
  record: { readonly partition: number; readonly offset: number; readonly identity: string },
  to: number,
) => Promise<boolean>

/** `come`: by the partition that they came from. */
type Scan = { at: number; identity: string; readonly come: Map<number, Watermark> }

export const reroutedAlready = (
  log: Pick<Log, 'ends' | 'startOffsets' | 'read'>,
  store: Pick<ProjectionWriter, 'checkpoint'>,
  topic: string,
  generation: () => Promise<number>,
): ReroutedAlready => {
  const scans = new Map<number, Scan>()
  const turns = new Map<number, Promise<unknown>>()

  /** Of a log that was made anew nothing is known, whatever the checkpoint says about its former. */
  const begin = async (to: number, identity: string): Promise<Scan> => {
    const checkpoint = await store.checkpoint(await generation(), to)
    const metadata = checkpoint && decodeMetadata(checkpoint.metadata)
    if (checkpoint && metadata && topicOf(metadata.identity) === topicOf(identity))
      return { at: checkpoint.next, identity, come: new Map(metadata.rerouted) }
    return { at: (await log.startOffsets(topic, [to])).get(to) ?? 0, identity, come: new Map() }
  }

  const scan = async (to: number): Promise<Scan> => {
    const end = (await log.ends(topic, [to])).get(to)
    if (end === undefined) throw new Error(`the log does not tell the end of partition ${to}`)
    const before = scans.get(to)
    const known = before?.identity === end.identity ? before : await begin(to, end.identity)
    scans.set(to, known)
    while (known.at < end.next) {
      const batch = await log.read(topic, to, known.at, { waitMs: 1000 })
      if (!batch || batch.next === known.at) break
      for (const record of batch.records) {
        const from = reroutedFrom(record, topic)
        if (from)
          known.come.set(from.partition, withKnown(known.come.get(from.partition) ?? NOTHING_REROUTED, from.offset))
      }
      known.at = batch.next
    }
    return known
  }

  return async ({ partition, offset, identity }, to) => {
    const isIn = ({ come }: Scan): boolean => isKnown(come.get(partition) ?? NOTHING_REROUTED, offset)
    const known = scans.get(to)
    if (known && topicOf(known.identity) === topicOf(identity) && isIn(known)) return true
    const scanned = (turns.get(to) ?? Promise.resolve()).then(() => scan(to))
    turns.set(
      to,
      scanned.catch(() => {}),
    )
    return isIn(await scanned)
  }
}
