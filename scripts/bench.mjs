// @ts-check
// `npm run bench`: set-up, a Kafka and a Redis of its own, then bench/main.ts with the arguments given.
// `--stack env|docker|native` chooses the servers.
import { ensureDeps } from './setup/deps.mjs'
import { PINNED_NODE, projectEnv, ROOT, SetupError } from './setup/exec.mjs'
import { endWithNpm } from './setup/parent.mjs'
import { startStack } from './setup/stack.mjs'
import { supervise } from './setup/supervise.mjs'

const say = (/** @type {string} */ text) => process.stderr.write(`[bench] ${text}\n`)

/** `--stack X` is ours; the rest goes on as it is. @param {readonly string[]} args */
const split = (args) => {
  const at = args.indexOf('--stack')
  return at < 0 ? { rest: args } : { choice: args[at + 1] ?? '', rest: args.toSpliced(at, 2) }
}

const main = async () => {
  const { choice, rest } = split(process.argv.slice(2))
  await ensureDeps(say)
  const stack = await startStack({ choice, say })
  try {
    const bench = await supervise([PINNED_NODE, 'bench/main.ts', ...rest], {
      cwd: ROOT,
      output: 'inherit',
      env: projectEnv({ KAFKA_BROKERS: stack.brokers, REDIS_URL: stack.redisUrl }),
    })
    process.exitCode = await bench.exited
  } finally {
    await stack.stop()
  }
}

endWithNpm()
try {
  await main()
} catch (error) {
  if (!(error instanceof SetupError)) throw error
  say(error.message)
  process.exitCode = 1
}
