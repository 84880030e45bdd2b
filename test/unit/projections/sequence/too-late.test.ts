import { describe, expect, test } from 'vitest'
import type { Said } from '../../../golden/example.ts'
import {
  as,
  assessed,
  changed,
  enrolled,
  erased,
  listed,
  paid,
  reversed,
  snapshot,
  transferred,
} from '../../../golden/said.ts'
import { decision, nth, recordOf } from '../../../support/events.ts'
import { type Entry, feesOf, recordsOf, tell } from '../../../support/tell.ts'

const details = (told: ReturnType<typeof tell>): string[] => told.letters.map(({ detail }) => detail)
const at = (hour: number, said: Said, more: Partial<Said> = {}): Said =>
  as(said, { time: `2026-06-01T${String(hour).padStart(2, '0')}:00:00Z`, ...more })
const B = { source: '/erp/b' }
const other = (grade: string) => listed([['A', 1]], { grade })
const BAD = changed('A', -1)
const SCHOOL: readonly Said[] = [at(1, enrolled()), at(2, assessed([['A', 100]]))]

describe('a snapshot that was read before an event of another source', () => {
  test('is a conflict that names the event, and undoes nothing', () => {
    const told = tell(...SCHOOL, at(12, paid('p', 40), B), at(11, snapshot(listed([['A', 100]]))))
    expect(told.outcomes.at(-1)).toBe('conflict')
    expect(told.letters.at(-1)).toMatchObject({ detail: 'stale_snapshot', where: '0:2' })
    expect(feesOf(told)).toEqual({ A: 60 })
  })

  test('applies where it is as old as the event, or younger', () => {
    const told = tell(...SCHOOL, at(12, paid('p', 40), B), at(12, snapshot(listed([['A', 100]]))))
    expect(told.outcomes.at(-1)).toBe('applied')
  })

  test('applies where the event is about an enrolment that it does not list', () => {
    const enrolment = at(12, enrolled({}, { grade: '6' }), B)
    expect(tell(...SCHOOL, enrolment, at(11, snapshot(listed([['A', 1]])))).outcomes.at(-1)).toBe('applied')
    expect(tell(...SCHOOL, enrolment, at(11, snapshot(other('6')))).outcomes.at(-1)).toBe('conflict')
  })

  test('is one where the event moved a student to what it lists', () => {
    const moved = at(12, transferred({ grade: '6' }), B)
    expect(details(tell(...SCHOOL, moved, at(11, snapshot(other('6')))))).toEqual(['stale_snapshot'])
  })

  test('is one where the event was a snapshot that lists the same', () => {
    const told = tell(at(12, snapshot(other('5')), B), at(11, snapshot(other('5'), other('6'))))
    expect(details(told)).toEqual(['stale_snapshot'])
  })

  test('is one where the event is accepted and had no effect', () => {
    const told = tell(...SCHOOL, at(12, reversed('p'), B), at(11, snapshot(listed([['A', 100]]))))
    expect(told.outcomes.slice(-2)).toEqual(['ignored', 'conflict'])
  })

  test('is one where the event waits for its enrolment, or for a number before it', () => {
    const orphan = at(12, paid('p', 1, {}, { grade: '6' }), B)
    expect(details(tell(...SCHOOL, orphan, at(11, snapshot(other('6')))))).toEqual(['stale_snapshot'])
    const held = at(12, nth(3, paid('p', 1)), B)
    expect(details(tell(...SCHOOL, held, at(11, snapshot(other('5')))))).toEqual(['stale_snapshot'])
    expect(details(tell(...SCHOOL, held, at(11, snapshot(other('6')))))).toEqual([])
  })

  test('is one where the event was an erasure, whatever it lists', () => {
    const told = tell(...SCHOOL, at(12, erased(), B), at(11, snapshot(other('9'))))
    expect(details(told)).toEqual(['stale_snapshot'])
    expect(tell(...SCHOOL, at(12, erased(), B), at(11, nth(1, snapshot()))).letters).toEqual([])
  })

  test('applies where all that another source said was erased since', () => {
    const told = tell(...SCHOOL, at(12, paid('p', 1), B), at(10, erased()), at(11, snapshot(other('5'))))
    expect(told.outcomes.at(-1)).toBe('applied')
  })

  test('keeps its place in the sequence, and applies where an operator replays it', () => {
    const entries: readonly Entry[] = [
      at(1, nth(1, enrolled())),
      at(12, paid('p', 40), B),
      at(11, nth(2, snapshot(listed([['A', 100]])))),
      at(13, nth(3, changed('A', 200))),
    ]
    expect(tell(...entries).outcomes).toEqual(['applied', 'applied', 'conflict', 'held'])
    const replayed = tell(...entries, decision('replay', [recordsOf(entries)[2]!.record]))
    expect(feesOf(replayed)).toEqual({ A: 200 })
    expect(replayed.suspect).toBe(false)
  })

  test('is judged by the two youngest sources, however many spoke', () => {
    const sources = ['/a', '/b', '/c', '/d']
    const spoken = sources.map((source, index) => at(5 + index, paid(`p${index}`, 1), { source }))
    for (const own of sources) {
      const told = (hour: number) =>
        details(tell(...SCHOOL, ...spoken, at(hour, nth(1, snapshot(other('5'))), { source: own })))
      const newestOfOthers = own === '/d' ? 7 : 8
      expect([told(newestOfOthers - 1), told(newestOfOthers)]).toEqual([['stale_snapshot'], []])
    }
  })
})

