import { expect, test } from 'vitest'
import { decode } from '../../../../consumers/events/decode.ts'
import { decodedOf, decodeInTurns } from '../../../../consumers/events/decode-in-turns.ts'
import { longSteps } from '../../../../consumers/events/long-steps.ts'
import { unknownFields } from '../../../../projections/events/unknown-fields.ts'
import { recordOf } from '../../../support/events.ts'
import { hostileMebibytes } from '../../../support/hostile-mebibytes.ts'

const hostile = hostileMebibytes()

/** How many turns of the event loop pass while `work` runs. */
const turnsOf = async (work: Promise<unknown>): Promise<number> => {
  let turns = 0
  let isOver = false
  const count = (): void => {
    if (isOver) return
    turns += 1
    setImmediate(count)
  }
  setImmediate(count)
  await work
  isOver = true
  return turns
}

test('a large record is decoded in turns of its own, and as it would be at once', async () => {
  const records = ['unlike objects, unread', 'empty objects as changes', 'unknown keys, unread'].map((name) =>
    recordOf(hostile.find((one) => one.name === name)!.value),
  )
  expect(await turnsOf(decodeInTurns(records))).toBeGreaterThan(records.length)
  for (const record of records) {
    expect(decodedOf(record)).toEqual(decode(record))
    expect(decodedOf(record)).toBe(decodedOf(record))
  }
})

test('a small record takes no turn', async () => {
  const record = recordOf('{}')
  expect(await turnsOf(decodeInTurns(Array(100).fill(record)))).toBeLessThan(2)
  expect(decodedOf(record)).toEqual(decode(record))
})

test('names that were meant are looked for in a bounded number of an event’s values', () => {
  let read = 0
  const changes = new Proxy(Array(300_000).fill({}), {
    get: (list, name) => {
      if (name !== 'length') read += 1
      return Reflect.get(list, name)
    },
  })
  expect(unknownFields('erp.student.changed.v1', { changes })).toEqual([])
  expect(read).toBeLessThan(5_000)
})

test('long steps never share a turn of the event loop, and one that throws stops none', async () => {
  const step = longSteps()
  let turn = 0
  let isOver = false
  const count = (): void => {
    turn += 1
    if (!isOver) setImmediate(count)
  }
  setImmediate(count)
  const turns: number[] = []
  const failed = step(() => {
    throw new Error('no')
  })
  const steps = Array.from({ length: 8 }, () => step(() => turns.push(turn)))
  await expect(failed).rejects.toThrow('no')
  await Promise.all(steps)
  isOver = true
  expect(new Set(turns).size).toBe(8)
})
