import type { EnrolmentKey } from '../../projections/events/enrolment-key.ts'
import { parseCode } from '../../projections/events/fields.ts'
import type { About } from '../../projections/state/student.ts'

/**
 * The enrolments that an event's data name, as far as they are readable without knowing the type; `all` where one is
 * unreadable. It checks the student, a transfer's target, a snapshot's list and the parts of several changes.
 */
export const aboutOf = (data: unknown): About => {
  const about: EnrolmentKey[] = []
  return readAbout(data, null, about) ? about : 'all'
}

/** So many are kept apart; an event that names more is about all. */
const MOST = 16

/** @returns false where one cannot be read, or there are too many */
const readAbout = (data: unknown, of: EnrolmentKey | null, about: EnrolmentKey[]): boolean => {
  if (!isObject(data)) return false
  const listed = own(data, 'enrolments')
  if (listed !== undefined)
    return Array.isArray(listed) && listed.length <= MOST && listed.every((one) => add(about, readKey(one)))
  const student = own(data, 'student')
  const key = student === undefined ? of : readKey(student)
  const changes = own(data, 'changes')
  if (changes !== undefined)
    return (
      Array.isArray(changes) &&
      changes.length <= MOST &&
      changes.every(
        (change) =>
          isObject(change) && own(change, 'changes') === undefined && readAbout(own(change, 'data'), key, about),
      )
    )
  if (!add(about, key)) return false
  const to = own(data, 'to')
  return to === undefined || (key !== null && add(about, readTarget(key, to)))
}

const add = (about: EnrolmentKey[], key: EnrolmentKey | null): boolean => key !== null && about.push(key) <= MOST

const readKey = (value: unknown): EnrolmentKey | null => {
  if (!isObject(value)) return null
  const [grade, yearStart] = [parseCode(own(value, 'grade')), parseCode(own(value, 'academic_year_start'))]
  const branch = own(value, 'collector_code') ?? null
  const collectorCode = branch === null ? null : parseCode(branch)
  if (grade === null || yearStart === null || (branch !== null && collectorCode === null)) return null
  return { grade, yearStart, collectorCode }
}

/** The fields of `to` over those of the old enrolment; `collector_code: null` is no branch. */
const readTarget = (from: EnrolmentKey, to: unknown): EnrolmentKey | null => {
  if (!isObject(to)) return null
  const branch = own(to, 'collector_code')
  return readKey({
    grade: own(to, 'grade') ?? from.grade,
    academic_year_start: own(to, 'academic_year_start') ?? from.yearStart,
    collector_code: branch === undefined ? from.collectorCode : branch,
  })
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  value !== null && typeof value === 'object' && !Array.isArray(value)

const own = (object: Readonly<Record<string, unknown>>, name: string): unknown =>
  Object.hasOwn(object, name) ? object[name] : undefined
