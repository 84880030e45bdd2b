import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const BIN = fileURLToPath(new URL('../../../../bin/pullgate.mjs', import.meta.url))

it('the program says nothing about an experimental SQLite, and passes on every other warning', async () => {
  // As Node warns when a module is first loaded; the program hangs on stdin meanwhile.
  const warn = `process.emitWarning('SQLite is an experimental feature and might change at any time', 'ExperimentalWarning')
    process.emitWarning('something else')`
  const later = `data:text/javascript,${encodeURIComponent(`process.stdin.once('readable', () => { ${warn} })`)}`
  const program = spawn(process.execPath, ['--import', later, BIN, 'hash-secret'], {
    stdio: ['pipe', 'ignore', 'pipe'],
  })
  let stderr = ''
  program.stderr.on('data', (chunk) => (stderr += chunk))
  program.stdin.end('a secret that is long enough')
  await once(program, 'close')
  expect(stderr).toContain('something else')
  expect(stderr).not.toContain('SQLite')
})
