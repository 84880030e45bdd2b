import { describe, expect, test } from 'vitest'
import { differences } from './compare.ts'
import type { Generated } from './compare-world.ts'

const PER_TEST = 500
/** More for a night, less for a glance. */
const EFFORT = Number(process.env['PULLGATE_EFFORT'] ?? 1)
/** Where the seeds begin: another night may look elsewhere. */
const FIRST = Number(process.env['PULLGATE_FIRST_SEED'] ?? 1)

type Seeds = {
  readonly histories: number
  /** Seeds that once showed a difference: they stay. */
  readonly kept: readonly number[]
  /** Seeds whose outcomes the two read differently, with no difference in an answer; which one is right is not settled. */
  readonly unsettled?: readonly number[]
}

/** The product and the independent model say the same of every student of every generated log. */
export const agree = (
  what: string,
  worldOf: (seed: number) => Generated,
  { histories, kept, unsettled = [] }: Seeds,
): void => {
  const compare = (seed: number): void => {
    expect(differences(worldOf(seed), seed), `seed ${seed}`).toEqual([])
  }
  describe(what, () => {
    for (let from = FIRST; from < FIRST + histories * EFFORT; from += PER_TEST) {
      test(`seeds ${from} to ${from + PER_TEST - 1}`, () => {
        for (let seed = from; seed < from + PER_TEST; seed += 1) if (!unsettled.includes(seed)) compare(seed)
      }, 120_000)
    }
    test.for(kept)('seed %i', compare)
  })
}
