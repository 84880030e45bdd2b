import { gapsOf } from '../../../projections/sequence/suspect-reasons.ts'
import type { Student } from '../../../projections/state/student.ts'
import { type Numbered, numberedOf } from './decision-record.ts'

/** Missing numbers of some sources; `null` stands for every source. */
export const missingOf = (student: Student, sources: readonly (string | null)[]): readonly Numbered[] =>
  [...gapsOf(student)]
    .filter(({ source }) => sources.includes(source) || sources.includes(null))
    .flatMap(({ source, missing }) => missing.map((range) => numberedOf(source, range)))

/**
 * Numbers that a forced discard skips: the missing numbers of these letters' sources where a letter lacks a readable
 * number; of all sources where a letter lacks its source.
 */
export const missingBehind = (
  student: Student,
  letters: readonly { readonly partition: number; readonly offset: number }[],
): readonly Numbered[] => {
  const untold = student.letters.filter(
    ({ place, source, sequence }) =>
      (source === null || sequence === 'unreadable') &&
      letters.some(({ partition, offset }) => place.partition === partition && place.offset === offset),
  )
  return missingOf(
    student,
    untold.map(({ source }) => source),
  )
}
