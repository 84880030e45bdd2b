import { RESOLVED } from '../../projections/events/event.ts'
import type { Broken, Outcome } from '../../projections/sequence/incoming-record.ts'
import type { StudentId } from '../../projections/values/ids.ts'
import { decode } from '../events/decode.ts'
import type { Content } from '../events/decoded.ts'
import type { LogRecord } from '../ports/log.ts'
import { reroutedFrom, wasReroutedEarlier } from '../rerouting/reroute.ts'
import { type CheckpointMetadata, fingerprintOf } from '../stored/checkpoint-metadata.ts'
import { isKnown, NOTHING_REROUTED, withKnown } from '../stored/watermark.ts'
import type { StudentRecord } from './fold-student.ts'

/** A batch sorted out: what goes to the fold, what belongs elsewhere, what is counted at once. */
export type SortedBatch = {
  readonly shares: ReadonlyMap<StudentId, readonly StudentRecord[]>
  readonly misrouted: readonly Misrouted[]
  /** Publishers whose moved records are among these: a projection that is made anew knows of them at once. */
  readonly moved: ReadonlySet<string>
  readonly strays: readonly Broken[]
  readonly heartbeats: ReadonlyMap<string, number>
  readonly outcomes: readonly { readonly type: string; readonly outcome: Outcome }[]
  readonly metadata: CheckpointMetadata
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
): SortedBatch => {
  const shares = new Map<StudentId, StudentRecord[]>()
  const misrouted: Misrouted[] = []
  const strays: Broken[] = []
  const heartbeats = new Map<string, number>()
  const outcomes: { type: string; outcome: Outcome }[] = []
  const rerouted = new Map(metadata.rerouted)
  const moved = new Set<string>()

  for (const record of records) {
    const from = reroutedFrom(record, topic)
    if (from) {
      const known = rerouted.get(from.partition) ?? NOTHING_REROUTED
      if (isKnown(known, from.offset)) {
        outcomes.push({ type: 'none', outcome: 'duplicate' })
        continue
      }
      rerouted.set(from.partition, withKnown(known, from.offset))
    }
    const decoded = decode(record)
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
        if (from && decoded.source !== null) moved.add(decoded.source)
        const to = partitionOf(decoded.identifier)
        if (to !== record.partition)
          misrouted.push({
            record,
            identifier: decoded.identifier,
            to,
            source: decoded.source,
            type: typeOf(decoded.content),
          })
        else {
          const share = shares.get(decoded.identifier) ?? []
          shares.set(decoded.identifier, share)
          share.push({ content: decoded.content, rerouted: from !== null || wasReroutedEarlier(record) })
        }
      }
    }
  }
  const record = records.at(-1)
  const last = record ? { offset: record.offset, fingerprint: fingerprintOf(record) } : metadata.last
  return { shares, misrouted, moved, strays, heartbeats, outcomes, metadata: { ...metadata, last, rerouted } }
}

const typeOf = (content: Content): string => {
  if (content.kind === 'broken') return content.type
  return content.kind === 'event' ? (content.event.fact?.type ?? 'unknown') : RESOLVED
}
