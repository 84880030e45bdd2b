import { gapsOf } from '../../../projections/sequence/suspect-reasons.ts'
import type { Student } from '../../../projections/state/student.ts'
import { type Numbered, numberedOf } from './decision-record.ts'
import type { DecidableLetter } from './letters.ts'

/**
 * What a forced discard lets go of: the numbers that are missing still of the sources of these letters, as far as the
 * letters do not tell their number; of all sources where a letter does not tell its source.
 */
export const missingBehind = (
  student: Student,
  letters: readonly Pick<DecidableLetter, 'partition' | 'offset'>[],
): readonly Numbered[] => {
  const untold = student.letters.filter(
    ({ place, source, sequence }) =>
      (source === null || sequence === 'unreadable') &&
      letters.some(({ partition, offset }) => place.partition === partition && place.offset === offset),
  )
  return [...gapsOf(student)]
    .filter((gap) => untold.some(({ source }) => source === null || source === gap.source))
    .flatMap(({ source, missing }) => missing.map((range) => numberedOf(source, range)))
}
