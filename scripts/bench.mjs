// @ts-check
// `npm run bench`: set-up, a Kafka and a Redis of its own, then bench/main.ts with the arguments given.
// `--stack env|docker|native` chooses the servers.
import { parseArgs } from 'node:util'
import { ensureDeps } from './setup/deps.mjs'
import { PINNED_NODE, projectEnv, ROOT, SetupError } from './setup/exec.mjs'
import { endWithNpm } from './setup/parent.mjs'
import { startStack } from './setup/stack.mjs'
import { supervise } from './setup/supervise.mjs'

const say = (text) => process.stderr.write(`[bench] ${text}\n`)

/** `--stack X` is ours; the rest goes on as it is. */
const split = (args) => {
  const { tokens, values } = parseArgs({ args, options: { stack: { type: 'string' } }, strict: false, tokens: true })
  const ours = tokens.find((token) => token.kind === 'option' && token.name === 'stack')
  if (ours === undefined) return { choice: undefined, rest: args }
  return { choice: String(values.stack), rest: args.toSpliced(ours.index, ours.inlineValue ? 1 : 2) }
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
