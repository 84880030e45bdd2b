import type { EnrolmentKey } from '../events/enrolment-key.ts'
import type { About } from './student.ts'

/** The stored form of the enrolments that an event is about: flat, each by grade, year and branch; `0` for all. */
export type StoredAbout = readonly (string | null)[] | 0

export const encodeAbout = (about: About): StoredAbout =>
  about === 'all' ? 0 : about.flatMap(({ grade, yearStart, collectorCode }) => [grade, yearStart, collectorCode])

export const decodeAbout = (stored: StoredAbout): About =>
  stored === 0
    ? 'all'
    : Array.from({ length: stored.length / 3 }, (_, index): EnrolmentKey => {
        const [grade, yearStart, collectorCode] = stored.slice(index * 3, index * 3 + 3)
        return { grade: grade!, yearStart: yearStart!, collectorCode: collectorCode! }
      })
