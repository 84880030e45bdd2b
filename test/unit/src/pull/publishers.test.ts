import { expect, test } from 'vitest'
import type { Scouted } from '../../../../consumers/ports/scouted.ts'
import { publishers } from '../../../../src/pull/publishers.ts'

const NOTHING = {
  heartbeats: async () => new Map<string, number>(),
  misroutingSources: async (): Promise<ReadonlySet<string>> => new Set(),
  scouted: async () => new Map<number, Scouted>(),
}
const rangeWith = (misrouted: number): Scouted => ({ identity: 'log.0', from: 5, upTo: 9, everybody: -1, misrouted })

test('a publisher that was seen misrouting stays known when the store forgets it', async () => {
  let stored: ReadonlySet<string> = new Set(['/erp/a'])
  const { misrouting } = publishers({ ...NOTHING, misroutingSources: async () => stored })
  expect(await misrouting(0)).toEqual(new Set(['/erp/a']))
  stored = new Set()
  expect(await misrouting(0)).toEqual(new Set(['/erp/a']))
  stored = new Set(['/erp/b'])
  expect(await misrouting(0)).toEqual(new Set(['/erp/a', '/erp/b']))
})

test('a publisher that the store no longer lists is forgotten after a day, and known again once it is listed', async () => {
  const [hourMs, dayMs] = [3_600_000, 86_400_000]
  let stored: ReadonlySet<string> = new Set(['/erp/a'])
  let nowMs = 0
  const { misrouting } = publishers({ ...NOTHING, misroutingSources: async () => stored }, () => nowMs)
  nowMs = 10 * dayMs
  expect(await misrouting(0)).toEqual(new Set(['/erp/a']))
  stored = new Set()
  nowMs += dayMs - hourMs
  expect(await misrouting(0)).toEqual(new Set(['/erp/a']))
  nowMs += 2 * hourMs
  expect(await misrouting(0)).toEqual(new Set())
  stored = new Set(['/erp/a'])
  expect(await misrouting(0)).toEqual(new Set(['/erp/a']))
})

test('a misrouted record is pending from when it is scanned until its partition has applied it', async () => {
  const scouted = new Map([[1, rangeWith(-1)]])
  const { misroutingAhead } = publishers({ ...NOTHING, scouted: async () => scouted })
  expect((await misroutingAhead(0)).isPending).toBe(false)
  scouted.set(2, rangeWith(5))
  expect((await misroutingAhead(0)).isPending).toBe(true)
  scouted.set(2, rangeWith(4))
  expect((await misroutingAhead(0)).isPending).toBe(false)
})

test('a misrouted record that is applied between the two reads is known by its source', async () => {
  let isApplied = false
  const { misroutingAhead } = publishers({
    ...NOTHING,
    scouted: async () => {
      isApplied = true
      return new Map([[2, rangeWith(-1)]])
    },
    misroutingSources: async () => new Set(isApplied ? ['/erp/a'] : []),
  })
  expect(await misroutingAhead(0)).toEqual({ isPending: false, sources: new Set(['/erp/a']) })
})
