import { afterEach, expect, test, vi } from 'vitest'
import { watchClocks } from '../../../../src/roles/watch-clocks.ts'

const NOW = 1_800_000_000_000
let watch: { readonly close: () => void } | undefined
afterEach(() => watch?.close())

type ReadClock = () => Promise<number | null>

/** The skew that is told first, against each server. */
const told = async (log: ReadClock | undefined, store: (() => Promise<number>) | undefined) => {
  const skews = new Map<string, number>()
  const ended = Promise.withResolvers<void>()
  const end = async (): Promise<number> => {
    ended.resolve()
    return NOW
  }
  let round = 0
  watch = watchClocks({
    engine: {
      log: { ...(log && { clock: log }) },
      store: { admin: { clock: () => (round++ > 0 || !store ? end() : store()) } },
    },
    metrics: { set: (_name, { against = '' }, value) => void (skews.has(against) || skews.set(against, value)) },
    log: { debug: () => {} },
    firstMs: 0,
    everyMs: 1,
    clock: () => NOW,
  })
  await ended.promise
  return skews
}

test.each([
  ['ahead of it', -3_600_000, 3_600],
  ['behind it', 3_600_000, -3_600],
])('a clock that is %s has a skew', async (_, difference, seconds) => {
  const skews = await told(
    async () => NOW + difference,
    async () => NOW + difference,
  )
  for (const against of ['log', 'store']) {
    // A machine that stalls during the answer proves less.
    const share = skews.get(against)! / seconds
    expect(share).toBeLessThan(1.001)
    expect(share).toBeGreaterThan(0.5)
  }
})

test('a slow answer proves less, and never a skew that may be the answer’s own time', async () => {
  // The server made its answer at the end of 40 ms; on the way, this process seems to be 20 ms behind it.
  const slow = async () => {
    await new Promise((resolve) => setTimeout(resolve, 40))
    return NOW
  }
  expect((await told(slow, async () => NOW)).get('log')).toBeCloseTo(0, 6)
})

test('servers that do not tell their clock have no skew, and those that fail spoil nothing', async () => {
  expect([...(await told(undefined, async () => NOW)).keys()]).toEqual(['store'])
  watch?.close()
  expect([
    ...(
      await told(
        async () => null,
        async () => NOW,
      )
    ).keys(),
  ]).toEqual(['store'])
  watch?.close()
  const failing = vi.fn(() => Promise.reject(new Error('away')))
  expect([...(await told(failing, async () => NOW)).keys()]).toEqual(['store'])
  expect(failing).toHaveBeenCalled()
})
