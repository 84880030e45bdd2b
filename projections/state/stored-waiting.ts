import type { Envelope } from '../events/event.ts'
import { decodeNumber, encodeNumber, type StoredNumber } from './stored-number.ts'
import type { ForeignEvent, Waiting } from './student.ts'

/** The stored form of an event that waits: its fact as it was decoded. */
export type StoredWaiting = {
  readonly k: Waiting['kind']
  readonly e: Omit<ForeignEvent, 'envelope'>
  readonly v: Omit<Envelope, 'sequence'>
  readonly n: StoredNumber | null
}

export const encodeWaiting = ({ kind, event: { envelope, ...event } }: Waiting): StoredWaiting => {
  const { sequence, ...rest } = envelope
  return { k: kind, e: event as Omit<ForeignEvent, 'envelope'>, v: rest, n: encodeNumber(sequence) }
}

export const decodeWaiting = ({ k, e, v, n }: StoredWaiting): Waiting => ({
  kind: k,
  event: { ...e, envelope: { ...v, sequence: decodeNumber(n) } },
})
