import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const MAIN = fileURLToPath(new URL('../../showcase/main.ts', import.meta.url))

it('the demo plays its whole story on one file where no server can be had, and says so', async () => {
  const nothing = await mkdtemp(join(tmpdir(), 'pullgate-nothing-'))
  // No Docker, no Java, no package manager, and nothing that was downloaded before.
  const env = { PATH: nothing, HOME: nothing, XDG_CACHE_HOME: nothing }
  const demo = spawn(process.execPath, [MAIN, '--tour'], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [demo.stdout, demo.stderr]) stream.on('data', (chunk) => (output += chunk))
  const [code] = (await once(demo, 'close')) as [number | null]
  await rm(nothing, { recursive: true, force: true })
  expect(output).toContain('servers: none, one SQLite file takes their place')
  expect(output).toContain('The process is killed right after an acknowledgement')
  expect(output).toContain('every scene as it should be')
  expect(code).toBe(0)
}, 120_000)
