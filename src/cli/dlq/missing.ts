import { gapsOf } from '../../../projections/sequence/suspect-reasons.ts'
import type { Student } from '../../../projections/state/student.ts'
import type { Numbered } from './decision-record.ts'
import type { DecidableLetter } from './letters.ts'

/** As many let-go numbers of a source are remembered. */
const MOST = 256

/**
 * What a forced discard lets go of: the numbers that are missing still of the sources of these letters, as far as the
 * letters do not tell their number; of all sources where a letter does not tell its source. `null`: too many.
 */
export const missingBehind = (
  student: Student,
  letters: readonly Pick<DecidableLetter, 'partition' | 'offset'>[],
): readonly Numbered[] | null => {
  const untold = student.letters.filter(
    ({ place, source, sequence }) =>
      (source === null || sequence === 'unreadable') &&
      letters.some(({ partition, offset }) => place.partition === partition && place.offset === offset),
  )
  const gaps = gapsOf(student, MOST + 1).filter((gap) =>
    untold.some(({ source }) => source === null || source === gap.source),
  )
  if (gaps.some(({ missing }) => missing.length > MOST)) return null
  return gaps.flatMap(({ source, missing }) => missing.map((number) => ({ source, sequence: String(number) })))
}
