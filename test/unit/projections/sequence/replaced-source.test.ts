import { describe, expect, test } from 'vitest'
import type { Said } from '../../../golden/example.ts'
import { as, assessed, changed, discontinued, enrolled, erased, listed, paid, snapshot } from '../../../golden/said.ts'
import { nth } from '../../../support/events.ts'
import { tell } from '../../../support/tell.ts'

const details = (told: ReturnType<typeof tell>): string[] => told.letters.map(({ detail }) => detail)
const at = (hour: number, said: Said, more: Partial<Said> = {}): Said =>
  as(said, { time: `2026-06-01T${String(hour).padStart(2, '0')}:00:00Z`, ...more })
const other = (grade: string) => listed([['A', 1]], { grade })
const BAD = changed('A', -1)
const SCHOOL: readonly Said[] = [at(1, enrolled()), at(2, assessed([['A', 100]]))]

describe('a source that a snapshot replaces', () => {
  const replacing = (hour: number, more: Partial<Said> = {}): Said => {
    const { data, ...rest } = at(hour, snapshot(other('5')), { source: '/erp/new', ...more })
    return { ...rest, data: { ...data, replaces: ['/erp/main'] } }
  }

  test('is heard no more: its next event is a conflict, its erasure is not', () => {
    const told = tell(...SCHOOL, replacing(5), at(6, changed('A', 9)), at(7, erased()))
    expect(told.outcomes).toEqual(['applied', 'applied', 'applied', 'conflict', 'applied'])
    expect(details(told)).toEqual(['replaced_source'])
  })

  test('has all settled that it left open', () => {
    const told = tell(
      at(1, nth(1, enrolled())),
      at(2, nth(3, changed('A', 3))),
      at(2, nth(7, BAD)),
      at(2, paid('p', 1, {}, { grade: '9' }), { sequence: 2 }),
      replacing(5),
    )
    expect(told.suspect).toBe(false)
  })

  test('may be replaced before its first event came', () => {
    expect(details(tell(replacing(5), at(6, enrolled())))).toEqual(['replaced_source'])
  })

  test('makes no repeat of its events a conflict', () => {
    const one = at(2, nth(2, changed('A', 1)), { id: 'x' })
    const told = tell(at(1, nth(1, enrolled())), one, replacing(5), one, at(1, nth(1, discontinued()), { id: 'y' }))
    expect(told.outcomes.slice(-2)).toEqual(['duplicate', 'conflict'])
  })

  test('stays replaced after an erasure', () => {
    const told = tell(...SCHOOL, replacing(5), at(6, erased(), { source: '/erp/new' }), at(7, enrolled()))
    expect(details(told)).toEqual(['replaced_source'])
  })
})
