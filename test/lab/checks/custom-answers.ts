import { partitionOf } from '../../../consumers/ports/partition.ts'
import { findMatch } from '../../../projections/answers/lookup.ts'
import type { StudentId } from '../../../projections/values/ids.ts'
import { isHeard, isSaid, requiredOf, type Seen, SILENT, saysNotFound, UNKNOWN, versionsIn } from './answers.ts'
import type { Truth, Version } from './truth.ts'

/** A pull by `custom_identifier` alone; ends of all partitions. */
export type SeenByCustom = Pick<Seen, 'query' | 'askedMs' | 'silent' | 'result'> & {
  readonly required: readonly number[]
  readonly reach: readonly number[]
  /** Publishers that were known as misrouting: what they laid anywhere must be included. */
  readonly misrouting: readonly string[]
}

type Moment = readonly { readonly id: StudentId; readonly version: Version | null }[]

/** More than a run of the lab ever comes to: what lies beyond is not judged. */
const MOMENTS_AT_MOST = 20_000

/**
 * Each student that ever bore the identifier stood, when it was read, at some moment of its partition's window: one choice
 * of such moments must give the answer.
 */
export const customFaultOf = (truth: Truth, seen: SeenByCustom): string | null => {
  const { result, query, askedMs } = seen
  if (result.kind !== 'answer' || result.source !== 'projection') return null
  if (result.reason !== undefined && !saysNotFound(result)) return null
  const moments = momentsOf(truth, seen)
  if (moments === 'no stray') return 'stale: answered without a stray of a bearer that was acknowledged before'
  if (moments === 'too many') return null
  let isSilent = false
  for (const moment of moments) {
    const known = moment.flatMap(({ id, version }) => (version === null ? [] : [{ id, answers: version.answers }]))
    const candidates = known.map(({ id, answers }) => ({ id, enrolments: answers.enrolments }))
    if (known.some(({ answers }) => answers.suspect && bears(answers, query.custom_identifier))) continue
    const match = findMatch(candidates, query, 'all', askedMs)
    if (!(result.reason === undefined ? isSaid(match, result) : match.kind === 'none')) continue
    if (isHeard(match, seen)) return null
    isSilent = true
  }
  if (isSilent) return SILENT
  return result.reason === undefined ? 'wrong: no moment gives this answer by custom identifier' : UNKNOWN
}

const bears = ({ enrolments }: Version['answers'], custom: string | undefined): boolean =>
  enrolments.some(({ customIdentifier }) => customIdentifier === custom)

/** `no stray`: one that must be included lies nowhere yet. */
const momentsOf = (
  truth: Truth,
  { query, required, reach, misrouting }: SeenByCustom,
): readonly Moment[] | 'no stray' | 'too many' => {
  let moments: Moment[] = [[]]
  for (const [id, versions] of truth.versions) {
    if (!versions.some(({ answers }) => bears(answers, query.custom_identifier))) continue
    const home = partitionOf(id, truth.log.length)
    const strays = truth.strays
      .filter(({ identifier, source }) => identifier === id && source !== null && misrouting.includes(source))
      .filter(({ partition, offset }) => offset < required[partition]!)
      .map(({ partition, offset }) => `${partition}/${offset}`)
    const atLeast = requiredOf(truth, required[home]!, reach[home]!, strays)
    if (atLeast === null) return 'no stray'
    const window = versionsIn(versions, atLeast, reach[home]!)
    if (moments.length * window.length > MOMENTS_AT_MOST) return 'too many'
    moments = moments.flatMap((moment) => window.map((version) => [...moment, { id, version }]))
  }
  return moments
}

/** What the projection has to answer once everything is applied; `null`: it must not answer. */
export const dueByCustom = (truth: Truth, query: Seen['query'], nowMs: number): Buffer | null => {
  const last = [...truth.versions].map(([id, versions]) => ({ id, answers: versions.at(-1)!.answers }))
  if (last.some(({ answers }) => answers.suspect && bears(answers, query.custom_identifier))) return null
  const candidates = last.map(({ id, answers }) => ({ id, enrolments: answers.enrolments }))
  const match = findMatch(candidates, query, 'all', nowMs)
  return match.kind === 'one' ? match.phase.body : null
}
