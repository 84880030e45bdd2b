import { type EnrolmentKey, sameKey } from '../events/enrolment-key.ts'
import type { AppliedEvent, Arrived, NewestEvents, Student } from '../state/student.ts'
import { aboutOf, happenedAt, nameOf } from './about.ts'
import { changeSource } from './sources.ts'

/**
 * The youngest applied events of a student, kept for snapshots that come too late: per enrolment one event of each of the
 * two sources that spoke of it last. Two are enough: a snapshot is held against the events of other sources than its own.
 */

/** So many enrolments that are gone are kept apart. Events about older ones count as about every enrolment. */
const MAX_GONE = 64

export const sawApplied = (student: Student, event: Arrived): Student => {
  const { source } = event.envelope
  const applied: AppliedEvent = { source, at: happenedAt(event), offset: event.place.offset }
  const about = aboutOf(event)
  const newest = withAll(student.newest, about === 'all' ? [about] : about, applied)
  const isMany = newest.length > student.enrolments.length + MAX_GONE + 1
  const seen = {
    ...student,
    newest: isMany
      ? bounded(
          newest,
          student.enrolments.map(({ key }) => key),
        )
      : newest,
  }
  return changeSource(seen, source, (state) =>
    state.newest && state.newest.at >= applied.at
      ? state
      : { ...state, newest: { at: applied.at, offset: applied.offset } },
  )
}

/** An erasure leaves nothing that a snapshot could undo, but the erasures themselves. */
export const withoutApplied = (student: Student): Student => ({
  ...student,
  newest: student.newest.filter(({ about }) => about === 'all'),
  sources: new Map([...student.sources].map(([name, state]) => [name, { ...state, newest: null }])),
})

type Newest = readonly NewestEvents[]
type Key = EnrolmentKey | 'all'
const MANY = 8

const withAll = (newest: Newest, keys: readonly Key[], applied: AppliedEvent): Newest => {
  if (keys.length <= MANY) return keys.reduce((soFar, key) => withOne(soFar, key, applied), newest)
  const byName = new Map(newest.map((known) => [textOf(known.about), known]))
  for (const about of keys) {
    const known = byName.get(textOf(about))
    byName.set(textOf(about), { about, events: youngest(known?.events ?? [], [applied]) })
  }
  return [...byName.values()]
}

const withOne = (newest: Newest, about: Key, applied: AppliedEvent): Newest => {
  const index = newest.findIndex((known) => isSame(known.about, about))
  if (index < 0) return [...newest, { about, events: [applied] }]
  return newest.with(index, { about, events: youngest(newest[index]!.events, [applied]) })
}

const isSame = (a: Key, b: Key): boolean => (a === 'all' || b === 'all' ? a === b : sameKey(a, b))
const textOf = (key: Key): string => (key === 'all' ? key : nameOf(key))

/** Of each source its youngest, of two sources at most. */
const youngest = (known: readonly AppliedEvent[], more: readonly AppliedEvent[]): readonly AppliedEvent[] => {
  const bySource = new Map<string, AppliedEvent>()
  for (const event of [...known, ...more]) {
    const other = bySource.get(event.source)
    if (!other || other.at < event.at) bySource.set(event.source, event)
  }
  return [...bySource.values()].sort((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : 0)).slice(0, 2)
}

const bounded = (newest: Newest, existing: readonly EnrolmentKey[]): Newest => {
  const names = new Set(existing.map(nameOf))
  const isGone = ({ about }: NewestEvents): boolean => about !== 'all' && !names.has(nameOf(about))
  const old = new Set(newest.filter(isGone).slice(0, -MAX_GONE))
  const all = newest.filter((known) => old.has(known) || known.about === 'all')
  const events = all.reduce<readonly AppliedEvent[]>((soFar, known) => youngest(soFar, known.events), [])
  return [...newest.filter((known) => !all.includes(known)), { about: 'all', events }]
}
