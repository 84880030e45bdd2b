import { describe, expect, test } from 'vitest'
import type { Said } from '../../golden/example.ts'
import { as, assessed, changed, enrolled, erased, listed, paid, snapshot, transferred } from '../../golden/said.ts'
import { modelOf } from '../../model/model.ts'
import { families, feesOf, logOf, nth, outcomes, POLICY, studentOf, worldOf } from '../../model/told.ts'

const at = (hour: string, said: Said, attributes: Partial<Said> = {}) =>
  as(said, { time: `2026-06-02T${hour}:00Z`, ...attributes })
const cash = { source: '/cash' }
const inGrade6 = { grade: '6' }
const list = snapshot(listed([['A', 7]]))

describe('a snapshot that would undo what it cannot know', () => {
  test.for([
    ['an event of another source about what it lists', at('10:00', paid('p', 1), cash), 'stale_snapshot'],
    ['an event of another source at the same time', at('09:00', paid('p', 1), cash), null],
    ['an event of another source about something else', at('10:00', enrolled({}, inGrade6), cash), null],
    ['an event of its own source', at('10:00', paid('p', 1)), 'stale_snapshot'],
    ['an event of its own source about something else', at('10:00', enrolled({}, inGrade6)), 'stale_snapshot'],
    [
      'a reversal of something unknown',
      at('10:00', { ...paid('p', 1), type: 'erp.payment.reversed.v1' }, cash),
      'stale_snapshot',
    ],
    ['an erasure of another source', at('10:00', erased(), cash), 'stale_snapshot'],
  ] as const)('%s', ([, said, family]) => {
    const world = worldOf(enrolled(), assessed([['A', 1]]), said, at('09:00', list))
    expect(families(world)).toEqual(family === null ? [] : [family])
  })

  test('a transfer of another source is about its target', () => {
    const world = worldOf(
      as(enrolled({}, inGrade6), cash),
      at('10:00', transferred({ grade: '5' }, {}, inGrade6), cash),
      at('09:00', list),
    )
    expect(families(world)).toEqual(['stale_snapshot'])
  })

  test('what waits and what is a dead letter count as what was applied', () => {
    const orphan = worldOf(at('10:00', changed('A', 2), cash), at('09:00', list))
    expect(families(orphan)).toEqual(['stale_snapshot'])
    const broken = worldOf(enrolled(), at('10:00', paid('p', 'x'), cash), at('09:00', list))
    expect(families(broken)).toEqual(['invalid_data', 'stale_snapshot'])
    const elsewhere = worldOf(enrolled(), at('10:00', paid('p', 'x', {}, inGrade6), cash), at('09:00', list))
    expect(families(elsewhere)).toEqual(['invalid_data'])
  })

  test('a dead letter that cannot be read counts as of its record, and as about all', () => {
    const garbage = worldOf(enrolled(), Buffer.from('garbage'), at('09:00', list))
    expect(families(garbage)).toEqual(['undecodable', 'stale_snapshot'])
    const later = worldOf(enrolled(), Buffer.from('garbage'), as(list, { time: '2026-08-01T00:00:00Z' }))
    expect(families(later)).toEqual(['undecodable'])
    expect(studentOf(later).why).toEqual([])
  })

  test('by its own source’s numbers it is late or it is not', () => {
    const world = worldOf(nth(1, enrolled()), at('10:00', nth(2, changed('A', 1))), at('09:00', nth(3, list)))
    expect(families(world)).toEqual([])
    expect(feesOf(world)).toEqual({ A: 7 })
  })

  test('a time counts at most as its record’s', () => {
    const log = logOf([
      enrolled(),
      as(paid('p', 1), { ...cash, time: '2099-01-01T00:00:00Z' }),
      as(list, { time: '2098-01-01T00:00:00Z' }),
    ])
    expect(families(modelOf(log, POLICY, { partitions: 1 }))).toEqual([])
  })
})

describe('an event of which nobody can tell whether it is a repeat', () => {
  const others = Array.from({ length: 256 }, (_, index) =>
    as(changed('A', index), { ...cash, id: `c${index}`, time: '2026-06-03T00:00:00Z' }),
  )
  const before = [as(enrolled(), { time: '2026-06-02T10:00:00Z' }), ...others] as const

  test('is too old where its time is not after that of a forgotten event of its source', () => {
    expect(families(worldOf(...before, at('10:00', changed('B', 1))))).toEqual(['too_old'])
    expect(families(worldOf(...before, at('10:01', changed('B', 1))))).toEqual([])
    expect(families(worldOf(...before.slice(0, -1), at('10:00', changed('B', 1))))).toEqual([])
  })

  test('is none where its source counts', () => {
    const numbered = [as(nth(1, enrolled()), { time: '2026-06-02T10:00:00Z' }), ...others] as const
    expect(families(worldOf(...numbered, at('09:00', nth(2, changed('B', 1)))))).toEqual([])
  })
})

describe('an erasure', () => {
  const anew = [enrolled(), at('08:00', erased()), at('10:00', enrolled())] as const

  test('is too old where its time is not after that of the event that enrolled the student anew', () => {
    expect(families(worldOf(...anew, at('10:00', erased(), cash)))).toEqual(['too_old'])
    const later = worldOf(...anew, at('10:01', erased(), cash))
    expect(families(later)).toEqual([])
    expect(studentOf(later).enrolments).toEqual([])
  })

  test('of a student that was never erased is none', () => {
    expect(families(worldOf(at('10:00', enrolled()), at('09:00', erased(), cash)))).toEqual([])
  })
})

describe('a source that a snapshot replaces', () => {
  const replacing = { ...list, data: { ...list.data, replaces: ['/a'] } }
  const said = [nth(1, enrolled()), nth(3, changed('A', 3)), at('12:00', replacing, { source: '/new' })] as const

  test('has what it left open settled, and is heard no more', () => {
    const world = worldOf(...said)
    expect(studentOf(world).why).toEqual([])
    const again = worldOf(...said, nth(4, changed('A', 4)), as(list, { time: '2026-06-04T00:00:00Z' }))
    expect(families(again)).toEqual(['replaced_source', 'replaced_source'])
    expect(feesOf(again)).toEqual({ A: 7 })
  })

  test('may still erase', () => {
    expect(studentOf(worldOf(...said, at('13:00', erased()))).enrolments).toEqual([])
  })

  test('loses what it does not list', () => {
    const world = worldOf(enrolled({}, inGrade6), at('12:00', replacing, { source: '/new' }))
    expect(studentOf(world).enrolments.map(({ grade }) => grade)).toEqual(['5'])
  })

  test.for([[[]], [['/new']], [Array(17).fill('/x')], [['']]] as const)('%j is no list of others', ([replaces]) => {
    const world = worldOf(as({ ...list, data: { ...list.data, replaces } }, { source: '/new' }))
    expect(outcomes(world)).toEqual(['poison'])
  })
})
