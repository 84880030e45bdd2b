import { describe, expect, test } from 'vitest'
import {
  MAX_SEEN,
  NOTHING_SEEN,
  type Seen,
  sawEvent,
  sawIdentity,
  sawSequence,
  see,
  unsee,
} from '../../../../projections/state/seen.ts'

const event = (name: string, content = 'content-16-chars') => ({ identity: name.padEnd(16, '_'), content })
const all = (count: number): Seen =>
  Array.from({ length: count }).reduce<Seen>(
    (seen, _, index) => see(seen, event(`e${index}`), 0, BigInt(index + 1)),
    NOTHING_SEEN,
  )

describe('the events of a student that were seen', () => {
  test('are known by identity, by identity and content, and by number of their source', () => {
    const seen = see(see(NOTHING_SEEN, event('a'), 0, 12n), event('b'), 1, null)
    expect(sawEvent(seen, event('a'))).toBe(true)
    expect(sawEvent(seen, event('a', 'other-16-content'))).toBe(false)
    expect(sawIdentity(seen, event('a').identity)).toBe(true)
    expect(sawIdentity(seen, event('c').identity)).toBe(false)
    expect(sawIdentity(seen, event('a').content)).toBe(false)
    expect([
      sawSequence(seen, 0, 12n),
      sawSequence(seen, 0, 1n),
      sawSequence(seen, 0, 2n),
      sawSequence(seen, 1, 12n),
    ]).toEqual([true, false, false, false])
  })

  test('are the last 256', () => {
    const seen = all(MAX_SEEN + 1)
    expect(MAX_SEEN).toBe(256)
    expect(seen.count).toBe(256)
    expect(sawIdentity(seen, event('e0').identity)).toBe(false)
    expect(sawSequence(seen, 0, 1n)).toBe(false)
    expect(sawIdentity(seen, event('e1').identity)).toBe(true)
    expect(seen.text.split('~')).toHaveLength(257)
  })

  test('are forgotten one by one, wherever they stand', () => {
    const seen = all(3)
    for (const name of ['e0', 'e1', 'e2']) {
      const rest = unsee(seen, event(name))
      expect(rest.count).toBe(2)
      expect(sawIdentity(rest, event(name).identity)).toBe(false)
    }
    expect(unsee(unsee(unsee(seen, event('e1')), event('e0')), event('e2'))).toEqual(NOTHING_SEEN)
    expect(unsee(seen, event('e9'))).toBe(seen)
    expect(unsee(seen, event('e1', 'other-16-content'))).toBe(seen)
  })
})
