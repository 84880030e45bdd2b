import { describe, expect, test } from 'vitest'
import type { Said } from '../../../golden/example.ts'
import { assessed, changed, enrolled, listed, paid, snapshot } from '../../../golden/said.ts'
import { nth } from '../../../support/events.ts'
import { tell } from '../../../support/tell.ts'

const details = (told: ReturnType<typeof tell>): string[] =>
  told.letters.map(
    ({ reason, detail }) => `${reason} ${detail.slice(0, detail.indexOf(':') < 0 ? undefined : detail.indexOf(':'))}`,
  )

describe('an event that was published to a wrong partition and moved', () => {
  const stamped = (timestampMs: number, said: Said) => ({
    ...tellRecord(said),
    timestampMs,
  })
  const tellRecord = (said: Said) => ({
    partition: 0,
    offset: 0,
    timestampMs: 0,
    key: Buffer.from('S-1'),
    value: Buffer.from(
      JSON.stringify({
        specversion: '1.0',
        id: JSON.stringify(said.data).length.toString(),
        source: '/erp/main',
        time: '2026-06-01T09:00:00Z',
        ...said,
      }),
    ),
    headers: [],
  })

  test('is a conflict if an event of its source applied that bears a later timestamp', () => {
    const told = tell(stamped(1, enrolled()), stamped(5, changed('A', 50)), { moved: stamped(4, changed('A', 4)) })
    expect(details(told)).toEqual(['conflict overtaken'])
  })

  test('applies at the same timestamp, and after a later one of another source', () => {
    const told = tell(stamped(1, enrolled()), stamped(9, { ...changed('A', 90), source: '/erp/b' }), {
      moved: stamped(1, changed('A', 5)),
    })
    expect(told.outcomes).toEqual(['applied', 'applied', 'applied'])
  })

  test('applies although a later one waits for its enrolment: that has not applied', () => {
    const told = tell(stamped(5, changed('A', 50)), { moved: stamped(4, enrolled()) })
    expect(told.outcomes).toEqual(['orphan', 'applied+applied'])
    const later = tell(
      stamped(5, changed('A', 50)),
      { moved: stamped(4, enrolled()) },
      { moved: stamped(4, changed('A', 4)) },
    )
    expect(details(later)).toEqual(['conflict overtaken'])
  })

  test('has its place by its number, whatever its timestamp', () => {
    const told = tell(stamped(5, nth(1, enrolled())), { moved: stamped(1, nth(2, changed('A', 2))) })
    expect(told.outcomes).toEqual(['applied', 'applied'])
  })

  test('is overtaken as a snapshot too: it would bring old money back', () => {
    const told = tell(stamped(1, enrolled()), stamped(5, assessed([['A', 50]])), stamped(6, paid('p', 20)), {
      moved: stamped(4, snapshot(listed([['A', 50]]))),
    })
    expect(details(told)).toEqual(['conflict overtaken'])
    expect(told.suspect).toBe(true)
  })

  test('where it lay right, its timestamp does not matter', () => {
    expect(tell(stamped(9, enrolled()), stamped(4, changed('A', 4))).outcomes).toEqual(['applied', 'applied'])
  })
})
