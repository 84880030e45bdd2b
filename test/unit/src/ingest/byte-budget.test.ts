import { expect, test } from 'vitest'
import { byteBudget } from '../../../../src/ingest/byte-budget.ts'

test('a budget is bounded in all and for each holder, and closing gives back what was taken', () => {
  const budget = byteBudget(10, 6)
  const [first, second, other] = [budget.open('a'), budget.open('a'), budget.open('b')]
  expect([first.take(4), second.take(2), second.take(1), other.take(4), other.take(1)]).toEqual([
    true,
    true,
    false,
    true,
    false,
  ])
  first.close()
  expect([second.take(4), second.take(1), other.take(1)]).toEqual([true, false, false])
})

test('closing twice gives back once, and what is closed takes nothing more', () => {
  const budget = byteBudget(10, 10)
  const [first, second] = [budget.open('a'), budget.open('a')]
  second.take(5)
  first.take(5)
  first.close()
  first.close()
  expect(first.take(1)).toBe(false)
  expect([second.take(5), second.take(1)]).toEqual([true, false])
})
