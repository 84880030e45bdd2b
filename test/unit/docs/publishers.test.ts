import { expect, test } from 'vitest'
import { publishers } from '../../../src/pull/publishers.ts'

test('a publisher that was seen misrouting stays known when the store forgets it', async () => {
  let stored: ReadonlySet<string> = new Set(['/erp/a'])
  const { misrouting } = publishers({
    heartbeats: async () => new Map(),
    misroutingSources: async () => stored,
  })
  expect(await misrouting(0)).toEqual(new Set(['/erp/a']))
  stored = new Set()
  expect(await misrouting(0)).toEqual(new Set(['/erp/a']))
  stored = new Set(['/erp/b'])
  expect(await misrouting(0)).toEqual(new Set(['/erp/a', '/erp/b']))
})
