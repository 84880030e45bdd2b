// `npm run lab`: installs what is missing, then runs the fault lab, test/lab/main.ts, on the pinned Node.
import { delimiter, dirname, isAbsolute } from 'node:path'
import { ensureDeps } from './setup/deps.mjs'
import { PINNED_NODE, projectEnv, run, SetupError } from './setup/exec.mjs'
import { requireJars } from './setup/kafka.mjs'
import { requireJava, requireRedis } from './setup/tools.mjs'

const say = (text) => process.stderr.write(`${text}\n`)
const args = process.argv.slice(2)

/** The real lab starts and kills servers of its own: what is needed for that, and where it is. */
const servers = async () => {
  const [redis] = await Promise.all([requireRedis(say), requireJava(say), requireJars(say)])
  if (!isAbsolute(redis.command)) return {}
  return { ...redis.env, PATH: [dirname(redis.command), process.env.PATH].join(delimiter) }
}

try {
  await ensureDeps(say)
  const isReal = !args.some((arg) => ['--sim', '--mutations', '--help'].includes(arg))
  const extra = isReal ? await servers() : {}
  const env = projectEnv(extra)
  if (extra.PATH) env.PATH = [env.PATH, extra.PATH].join(delimiter)
  const { code } = await run(PINNED_NODE, ['test/lab/main.ts', ...args], { inherit: true, env })
  process.exitCode = code ?? 1
} catch (error) {
  if (!(error instanceof SetupError)) throw error
  say(error.message)
  process.exitCode = 1
}
