import type { Flood, Letter, Student } from '../state/student.ts'
import { skipMissing } from './source-numbers.ts'

/**
 * Dead letters beyond those that are known one by one. Of a flood only its size and its youngest letter are known, so that
 * one more costs nothing. It is settled as a whole: by a snapshot of its source (of any source, where it has none), by an
 * erasure, or by an operator.
 */

/** So many sources have a flood of their own; letters of more sources are in one flood together. */
const MAX_FLOODED = 64

/** The flood of all sources that have none of their own: only an operator, or an erasure, settles it. */
export const OTHER_SOURCES = ''

export const flooded = (student: Student, letter: Omit<Letter, 'settled'>): Student => {
  const source = floodOf(student, letter.source)
  const known = student.floods.find((flood) => flood.source === source)
  const { offset } = letter.place
  const flood: Flood = {
    source,
    count: (known?.count ?? 0) + 1,
    unread: (known?.unread ?? 0) + (letter.sequence === 'unreadable' ? 1 : 0),
    since: Math.min(known?.since ?? offset, offset),
    newest: known && known.newest.at >= letter.at ? known.newest : { at: letter.at, offset },
  }
  const others = student.floods.filter((one) => one !== known)
  return { ...student, floods: [...others, flood] }
}

const floodOf = ({ floods }: Student, source: string | null): string | null => {
  if (source === null || floods.some((flood) => flood.source === source)) return source
  return floods.length < MAX_FLOODED ? source : OTHER_SOURCES
}

/** Each letter whose number could not be read skips one number of its source. */
export const settleFloods = (student: Student, settles: (source: string | null) => boolean): Student => {
  const settled = student.floods.filter(({ source }) => settles(source))
  if (settled.length === 0) return student
  const without = { ...student, floods: student.floods.filter((flood) => !settled.includes(flood)) }
  return settled.reduce<Student>(
    (soFar, { source, unread }) =>
      source === null || source === OTHER_SOURCES ? soFar : skipMissing(soFar, source, unread),
    without,
  )
}

/** Whether a letter of that source may be one that is not known by itself. */
export const isFlooded = ({ floods }: Student, source: string | null, offset: number): boolean =>
  floods.some((flood) => {
    const isIts = flood.source === source || (flood.source === OTHER_SOURCES && source !== null)
    return isIts && offset >= flood.since
  })
