import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const BIN = fileURLToPath(new URL('../../../../bin/pullgate.mjs', import.meta.url))

/** V8 prints its flags as they are set. */
const TELL = `import { setFlagsFromString } from 'node:v8'
  process.on('exit', () => setFlagsFromString('--help'))`

/** V8's flags at the end of a command. */
const flagsAfter = async (...args: readonly string[]): Promise<string> => {
  const folder = mkdtempSync(join(tmpdir(), 'pullgate-v8-'))
  // V8 does not wait for a full pipe: it writes to a file.
  const file = openSync(join(folder, 'flags'), 'w')
  const tell = `data:text/javascript,${encodeURIComponent(TELL)}`
  const program = spawn(process.execPath, ['--import', tell, BIN, ...args], { stdio: ['ignore', file, 'ignore'] })
  await once(program, 'close')
  closeSync(file)
  const flags = readFileSync(join(folder, 'flags'), 'utf8')
  rmSync(folder, { recursive: true })
  return flags
}

it('the program lets V8 allocate no object as old at birth', async () => {
  expect(await flagsAfter('--version')).toMatch(
    /--allocation-site-pretenuring .*\n.*default: --no-allocation-site-pretenuring/,
  )
})

it('a list of dead letters keeps the heap small', async () => {
  expect(await flagsAfter('dlq', 'list', '--config', 'missing.yaml')).toMatch(
    /--optimize-for-size .*\n.*default: --optimize-for-size/,
  )
})
