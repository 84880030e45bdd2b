import { type Log, topicOf } from '../ports/log.ts'
import { LogError } from '../ports/log-error.ts'
import type { ProjectionWriter } from '../ports/store.ts'
import { decodeMetadata } from '../stored/checkpoint-metadata.ts'
import { isKnown, NOTHING_REROUTED, type Watermark } from '../stored/watermark.ts'
import { digestOf, originalKey } from './originals.ts'
import { reroutedMark } from './reroute.ts'

/**
 * Whether a record is already rerouted on its right partition. The target's checkpoint metadata covers the applied
 * part. The rest of the log is read once for all partitions, then only additions.
 */
export type ReroutedAlready = (
  record: {
    readonly partition: number
    readonly offset: number
    readonly identity: string
    readonly value: Uint8Array | null
  },
  to: number,
) => Promise<boolean>

/**
 * `covered`: what the checkpoint knows, by the partition that they came from. `found`: what was read since, with the
 * digest of a copy that bears no topic's id; it counts for an original of the same value only.
 */
type Scan = {
  at: number
  identity: string
  readonly covered: ReadonlyMap<number, Watermark>
  readonly found: Map<string, string>
}

export const reroutedAlready = (
  log: Pick<Log, 'ends' | 'startOffsets' | 'read'>,
  store: Pick<ProjectionWriter, 'checkpoint'>,
  topic: string,
  generation: () => Promise<number>,
): ReroutedAlready => {
  const scans = new Map<number, Scan>()
  const turns = new Map<number, Promise<unknown>>()

  /** For a recreated log nothing is known, whatever the checkpoint says about the former log. */
  const begin = async (to: number, identity: string): Promise<Scan> => {
    const checkpoint = await store.checkpoint(await generation(), to)
    const metadata = checkpoint && decodeMetadata(checkpoint.metadata)
    if (checkpoint && metadata && topicOf(metadata.identity) === topicOf(identity))
      return { at: checkpoint.next, identity, covered: metadata.rerouted, found: new Map() }
    return { at: (await log.startOffsets(topic, [to])).get(to) ?? 0, identity, covered: new Map(), found: new Map() }
  }

  const scan = async (to: number): Promise<Scan> => {
    const end = (await log.ends(topic, [to])).get(to)
    if (end === undefined) throw new LogError('unavailable', `the log does not tell the end of partition ${to}`)
    const before = scans.get(to)
    const known = before?.identity === end.identity ? before : await begin(to, end.identity)
    scans.set(to, known)
    while (known.at < end.next) {
      const batch = await log.read(topic, to, known.at, { waitMs: 1000 })
      if (!batch || batch.next === known.at) break
      for (const record of batch.records) {
        const mark = reroutedMark(record, topic, topicOf(known.identity))
        if (mark !== null) known.found.set(originalKey(mark.from), mark.named ? NAMED : digestOf(record))
      }
      known.at = batch.next
    }
    return known
  }

  return async ({ partition, offset, identity, value }, to) => {
    const isIn = ({ covered, found }: Scan): boolean => {
      const copy = found.get(originalKey({ partition, offset }))
      if (copy === NAMED || (copy !== undefined && copy === digestOf({ value }))) return true
      return isKnown(covered.get(partition) ?? NOTHING_REROUTED, offset)
    }
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

/** No digest. */
const NAMED = ''
