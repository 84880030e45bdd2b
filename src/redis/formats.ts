import type { Scouted, ScoutProof } from '../../consumers/ports/scouted.ts'
import type { Checkpoint, CustomEntry, Proof } from '../../consumers/ports/store.ts'
import type { StudentId } from '../../projections/values/ids.ts'

/** The value of a checkpoint key after its generation was removed. */
export const retiredMark = 'retired'

export const encodeCheckpoint = ({ next, metadata }: Checkpoint): string => `${next} ${metadata}`

/** Also `null` for a retired generation, which has no projection. */
export const decodeCheckpoint = (stored: string | null): Checkpoint | null => {
  if (stored === null || stored === retiredMark) return null
  const space = stored.indexOf(' ')
  return { next: Number(stored.slice(0, space)), metadata: stored.slice(space + 1) }
}

export const encodeLease = ({ next, provenAtMs }: Proof): string => `${next} ${provenAtMs}`

/** A lease ahead of its checkpoint proves nothing, because the store has lost writes. */
export const decodeLease = (stored: string | null, checkpoint: Checkpoint | null): Proof | null => {
  if (stored === null || checkpoint === null) return null
  const [next, provenAtMs] = stored.split(' ').map(Number) as [number, number]
  return next > checkpoint.next ? null : { next, provenAtMs }
}

/**
 * A NUL ends the custom identifier. An identifier never holds a NUL, so the last NUL separates the two whatever the
 * custom identifier holds.
 */
export const customMember = ({ custom, identifier }: CustomEntry): string => `${custom}\0${identifier}`

/** The lexicographic range of all members that begin with `<custom>\0`. */
export const customRange = (custom: string): readonly [min: string, max: string] => [`[${custom}\0`, `(${custom}\x01`]

/** Longer custom identifiers that hold a NUL are in the same range and are filtered out here. */
export const identifiersOf = (custom: string, members: readonly string[]): readonly StudentId[] =>
  members
    .filter((member) => member.lastIndexOf('\0') === custom.length)
    .map((member) => member.slice(custom.length + 1) as StudentId)

/** Reads the format that src/redis/lua/scout.lua writes. */
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
