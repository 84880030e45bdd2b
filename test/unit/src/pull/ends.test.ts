import { expect, test } from 'vitest'
import { oneDomain } from '../../../../consumers/ports/domains.ts'
import type { LogEnd } from '../../../../consumers/ports/log.ts'
import { endsLookup } from '../../../../src/pull/ends.ts'
import { until } from '../../../support/until.ts'

type Asked = {
  readonly answer: (next: number, partitions?: number) => void
  readonly fail: () => void
  readonly atMs: number
}

/** A log that answers when the test says so. */
const lookupOf = (paceMs = 0, patienceMs = 60_000) => {
  const asked: Asked[] = []
  const errors: unknown[] = []
  const ends = () =>
    new Promise<ReadonlyMap<number, LogEnd>>((resolve, reject) => {
      asked.push({
        atMs: performance.now(),
        answer: (next, partitions = 1) => resolve(new Map([[0, { next, identity: 't.0', partitions }]])),
        fail: () => reject(new Error('away')),
      })
    })
  const onError = (error: unknown) => void errors.push(error)
  const lookup = endsLookup(
    { ends, domains: oneDomain() },
    { topic: 't', partitions: [0], paceMs, patienceMs, onError },
  )
  const next = async () => (await lookup('all'))?.ends.get(0)?.next ?? null
  return { next, lookup, asked, errors }
}

test('those of one turn share a look-up, and those that come later share the next', async () => {
  const { next, asked } = lookupOf()
  const first = [next(), next()]
  await until('the look-up', () => asked.length === 1)
  const others = [next(), next(), next()]
  asked[0]!.answer(1)
  expect(await Promise.all(first)).toEqual([1, 1])
  await until('the second look-up', () => asked.length === 2)
  asked[1]!.answer(2)
  expect(await Promise.all(others)).toEqual([2, 2, 2])
  expect(asked).toHaveLength(2)
})

test('who comes while one is asked gets the end of the next, even where the first answers later', async () => {
  const { next, asked } = lookupOf()
  const first = next()
  await until('the look-up', () => asked.length === 1)
  const second = next()
  await until('the overlapping look-up', () => asked.length === 2)
  let isOver = false
  void second.then(() => {
    isOver = true
  })
  asked[0]!.answer(1)
  expect(await first).toBe(1)
  await new Promise((resolve) => setImmediate(resolve))
  expect(isOver).toBe(false)
  asked[1]!.answer(2)
  expect(await second).toBe(2)
})

test('two look-ups are in flight at most, and a third begins when one of them has answered', async () => {
  const { next, asked } = lookupOf()
  const first = next()
  await until('the look-up', () => asked.length === 1)
  const second = next()
  await until('the overlapping look-up', () => asked.length === 2)
  const third = [next(), next()]
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve))
  expect(asked).toHaveLength(2)
  asked[1]!.answer(2)
  expect(await second).toBe(2)
  await until('the third look-up', () => asked.length === 3)
  asked[2]!.answer(3)
  expect(await Promise.all(third)).toEqual([3, 3])
  asked[0]!.answer(1)
  expect(await first).toBe(1)
})

test('an end is dated by the moment before it was asked', async () => {
  const { lookup, asked } = lookupOf()
  const before = Date.now()
  const result = lookup('all')
  await until('the look-up', () => asked.length === 1)
  const after = Date.now()
  await until('the clock to go on', () => Date.now() > after)
  asked[0]!.answer(1)
  expect((await result)!.askedAtMs).toBeGreaterThanOrEqual(before)
  expect((await result)!.askedAtMs).toBeLessThanOrEqual(after)
})

test('look-ups keep their pace on average: two begin at once after a rest', async () => {
  const { next, asked } = lookupOf(50)
  for (let turn = 0; turn < 4; turn++) {
    const result = next()
    await until('the look-up', () => asked.length === turn + 1)
    asked[turn]!.answer(turn)
    await result
  }
  // A timer may fire a millisecond early.
  expect(asked[2]!.atMs - asked[0]!.atMs).toBeGreaterThan(48)
  expect(asked[3]!.atMs - asked[0]!.atMs).toBeGreaterThan(98)
})

test('a log that fails is told, and asked again by the next', async () => {
  const { next, asked, errors } = lookupOf()
  const failed = next()
  await until('the look-up', () => asked.length === 1)
  asked[0]!.fail()
  expect(await failed).toBeNull()
  expect(errors).toHaveLength(1)
  const again = next()
  await until('the next look-up', () => asked.length === 2)
  asked[1]!.answer(7)
  expect(await again).toBe(7)
})

test('a log that hangs keeps nobody, who came first or later, and a late answer is nobody’s', async () => {
  const { next, asked } = lookupOf(0, 50)
  const first = next()
  await until('the look-up', () => asked.length === 1)
  const second = next()
  await until('the overlapping look-up', () => asked.length === 2)
  expect(await Promise.all([first, second, next()])).toEqual([null, null, null])
  expect(asked).toHaveLength(2)
  const again = next()
  await until('the next look-up', () => asked.length === 3)
  asked[0]!.answer(1)
  asked[2]!.answer(2)
  expect(await again).toBe(2)
})

test('a topic with other partitions than are configured tells no end', async () => {
  const { lookup, asked } = lookupOf()
  const looked = lookup('all')
  await until('the look-up', () => asked.length === 1)
  asked[0]!.answer(1, 2)
  expect((await looked)?.ends.size).toBe(0)
})

/** Two servers, each with a partition; the first never answers. */
const twoServers = (patienceMs: number) => {
  const asked: (readonly number[])[] = []
  const domains = [[0], [1]]
  const log = {
    domains: () => domains,
    ends: (_topic: string, partitions: readonly number[]) => {
      asked.push(partitions)
      const end = { next: 7, identity: 't.0', partitions: 2 }
      return partitions.includes(0) ? new Promise<never>(() => {}) : Promise.resolve(new Map([[1, end]]))
    },
  }
  const options = { topic: 't', partitions: [0, 1], paceMs: 0, patienceMs, onError: () => {} }
  return { lookup: endsLookup(log, options), asked }
}

test('who needs a partition waits for no other server, however long that one is silent', async () => {
  const { lookup, asked } = twoServers(60_000)
  void lookup(0)
  for (let pull = 0; pull < 3; pull += 1) expect((await lookup(1))?.ends.get(1)?.next).toBe(7)
  expect(asked).toEqual([[0], [1], [1], [1]])
})

test('who needs all partitions is told of those that answer', async () => {
  const { lookup } = twoServers(20)
  expect([...(await lookup('all'))!.ends.keys()]).toEqual([1])
})
