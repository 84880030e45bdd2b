import { gapsOf } from '../../../projections/sequence/suspect-reasons.ts'
import type { Student } from '../../../projections/state/student.ts'
import { type Numbered, numberedOf } from './decision-record.ts'

/** The numbers that are missing still of some sources; `null` stands for every source. */
export const missingOf = (student: Student, sources: readonly (string | null)[]): readonly Numbered[] =>
  [...gapsOf(student)]
    .filter(({ source }) => sources.includes(source) || sources.includes(null))
    .flatMap(({ source, missing }) => missing.map((range) => numberedOf(source, range)))

/**
 * What a forced discard lets go of: the numbers that are missing still of the sources of these letters, as far as the
 * letters do not tell their number; of all sources where a letter does not tell its source.
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