describe('a snapshot without a number', () => {
  test('is stale too where an event of its own source is younger, about whatever enrolment', () => {
    const told = tell(...SCHOOL, at(12, enrolled({}, { grade: '6' })), at(11, snapshot(listed([['A', 1]]))))
    expect(details(told)).toEqual(['stale_snapshot'])
    expect(tell(...SCHOOL, at(12, enrolled()), at(11, snapshot())).outcomes.at(-1)).toBe('conflict')
  })

  test('with a number its source’s own events are put in order by that', () => {
    const told = tell(at(12, nth(1, enrolled())), at(11, nth(2, snapshot(listed([['A', 1]])))))
    expect(told.outcomes).toEqual(['applied', 'applied'])
  })
})

describe('a dead letter makes an older snapshot stale', () => {
  const stale = (letter: Entry, snap: Said) => details(tell(...SCHOOL, letter, snap)).includes('stale_snapshot')

  test('by its own time, where it is about an enrolment that is listed', () => {
    expect(stale(at(12, BAD, B), at(11, snapshot(other('5'))))).toBe(true)
    expect(stale(at(12, BAD, B), at(11, snapshot(other('6'))))).toBe(false)
    expect(stale(at(12, BAD, B), at(12, snapshot(other('5'))))).toBe(false)
  })

  test('by its record’s timestamp, where its time cannot be read', () => {
    const unread = recordOf('{', { timestampMs: Date.parse('2026-06-01T12:00:00Z') })
    expect(stale(unread, at(11, snapshot(other('5'))))).toBe(true)
    expect(stale(unread, at(12, snapshot(other('5'))))).toBe(false)
  })

  test('about all, where an enrolment of it cannot be read', () => {
    const grade = { identifier: 'S-1', grade: {}, academic_year_start: '2026', collector_code: 'BLR-01' }
    expect(stale(at(12, { ...BAD, data: { student: grade } }, B), at(11, snapshot(other('9'))))).toBe(true)
    expect(stale(at(12, { ...BAD, data: { student: grade } }, B), at(11, snapshot()))).toBe(false)
  })

  test('until it is settled', () => {
    const told = tell(...SCHOOL, at(12, BAD, B), decision('discard', [2]), at(11, snapshot(other('5'))))
    expect(told.outcomes.at(-1)).toBe('applied')
  })
})

describe('a time counts', () => {
  test('at most as its record’s timestamp, for what comes too late', () => {
    const ahead = recordOf(
      JSON.stringify({ specversion: '1.0', id: 'x', ...B, ...at(23, paid('p', 1)), source: '/erp/b' }),
      {
        timestampMs: Date.parse('2026-06-01T10:00:00Z'),
      },
    )
    const told = tell(...SCHOOL, ahead, at(11, snapshot(other('5'))))
    expect(told.outcomes.at(-1)).toBe('applied')
  })
})

describe('an event without a number whose id may be one of the forgotten ones', () => {
  const many = (count: number, hour: number): Said[] =>
    Array.from({ length: count }, (_, index) => at(hour, changed('A', index), { id: `m${index}` }))

  test('is a conflict where it is no younger than one of them', () => {
    const old = at(5, changed('A', 1), { id: 'old' })
    const told = (hour: number) =>
      tell(at(1, enrolled()), old, ...many(256, 4), at(hour, changed('A', 7), { id: 'new' }))
    expect(details(told(5))).toEqual(['too_old'])
    expect(told(6).outcomes.at(-1)).toBe('applied')
  })

  test('is none where the forgotten one was another source’s, or is remembered still', () => {
    const old = at(5, changed('A', 1), { id: 'old', ...B })
    const next = at(4, changed('A', 7), { id: 'new' })
    expect(tell(at(1, enrolled()), old, ...many(256, 3), next).outcomes.at(-1)).toBe('applied')
    expect(tell(at(1, enrolled()), at(5, old, { source: '/erp/main' }), ...many(255, 3), next).outcomes.at(-1)).toBe(
      'applied',
    )
  })

  test('is none with a number, and an erasure is none', () => {
    const old = at(5, changed('A', 1), { id: 'old' })
    const first = tell(at(1, enrolled()), old, ...many(256, 4), at(4, nth(1, changed('A', 7))), at(4, erased()))
    expect(first.outcomes.slice(-2)).toEqual(['applied', 'applied'])
  })

  test('is remembered across an erasure', () => {
    const old = at(5, changed('A', 1), { id: 'old' })
    const told = tell(
      at(1, enrolled()),
      old,
      ...many(256, 4),
      at(6, erased()),
      at(7, enrolled()),
      at(5, changed('A', 7)),
    )
    expect(details(told)).toEqual(['too_old'])
  })
})

describe('an erasure', () => {
  const erasedAt = (hour: number, attributes: Partial<Said> = B) =>
    at(hour, erased(), { id: `erasure-${hour}`, ...attributes })

  test('that is no younger than what enrolled the student anew is a conflict: it may be the former one again', () => {
    const again = (hour: number) => tell(...SCHOOL, at(5, erased()), at(8, enrolled()), erasedAt(hour))
    expect(details(again(8))).toEqual(['too_old'])
    expect(again(8).suspect).toBe(true)
    expect(again(9).outcomes.at(-1)).toBe('applied')
  })

  test('is never too old for a student that was not erased before', () => {
    expect(tell(...SCHOOL, erasedAt(0)).outcomes.at(-1)).toBe('applied')
  })

  test('of an erased student applies whenever it happened', () => {
    expect(tell(...SCHOOL, at(5, erased()), at(8, enrolled()), erasedAt(9), erasedAt(7)).outcomes.at(-1)).toBe(
      'applied',
    )
  })
})
