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

it('the program lets V8 allocate no object as old at birth', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'pullgate-v8-'))
  // V8 does not wait for a full pipe: it writes to a file.
  const file = openSync(join(folder, 'flags'), 'w')
  const tell = `data:text/javascript,${encodeURIComponent(TELL)}`
  const program = spawn(process.execPath, ['--import', tell, BIN, '--version'], { stdio: ['ignore', file, 'inherit'] })
  await once(program, 'close')
  closeSync(file)
  const flags = readFileSync(join(folder, 'flags'), 'utf8')
  rmSync(folder, { recursive: true })
  expect(flags).toMatch(/--allocation-site-pretenuring .*\n.*default: --no-allocation-site-pretenuring/)
})
