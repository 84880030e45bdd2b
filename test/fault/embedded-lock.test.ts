import { chmodSync, existsSync, readdirSync, rmSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { lockFile } from '../../src/sqlite/lock.ts'
import { type EmbeddedProgram, embeddedProgram } from '../support/embedded-program.ts'
import { until } from '../support/until.ts'

let embedded: EmbeddedProgram
beforeEach(async () => {
  embedded = await embeddedProgram()
})
afterEach(() => embedded.close())

const modes = () => {
  const [folder, name] = [dirname(embedded.path), basename(embedded.path)]
  const files = readdirSync(folder).filter((file) => file.startsWith(name))
  return new Map(
    files.map((file) => [file.slice(name.length), (statSync(join(folder, file)).mode & 0o777).toString(8)]),
  )
}

it('the database, its journal and its lock are their owner’s alone', async () => {
  await embedded.program.start('all')
  await until('the journal', () => existsSync(`${embedded.path}-wal`))
  const all = modes()
  expect([...all.keys()]).toEqual(expect.arrayContaining(['', '-lock', '-shm', '-wal']))
  expect(new Set(all.values())).toEqual(new Set(['600']))
})

it('a file that others could read is closed to them at the next start', async () => {
  const first = await embedded.program.start('all')
  await first.stop()
  chmodSync(embedded.path, 0o644)
  chmodSync(`${embedded.path}-lock`, 0o644)
  await embedded.program.start('all')
  expect(new Set(modes().values())).toEqual(new Set(['600']))
})

it('a second process is refused though the lock file was removed', async () => {
  await embedded.program.start('all')
  for (let round = 0; round < 2; round++) {
    rmSync(`${embedded.path}-lock`)
    const second = await embedded.program.run(['all'])
    expect([second.code, second.stderr]).toEqual([1, expect.stringContaining('one file serves one process')])
  }
})

it('whoever comes in the moment after the removal waits for the owner to lock anew', async () => {
  await embedded.program.start('all')
  rmSync(`${embedded.path}-lock`)
  expect(lockFile(embedded.path, () => {})).toBeNull()
})

it('a process that was stopped takes the file again without a lock file, too', async () => {
  const first = await embedded.program.start('all')
  await first.stop()
  rmSync(`${embedded.path}-lock`)
  const again = await embedded.program.start('all')
  expect(existsSync(`${embedded.path}-lock`)).toBe(true)
  await again.stop()
})
