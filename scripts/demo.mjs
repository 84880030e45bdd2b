// `npm run demo`: installs what is missing, then plays showcase/main.ts on the pinned Node.
import { spawn } from 'node:child_process'
import { HELP, keptByNpm, parseFlags } from '../demo/flags.mjs'
import { ensureDeps } from './setup/deps.mjs'
import { PINNED_NODE, projectEnv, ROOT, SetupError } from './setup/exec.mjs'
import { endWithNpm } from './setup/parent.mjs'

const play = (args) =>
  new Promise((resolve, reject) => {
    const demo = spawn(PINNED_NODE, ['showcase/main.ts', ...args], { cwd: ROOT, stdio: 'inherit', env: projectEnv() })
    // From the terminal both get Ctrl-C, and the demo minds only the first; from elsewhere it comes to this process alone.
    for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => demo.kill(signal))
    demo.once('error', reject)
    demo.once('exit', (code) => resolve(code ?? 1))
  })

const main = async (args) => {
  const parsed = parseFlags(args)
  const problem = keptByNpm(process.env) ?? parsed.problem
  if (problem !== undefined) {
    process.stderr.write(`${problem}\n(npm run demo -- --help shows what there is)\n`)
    return 2
  }
  if (parsed.flags.help) {
    process.stdout.write(HELP)
    return 0
  }
  await ensureDeps((line) => process.stderr.write(`${line}\n`))
  return play(args)
}

endWithNpm()
process.exitCode = await main(process.argv.slice(2)).catch((error) => {
  if (!(error instanceof SetupError)) throw error
  process.stderr.write(`${error.message}\n`)
  return 1
})
