import type { Envelope } from '../events/event.ts'

/**
 * The last accepted events of a student, as one text of entries `~<identity><content>@<source's number>:<sequence>;`.
 * Identity and content are hashes of fixed length without these marks, so every question is one search of the text, and
 * storing or reading it costs no parsing: it is the largest part of a busy student's state.
 */
export type Seen = { readonly text: string; readonly count: number }

export const NOTHING_SEEN: Seen = { text: '', count: 0 }

/** Older ones are forgotten. */
export const MAX_SEEN = 256

type Known = Pick<Envelope, 'identity' | 'content'>

export const sawEvent = (seen: Seen, { identity, content }: Known): boolean =>
  seen.text.includes(`~${identity}${content}@`)

export const sawIdentity = (seen: Seen, identity: string): boolean => seen.text.includes(`~${identity}`)

/** @param sourceNumber the source's position among the student's sources, which never changes */
export const sawSequence = (seen: Seen, sourceNumber: number, sequence: bigint): boolean =>
  seen.text.includes(`@${sourceNumber}:${sequence};`)

export const see = (seen: Seen, { identity, content }: Known, sourceNumber: number, sequence: bigint | null): Seen => {
  const text = `${seen.text}~${identity}${content}@${sourceNumber}:${sequence ?? ''};`
  if (seen.count < MAX_SEEN) return { text, count: seen.count + 1 }
  return { text: text.slice(text.indexOf('~', 1)), count: seen.count }
}

/** It was accepted too early: as if it had never been seen. */
export const unsee = (seen: Seen, { identity, content }: Known): Seen => {
  const start = seen.text.indexOf(`~${identity}${content}@`)
  if (start < 0) return seen
  const end = seen.text.indexOf(';', start) + 1
  return { text: seen.text.slice(0, start) + seen.text.slice(end), count: seen.count - 1 }
}
