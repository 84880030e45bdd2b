import type { Scouted, ScoutProof } from '../../consumers/ports/scouted.ts'
import type { Checkpoint, CustomEntry, Proof } from '../../consumers/ports/store.ts'
import type { StudentId } from '../../projections/values/ids.ts'

/** What a checkpoint key holds once its generation is removed. */
export const retiredMark = 'retired'

export const encodeCheckpoint = ({ next, metadata }: Checkpoint): string => `${next} ${metadata}`

/** `null` too for a retired generation: nothing is projected there. */
export const decodeCheckpoint = (stored: string | null): Checkpoint | null => {
  if (stored === null || stored === retiredMark) return null
  const space = stored.indexOf(' ')
  return { next: Number(stored.slice(0, space)), metadata: stored.slice(space + 1) }
}

export const encodeLease = ({ next, provenAtMs }: Proof): string => `${next} ${provenAtMs}`

/** A lease ahead of its checkpoint proves nothing: the store lost writes under it. */
export const decodeLease = (stored: string | null, checkpoint: Checkpoint | null): Proof | null => {
  if (stored === null || checkpoint === null) return null
  const [next, provenAtMs] = stored.split(' ').map(Number) as [number, number]
  return next > checkpoint.next ? null : { next, provenAtMs }
}

/**
 * A NUL ends the custom identifier: an identifier never holds one, so the last NUL parts the two whatever the custom
 * identifier holds.
 */
export const customMember = ({ custom, identifier }: CustomEntry): string => `${custom}\0${identifier}`

/** The lexicographic range of everything that begins with `<custom>\0`. */
export const customRange = (custom: string): readonly [min: string, max: string] => [`[${custom}\0`, `(${custom}\x01`]

/** Longer custom identifiers that hold a NUL themselves lie in the same range and are left out here. */
export const identifiersOf = (custom: string, members: readonly string[]): readonly StudentId[] =>
  members
    .filter((member) => member.lastIndexOf('\0') === custom.length)
    .map((member) => member.slice(custom.length + 1) as StudentId)

/** As src/redis/lua/scout.lua writes it. */
export const decodeScouted = (stored: string | null): Scouted | null => {
  if (stored === null) return null
  const [identity, ...numbers] = stored.split(' ')
  const [from, upTo, everybody, misrouted] = numbers.map(Number) as [number, number, number, number]
  return { identity: identity!, from, upTo, everybody, misrouted }
}

export const encodeScoutProof = ({ end, provenAtMs }: ScoutProof): string => `${end} ${provenAtMs}`

export const decodeScoutProof = (stored: string | null): ScoutProof | null => {
  if (stored === null) return null
  const [end, provenAtMs] = stored.split(' ').map(Number) as [number, number]
  return { end, provenAtMs }
}
