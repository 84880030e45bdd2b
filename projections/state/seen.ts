import type { Envelope } from '../events/event.ts'
import type { Instant } from '../values/ids.ts'
import { packMoment, unpackMoment } from '../values/moment.ts'

/**
 * The last accepted events of a student, as one text of entries `~<identity><content>.<source's
 * id>:<sequence>@<moment>`. Identity and content are hashes of fixed length. Hashes, base-36 numbers and moments hold
 * none of the separators, so every query is one text search, and storing or reading needs no parsing. It is the largest
 * part of a busy student's state, about 27 bytes an event.
 */
export type Seen = { readonly text: string; readonly count: number }

export const NOTHING_SEEN: Seen = { text: '', count: 0 }

/** Older ones are forgotten. */
export const MAX_SEEN = 256

type SeenEvent = Pick<Envelope, 'identity' | 'content'>

/** An event whose id is remembered no more: of which source it was, and when it happened. */
export type Forgotten = { readonly sourceId: number; readonly at: Instant }

export const sawEvent = (seen: Seen, { identity, content }: SeenEvent): boolean =>
  seen.text.includes(`~${identity}${content}.`)

export const sawIdentity = (seen: Seen, identity: string): boolean => seen.text.includes(`~${identity}`)

export const sawSequence = (seen: Seen, sourceId: number, sequence: bigint): boolean =>
  seen.text.includes(`.${base36(sourceId)}:${base36(sequence)}@`)

const base36 = (number: number | bigint): string => number.toString(36)

/** @param at the event's time, as used by the lateness rule */
export const see = (
  seen: Seen,
  { identity, content }: SeenEvent,
  sourceId: number,
  sequence: bigint | null,
  at: Instant,
): { readonly seen: Seen; readonly forgotten: Forgotten | null } => {
  const number = sequence === null ? '' : base36(sequence)
  const text = `${seen.text}~${identity}${content}.${base36(sourceId)}:${number}@${packMoment(at)}`
  if (seen.count < MAX_SEEN) return { seen: { text, count: seen.count + 1 }, forgotten: null }
  const end = text.indexOf('~', 1)
  return { seen: { text: text.slice(end), count: seen.count }, forgotten: readForgotten(text.slice(1, end)) }
}

const readForgotten = (entry: string): Forgotten => {
  const [source, number, at] = [entry.indexOf('.'), entry.indexOf(':'), entry.indexOf('@')]
  return { sourceId: Number.parseInt(entry.slice(source + 1, number), 36), at: unpackMoment(entry.slice(at + 1)) }
}

/** It was accepted too early: as if it had never been seen. */
export const unsee = (seen: Seen, { identity, content }: SeenEvent): Seen => {
  const start = seen.text.indexOf(`~${identity}${content}.`)
  if (start < 0) return seen
  const next = seen.text.indexOf('~', start + 1)
  return { text: seen.text.slice(0, start) + (next < 0 ? '' : seen.text.slice(next)), count: seen.count - 1 }
}
