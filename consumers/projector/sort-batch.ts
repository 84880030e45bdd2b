import { RESOLVED } from '../../projections/events/event.ts'
import type { Broken, Outcome } from '../../projections/sequence/incoming-record.ts'
import type { StudentId } from '../../projections/values/ids.ts'
import { decodedOf } from '../events/decode-in-turns.ts'
import type { Content } from '../events/decoded.ts'
import { type LogRecord, type Position, topicOf } from '../ports/log.ts'
import { reroutedCopies } from '../rerouting/believed.ts'
import { NO_ORIGINALS, type Originals } from '../rerouting/originals.ts'
import { wasReroutedEarlier } from '../rerouting/reroute.ts'
import { type CheckpointMetadata, fingerprintOf } from '../stored/checkpoint-metadata.ts'
import type { StudentRecord } from './fold-student.ts'

/** A batch sorted out: what goes to the fold, what belongs elsewhere, what is counted at once. */
export type SortedBatch = {
  readonly shares: ReadonlyMap<StudentId, readonly StudentRecord[]>
  readonly misrouted: readonly Misrouted[]
  /**
   * Publishers whose moved records are among these, with the time of the youngest: a projection that is made anew knows
   * of them at once.
   */
  readonly moved: ReadonlyMap<string, number>
  readonly strays: readonly Broken[]
  readonly heartbeats: ReadonlyMap<string, number>
  readonly outcomes: readonly { readonly type: string; readonly outcome: Outcome }[]
  readonly metadata: CheckpointMetadata
  /** Originals that have to be read, and handed in, before this counts. */
  readonly unread: readonly Position[]
}

export type Misrouted = {
  readonly record: LogRecord
  readonly identifier: StudentId
  readonly to: number
  readonly source: string | null
  /** For counting: one of ours, else `unknown`. */
  readonly type: string
}

export const sortBatch = (
  records: readonly LogRecord[],
  metadata: CheckpointMetadata,
  topic: string,
  partitionOf: (identifier: StudentId) => number,
  originals: Originals = NO_ORIGINALS,
): SortedBatch => {
  const shares = new Map<StudentId, StudentRecord[]>()
  const misrouted: Misrouted[] = []
  const strays: Broken[] = []
  const heartbeats = new Map<string, number>()
  const outcomes: { type: string; outcome: Outcome }[] = []
  const moved = new Map<string, number>()

  const here = records[0]?.partition
  const copies = reroutedCopies(
    metadata.rerouted,
    { name: topic, id: topicOf(metadata.identity) },
    (identifier) => partitionOf(identifier) === here,
    originals,
  )

  for (const record of records) {
    const decoded = decodedOf(record)
    switch (decoded.kind) {
      case 'tombstone':
        outcomes.push({ type: 'none', outcome: 'ignored' })
        break
      case 'foreign':
        outcomes.push({ type: 'unknown', outcome: 'ignored' })
        break
      case 'heartbeat':
        outcomes.push({ type: 'erp.heartbeat.v1', outcome: 'applied' })
        heartbeats.set(decoded.source, Math.max(heartbeats.get(decoded.source) ?? 0, record.timestampMs))
        break
      case 'stray':
        outcomes.push({ type: decoded.broken.type, outcome: 'poison' })
        strays.push(decoded.broken)
        break
      case 'student': {
        const { identifier, source, content } = decoded
        const to = partitionOf(identifier)
        if (to !== record.partition) {
          misrouted.push({ record, identifier, to, source, type: typeOf(content) })
          break
        }
        const from = copies.originOf(record, identifier)
        if (from !== null && !copies.isFirst(from)) {
          outcomes.push({ type: 'none', outcome: 'duplicate' })
          break
        }
        if (from !== null && source !== null) moved.set(source, Math.max(moved.get(source) ?? 0, record.timestampMs))
        const share = shares.get(identifier) ?? []
        shares.set(identifier, share)
        share.push({ content, rerouted: from !== null || wasReroutedEarlier(record) })
      }
    }
  }
  const record = records.at(-1)
  const last = record ? { offset: record.offset, fingerprint: fingerprintOf(record) } : metadata.last
  const { come: rerouted, unread } = copies
  return { shares, misrouted, moved, strays, heartbeats, outcomes, metadata: { ...metadata, last, rerouted }, unread }
}

const typeOf = (content: Content): string => {
  if (content.kind === 'broken') return content.type
  return content.kind === 'event' ? (content.event.fact?.type ?? 'unknown') : RESOLVED
}
