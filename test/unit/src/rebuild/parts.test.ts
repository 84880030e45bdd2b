import { describe, expect, test } from 'vitest'
import type { StudentId } from '../../../../projections/values/ids.ts'
import { steps } from '../../../../src/cli/command/steps.ts'
import { tellDifferences, tellPhase } from '../../../../src/cli/rebuild-words.ts'
import { memoryStore } from '../../../../src/memory/store.ts'
import { withBuildLock } from '../../../../src/rebuild/build-lock.ts'
import { census } from '../../../../src/rebuild/census.ts'
import { batch, records } from '../../../support/store-fixtures.ts'

describe('the right to build', () => {
  test('is given back when the work is done or fails, and is refused meanwhile', async () => {
    const { admin } = memoryStore(1)
    const never = new AbortController().signal
    const inner = await withBuildLock(admin, never, () => withBuildLock(admin, never, async () => 'in'))
    expect(inner).toBe('busy')
    await expect(withBuildLock(admin, never, () => Promise.reject(new Error('no')))).rejects.toThrow('no')
    expect(await withBuildLock(admin, never, async () => 'in')).toBe('in')
  })
})

test('a census counts every student and picks as many as it is told, all of them where there are fewer', async () => {
  const store = memoryStore(4)
  const ids = Array.from({ length: 50 }, (_, index) => `S-${index}`)
  await store.writer.apply(batch({ records: records(Object.fromEntries(ids.map((id) => [id, id]))) }))
  const sizeOf = (sample: ReadonlyMap<number, ReadonlySet<StudentId>>) =>
    [...sample.values()].reduce((sum, picked) => sum + picked.size, 0)
  for (const [asked, given] of [
    [10, 10],
    [80, 50],
  ] as const) {
    const { students, sample } = await census(store.admin, 1, asked, Math.random)
    expect([students, sizeOf(sample)]).toEqual([50, given])
  }
})

describe('what a rebuild says', () => {
  test('names students only where it was asked to', () => {
    const comparison = {
      students: { live: 2, built: 2 },
      suspects: { live: 0, built: 1 },
      compared: 2,
      differences: [
        { kind: 'record', partition: 3, identifier: 'S-1' as StudentId },
        { kind: 'suspects', partition: 3, live: 0, built: 1 },
        { kind: 'never level', partition: 1, live: 5, built: 9 },
      ],
    } as const
    const without = tellDifferences(comparison, false).join('\n')
    expect(without).not.toContain('S-1')
    expect(without).toContain('partition 3: 1 student differs; 0 suspects and 1')
    expect(without).toContain('does a projector run?')
    expect(tellDifferences(comparison, true).join('\n')).toContain('"S-1"')
  })

  test('tells each step once, and how to go back', () => {
    expect(tellPhase({ kind: 'switched', generation: 2, former: 1 })).toContain('--rollback')
    expect(tellPhase({ kind: 'switched', generation: 1, former: null })).not.toContain('--rollback')
    expect(tellPhase({ kind: 'removing', generation: 1, keys: 5 })).toBeNull()
  })

  test('is a line every few seconds where there is no terminal', () => {
    const lines: string[] = []
    let now = 0
    const shown = steps('rebuild', { write: (text) => lines.push(text) }, () => now)
    for (; now < 11_000; now += 100) shown.at(now, 20_000)
    shown.end()
    expect(lines).toHaveLength(2)
    expect(lines[1]).toMatch(/^rebuild .*ETA .*\n$/u)
  })
})
