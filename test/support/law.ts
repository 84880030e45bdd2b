import fc from 'fast-check'
import { test } from 'vitest'

type Options = {
  readonly runs: number
  /** Seeds and paths that once failed, as fast-check printed them: they stay. */
  readonly kept?: readonly { readonly seed: number; readonly path: string }[]
}

/** A law holds for whatever is generated. A failure prints the seed, the path and the smallest counterexample. */
export const law = <T>(
  title: string,
  arbitrary: fc.Arbitrary<T>,
  holds: (value: T) => void,
  { runs, kept = [] }: Options,
): void => {
  const property = fc.property(arbitrary, holds)
  test(title, () => fc.assert(property, { numRuns: Math.ceil(runs * EFFORT) }), 60_000)
  for (const { seed, path } of kept)
    test(`${title} (seed ${seed}, path ${path})`, () => fc.assert(property, { seed, path, endOnFailure: true }))
}

/** More for a night, less for a glance. */
const EFFORT = Number(process.env['PULLGATE_EFFORT'] ?? 1)
