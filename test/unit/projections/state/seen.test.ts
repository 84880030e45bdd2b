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
import type { Instant } from '../../../../projections/values/ids.ts'

const event = (name: string, content = 'conten') => ({ identity: name.padEnd(8, '_'), content })
const at = (second: number): Instant => `2026-06-01T00:00:${String(second).padStart(2, '0')}` as Instant
const all = (count: number): Seen =>
  Array.from({ length: count }).reduce<Seen>(
    (seen, _, index) => see(seen, event(`e${index}`), 0, BigInt(index + 1), at(index % 60)).seen,
    NOTHING_SEEN,
  )

describe('the events of a student that were seen', () => {
  test('are known by identity, by identity and content, and by number of their source', () => {
    const one = see(NOTHING_SEEN, event('a'), 1, 48n, at(0)).seen
    const seen = see(one, event('b'), 2, null, at(0)).seen
    expect(sawEvent(seen, event('a'))).toBe(true)
    expect(sawEvent(seen, event('a', 'other_'))).toBe(false)
    expect(sawIdentity(seen, event('a').identity)).toBe(true)
    expect(sawIdentity(seen, event('c').identity)).toBe(false)
    expect(sawIdentity(seen, event('a').content)).toBe(false)
    expect([1n, 12n, 48n].map((number) => sawSequence(seen, 1, number))).toEqual([false, false, true])
    expect([sawSequence(seen, 2, 48n), sawSequence(seen, 37, 48n)]).toEqual([false, false])
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

  test('tell of which source the forgotten one was, and when it happened', () => {
    const fraction = '2026-06-01T00:00:07.125' as Instant
    const first = see(NOTHING_SEEN, event('first'), 40, 2n ** 63n - 1n, fraction).seen
    const full = Array.from({ length: MAX_SEEN - 1 }).reduce<Seen>(
      (seen, _, index) => see(seen, event(`e${index}`), 1, null, at(0)).seen,
      first,
    )
    expect(see(full, event('x'), 1, null, at(1)).forgotten).toEqual({ sourceId: 40, at: fraction })
    expect(see(first, event('x'), 1, null, at(1)).forgotten).toBe(null)
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
    expect(unsee(seen, event('e1', 'other_'))).toBe(seen)
  })
})
