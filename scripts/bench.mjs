// `npm run bench`: set-up, a Kafka and a Redis of its own, then bench/main.ts with the arguments given.
import { ensureDeps } from './setup/deps.mjs'
import { PINNED_NODE, projectEnv, run, SetupError } from './setup/exec.mjs'
import { startStack } from './setup/stack.mjs'

const say = (text) => process.stderr.write(`[bench] ${text}\n`)

try {
  await ensureDeps(say)
  const stack = await startStack({ choice: undefined, say })
  try {
    const env = projectEnv({ KAFKA_BROKERS: stack.brokers, REDIS_URL: stack.redisUrl })
    const { code } = await run(PINNED_NODE, ['bench/main.ts', ...process.argv.slice(2)], { inherit: true, env })
    process.exitCode = code ?? 1
  } finally {
    await stack.stop()
  }
} catch (error) {
  if (!(error instanceof SetupError)) throw error
  say(error.message)
  process.exitCode = 1
}
