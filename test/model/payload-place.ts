import { code, must, optional, record } from './fields.ts'
import { type JsonObject, rawField } from './json.ts'
import type { Place } from './types.ts'

export const readPlace = (object: JsonObject): Place => ({
  branch: optional(code, object, 'collector_code'),
  grade: code(object, 'grade'),
  yearStart: code(object, 'academic_year_start'),
})

export const keyOf = (place: Place): string => JSON.stringify([place.branch, place.grade, place.yearStart])

/** Where a transfer leads: the fields of `to` over those of the old enrolment. A null branch is no branch. */
export const readTarget = (data: JsonObject): Place => {
  const from = readPlace(record(data, 'student'))
  const to = record(data, 'to')
  const noBranch = rawField(to, 'collector_code') === null
  const target = {
    branch: noBranch ? null : (optional(code, to, 'collector_code') ?? from.branch),
    grade: optional(code, to, 'grade') ?? from.grade,
    yearStart: optional(code, to, 'academic_year_start') ?? from.yearStart,
  }
  must(keyOf(target) !== keyOf(from), 'to', 'must name another enrolment')
  return target
}
