import { parseStudentId } from '../../../projections/events/fields.ts'
import type { StudentId } from '../../../projections/values/ids.ts'
import { CliFailure } from './failure.ts'

export const parseIdentifier = (text: string): StudentId => {
  const identifier = parseStudentId(text)
  if (identifier === null) throw new CliFailure('An identifier is 1 to 128 characters without control characters', 2)
  return identifier
}
