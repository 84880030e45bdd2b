import { createHash } from 'node:crypto'
import type { Policy } from '../../projections/fees/policy.ts'
import { FOLD_VERSION } from '../../projections/state/state.ts'
import type { LogRecord } from '../ports/log.ts'
import type { Watermark } from './watermark.ts'

/**
 * The metadata of a checkpoint: what the projection must know of the log and of itself beside the next offset. It is
 * stored as one line, `<signature> <log identity> <JSON>`. One comparison tells a reader whether these are its
 * answers, and whether they come from the log whose end it knows.
 */
export type CheckpointMetadata = {
  readonly signature: string
  /** The log that was applied, as `Log.ends` names it. */
  readonly identity: string
  /** The last record that was applied, if any: the log goes on only where it still says this. */
  readonly last: { readonly offset: number; readonly fingerprint: string } | null
  /** For each partition that records were rerouted from: which of them came here. */
  readonly rerouted: ReadonlyMap<number, Watermark>
}

/** Which log the finished answers are of, and what they depend on beside it. Records under another signature are never read. */
export const signatureOf = (policy: Policy, timezone: string, topic: string, partitions: number): string =>
  [
    'v',
    FOLD_VERSION,
    policy.balance_basis,
    policy.paid_instalments,
    policy.pending_payments ?? 'count',
    timezone,
    topic,
    partitions,
  ].join(':')

export const newMetadata = (signature: string, identity: string): CheckpointMetadata => {
  return { signature, identity, last: null, rerouted: new Map() }
}

export const encodeMetadata = ({ signature, identity, last, rerouted }: CheckpointMetadata): string => {
  const place = last && [last.offset, last.fingerprint]
  const known = Array.from(rerouted, ([partition, { floor, above }]) => [partition, floor, ...above])
  return `${signature} ${identity} ${JSON.stringify({ last: place, rerouted: known })}`
}

export const hasSignature = (metadata: string, signature: string): boolean =>
  metadata.startsWith(signature) && metadata[signature.length] === ' '

/** The fold's version in a signature: of two that differ, which is the newer. */
export const foldVersionIn = (signature: string): number => Number(signature.split(':')[1])

export const signatureIn = (metadata: string): string => metadata.slice(0, Math.max(0, metadata.indexOf(' ')))

/** Whether the checkpoint is one of this very log. */
export const hasIdentity = (metadata: string, identity: string): boolean => {
  const at = metadata.indexOf(' ') + 1
  return at > 0 && metadata.startsWith(identity, at) && metadata[at + identity.length] === ' '
}

export const decodeMetadata = (text: string): CheckpointMetadata => {
  const [first, second] = [text.indexOf(' '), text.indexOf(' ', text.indexOf(' ') + 1)]
  const { last, rerouted } = JSON.parse(text.slice(second + 1)) as {
    last: [number, string] | null
    rerouted: [partition: number, floor: number, ...above: number[]][]
  }
  return {
    signature: text.slice(0, first),
    identity: text.slice(first + 1, second),
    last: last && { offset: last[0], fingerprint: last[1] },
    rerouted: new Map(rerouted.map(([partition, floor, ...above]) => [partition, { floor, above }])),
  }
}

/** Key, value and timestamp of a record, hashed: a recreated log does not say the same at the same offset. */
export const fingerprintOf = (record: LogRecord): string =>
  createHash('sha1')
    .update(`${record.timestampMs}:${record.key?.length ?? -1}:${record.value?.length ?? -1}:`)
    .update(record.key ?? '')
    .update(record.value ?? '')
    .digest('base64url')
    .slice(0, 16)
