import { compareYears } from '../values/years.ts'
import type { LiveStudent, Resting } from './live-student.ts'
import type { Enrolment, Student } from './student.ts'

/**
 * Enrolments of former years rest. They are stored separately, packed and without a finished answer, so that neither a
 * student's record nor the cost of an event grows with the years. A reader that needs a resting enrolment unpacks all
 * of them.
 */

/** An enrolment of a former year rests after so many changes of others. */
export const CHANGES_UNTIL_REST = 8

/** A function of the state alone, so that a rebuild stores the same. */
const rests = ({ key, changeNumber }: Enrolment, latest: string, changes: number): boolean =>
  changes - changeNumber >= CHANGES_UNTIL_REST && compareYears(key.yearStart, latest) < 0

const latestYear = ([first, ...others]: readonly Enrolment[]): string =>
  others.reduce(
    (latest, { key }) => (compareYears(key.yearStart, latest) > 0 ? key.yearStart : latest),
    first?.key.yearStart ?? '',
  )

/** Whether one of these enrolments rests. */
export const hasResting = ({ enrolments, changes }: Student): boolean => {
  if (enrolments.length < 2) return false
  const latest = latestYear(enrolments)
  return enrolments.some((enrolment) => rests(enrolment, latest, changes))
}

const NOTHING: Resting = { enrolments: [], newest: [] }

/** @param student with all of its enrolments */
export const split = (student: Student): { readonly live: LiveStudent; readonly resting: Resting } => {
  if (!hasResting(student)) return { live: { student, places: null }, resting: NOTHING }
  const latest = latestYear(student.enrolments)
  const enrolments = parted(student.enrolments, (one) => rests(one, latest, student.changes))
  const names = new Set(enrolments.others.map(({ key }) => nameOf(key)))
  const newest = parted(student.newest, ({ about }) => about !== 'all' && names.has(nameOf(about)))
  return {
    live: {
      student: { ...student, enrolments: enrolments.kept, newest: newest.kept },
      places: { enrolments: enrolments.places, newest: newest.places },
    },
    resting: { enrolments: enrolments.others, newest: newest.others },
  }
}

/** Everything in its place again. */
export const join = ({ student, places }: LiveStudent, resting: Resting): Student =>
  places === null
    ? student
    : {
        ...student,
        enrolments: together(student.enrolments, places.enrolments, resting.enrolments),
        newest: together(student.newest, places.newest, resting.newest),
      }

const nameOf = (key: Enrolment['key']): string => JSON.stringify([key.grade, key.yearStart, key.collectorCode])

type Parted<T> = { readonly kept: readonly T[]; readonly places: readonly number[]; readonly others: readonly T[] }

const parted = <T>(items: readonly T[], goes: (item: T) => boolean): Parted<T> => {
  const kept: T[] = []
  const places: number[] = []
  const others: T[] = []
  items.forEach((item, place) => {
    if (goes(item)) others.push(item)
    else {
      kept.push(item)
      places.push(place)
    }
  })
  return { kept, places, others }
}

const together = <T>(kept: readonly T[], places: readonly number[], others: readonly T[]): readonly T[] => {
  const byPlace = new Map(places.map((place, index) => [place, kept[index]!]))
  const rest = others.values()
  return Array.from({ length: kept.length + others.length }, (_, place) => byPlace.get(place) ?? rest.next().value!)
}
