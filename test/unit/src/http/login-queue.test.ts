import { expect, test } from 'vitest'
import { type LoginAttempt, loginQueue } from '../../../../src/http/login-queue.ts'
import { until } from '../../../support/until.ts'

const LIMITS = { workers: 1, maxWaiting: 3, maxWaitMs: 10_000 }

/** A queue whose first attempt is under way until `open` is called, and the names of the others in their turns. */
const busyQueue = (limits: Partial<typeof LIMITS> = {}) => {
  const queue = loginQueue({ ...LIMITS, ...limits })
  const gate = Promise.withResolvers<void>()
  const turns: string[] = []
  const attempt = (name: string, ofAddress = 0, ofName = 0, said: Partial<LoginAttempt> = {}) =>
    queue.enter({
      charged: () => ({ address: ofAddress, name: ofName, isOver: false }),
      isGone: () => false,
      verify: async () => turns.push(name) > 0,
      ...said,
    })
  const first = attempt('first', 0, 0, { verify: () => gate.promise.then(() => false) })
  return { attempt, turns, first, open: gate.resolve }
}

test('whose address has failed least comes first, then whose name has, then who came last', async () => {
  const { attempt, turns, first, open } = busyQueue({ maxWaiting: 10 })
  const all = [attempt('a', 2), attempt('b', 0, 2), attempt('c', 0, 1), attempt('d', 0, 1), attempt('e', 1)]
  open()
  expect(await first).toBe('wrong')
  expect(await Promise.all(all)).toEqual(Array(5).fill('right'))
  expect(turns).toEqual(['d', 'c', 'b', 'e', 'a'])
})

test('the lane rests between two whose address or name is over its rate, and not before others', async () => {
  const turns: string[] = []
  const queue = loginQueue({ ...LIMITS, maxWaiting: 10 })
  const verify = (name: string) => async () => {
    await new Promise((resolve) => setTimeout(resolve, 20))
    return turns.push(name) > 0
  }
  const over = (name: string) =>
    queue.enter({ charged: () => ({ address: 50, name: 50, isOver: true }), isGone: () => false, verify: verify(name) })
  const began = performance.now()
  const guesses = [over('x'), over('y')]
  await until('the first guess', () => turns.length === 1)
  await queue.enter({
    charged: () => ({ address: 0, name: 0, isOver: false }),
    isGone: () => false,
    verify: verify('right'),
  })
  await Promise.all(guesses)
  expect(turns).toEqual(['x', 'right', 'y'])
  // Timers may fire a millisecond early.
  expect(performance.now() - began).toBeGreaterThan(20 + 60 + 20 - 3)
})

test('beyond its bound whoever has failed more is turned away, the newcomer or the one that has waited longest', async () => {
  const { attempt, turns, open } = busyQueue()
  const waiting = [attempt('a', 1), attempt('b', 1), attempt('c', 1)]
  const guess = attempt('guess', 2)
  const other = attempt('other', 0)
  expect(await guess).toBe('turned_away')
  expect(await waiting[0]).toBe('turned_away')
  open()
  expect(await other).toBe('right')
  await Promise.all(waiting)
  expect(turns).toEqual(['other', 'c', 'b'])
})

test('an attempt that nobody waits for, or that has waited for too long, has no turn', async () => {
  const { attempt, turns, open } = busyQueue()
  const gone = attempt('gone', 0, 0, { isGone: () => true })
  open()
  expect(await gone).toBe('turned_away')
  const late = busyQueue({ maxWaitMs: 0 })
  const waited = late.attempt('late')
  await until('time to pass', () => performance.now() > 1)
  late.open()
  expect(await waited).toBe('turned_away')
  expect([...turns, ...late.turns]).toEqual([])
})

test('a verification that fails turns its own attempt away and no other', async () => {
  const { attempt, open } = busyQueue()
  const broken = attempt('broken', 0, 0, { verify: () => Promise.reject(new Error('no memory')) })
  const sound = attempt('sound', 1)
  open()
  expect([await broken, await sound]).toEqual(['turned_away', 'right'])
})
