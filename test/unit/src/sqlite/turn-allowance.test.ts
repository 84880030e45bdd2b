import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { turnAllowance } from '../../../../src/sqlite/log/turn-allowance.ts'

/** Partitions that always have more to read than a turn allows, asked in their order. */
const greedy = (partitions: readonly number[], bytes: number) => {
  const served: number[] = []
  const ask = (): void => {
    for (const partition of partitions) {
      if (!allowance.isLeft(partition)) continue
      served.push(partition)
      allowance.spend(partition, bytes)
    }
  }
  const allowance = turnAllowance(100, ask)
  return { served, ask, allowance }
}

it('a turn reads so much and no more, and the next one goes on by itself', async () => {
  const { served, ask } = greedy([0, 1, 2], 100)
  ask()
  expect(served).toEqual([0])
  await nextTurn()
  await nextTurn()
  expect(served.length).toBeGreaterThanOrEqual(2)
})

it('partitions with a backlog take turns', async () => {
  const { served, ask } = greedy([0, 1, 2], 100)
  ask()
  while (served.length < 30) await nextTurn()
  for (const partition of [0, 1, 2]) expect(served.slice(0, 30).filter((one) => one === partition)).toHaveLength(10)
})

it('one that was to come first and has gone costs a turn, not the rest', async () => {
  const { served, ask, allowance } = greedy([0], 100)
  ask()
  expect(allowance.isLeft(7)).toBe(false)
  while (served.length < 2) await nextTurn()
})

it('a lone one goes on turn after turn', async () => {
  // As a lane does: it asks again as soon as it was served.
  const { served, ask } = greedy([0, 0], 100)
  ask()
  while (served.length < 20) await nextTurn()
})
