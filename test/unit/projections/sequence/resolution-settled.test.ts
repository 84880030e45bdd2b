import { describe, expect, test } from 'vitest'
import type { Said } from '../../../golden/example.ts'
import { changed, enrolled, erased, listed, snapshot } from '../../../golden/said.ts'
import { nth } from '../../../support/events.ts'
import { tell } from '../../../support/tell.ts'

const BAD = changed('A', -1)

describe('a snapshot settles a letter whose number could not be read', () => {
  const unread = nth('x', changed('A', 2))

  test('with it the number that was missing before the snapshot', () => {
    const told = tell(
      nth(1, enrolled()),
      unread,
      nth(3, changed('A', 3)),
      nth(4, snapshot(listed([['A', 4]]))),
      nth(6, changed('A', 6)),
    )
    expect(told.outcomes).toEqual(['applied', 'poison', 'held', 'applied', 'held'])
  })

  test('where none was missing, the one that the source’s next number finds missing', () => {
    const told = tell(
      nth(1, enrolled()),
      unread,
      nth(2, snapshot(listed([['A', 2]]))),
      nth(4, changed('A', 4)),
      nth(6, changed('A', 6)),
    )
    expect(told.outcomes).toEqual(['applied', 'poison', 'applied', 'applied', 'held'])
  })

  test('lets nothing go for a letter that it says again itself', () => {
    const again = (sequence: number | string): Said => ({ ...nth(sequence, snapshot(listed([['A', 2]]))), id: 'again' })
    const told = tell(nth(1, enrolled()), again('x'), nth(4, changed('A', 4)), again(2), nth(3, changed('A', 3)))
    expect(told.outcomes).toEqual(['applied', 'poison', 'held', 'applied', 'applied+applied'])
  })

  test('never lets go of the snapshot’s own number', () => {
    const told = tell(nth(2, changed('A', 2)), unread, nth(1, snapshot(listed([['A', 1]]))), nth(4, changed('A', 4)))
    expect(told.outcomes).toEqual(['held', 'poison', 'applied+applied', 'applied'])
  })
})

test('an erasure lets nothing go for a letter that it says again itself', () => {
  const again = (sequence: number | string): Said => ({ ...nth(sequence, erased()), id: 'again' })
  const told = tell(nth(1, enrolled()), again('x'), nth(4, enrolled()), again(2), nth(3, changed('A', 3)))
  expect(told.outcomes).toEqual(['applied', 'poison', 'held', 'applied', 'ignored+applied'])
})

test('an erasure that settles a letter whose number could not be read lets go of one as well', () => {
  const told = tell(nth(1, enrolled()), nth('x', BAD), erased(), nth(3, enrolled()), nth(5, changed('A', 1)))
  expect(told.outcomes).toEqual(['applied', 'poison', 'applied', 'applied', 'held'])
})
