// `npm run lab`: installs what is missing, then runs the fault lab, test/lab/main.ts, on the pinned Node.
import { ensureDeps } from './setup/deps.mjs'
import { PINNED_NODE, projectEnv, run, SetupError } from './setup/exec.mjs'

try {
  await ensureDeps((text) => process.stderr.write(`${text}\n`))
  const { code } = await run(PINNED_NODE, ['test/lab/main.ts', ...process.argv.slice(2)], {
    inherit: true,
    env: projectEnv(),
  })
  process.exitCode = code ?? 1
} catch (error) {
  if (!(error instanceof SetupError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
}
