// `npm run demo`: installs what is missing, then plays showcase/main.ts on the pinned Node.
import { spawn } from 'node:child_process'
import { ensureDeps } from './setup/deps.mjs'
import { PINNED_NODE, projectEnv, ROOT, SetupError } from './setup/exec.mjs'

try {
  await ensureDeps((text) => process.stderr.write(`${text}\n`))
  const args = ['showcase/main.ts', ...process.argv.slice(2)]
  const child = spawn(PINNED_NODE, args, { cwd: ROOT, stdio: 'inherit', env: projectEnv() })
  // The terminal sends Ctrl-C to both; the demo ends itself, and this only waits for it.
  process.on('SIGINT', () => {})
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  child.on('exit', (code) => {
    process.exitCode = code ?? 1
  })
} catch (error) {
  if (!(error instanceof SetupError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
}
