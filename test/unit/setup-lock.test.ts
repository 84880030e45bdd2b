import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { withLock } from '../../scripts/setup/lock.mjs'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pullgate-test-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

test('work under one lock never overlaps', async () => {
  let inside = 0
  let most = 0
  const work = async () => {
    most = Math.max(most, ++inside)
    await setImmediate()
    inside--
  }
  await Promise.all(Array.from({ length: 4 }, () => withLock(join(folder, 'lock'), work)))
  expect(most).toBe(1)
})

test('a lock is free again after work that failed', async () => {
  const lock = join(folder, 'lock')
  await expect(withLock(lock, () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  expect(existsSync(lock)).toBe(false)
})

test('a lock whose holder is dead is taken over', async () => {
  const lock = join(folder, 'lock')
  const { pid } = spawnSync('true')
  writeFileSync(lock, String(pid))
  expect(await withLock(lock, async () => 'done')).toBe('done')
})
