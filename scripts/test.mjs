// @ts-check
// `npm test`: set-up, check, a Kafka and a Redis of its own, all tests; the last line is the result. What is given as
// arguments goes to vitest.
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensureDeps } from './setup/deps.mjs'
import { PINNED_NODE, projectEnv, ROOT, run, SetupError } from './setup/exec.mjs'
import { endWithNpm } from './setup/parent.mjs'
import { startStack } from './setup/stack.mjs'
import { supervise } from './setup/supervise.mjs'

const VITEST = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs')

const say = (/** @type {string} */ text) => process.stderr.write(`[test] ${text}\n`)
const nothing = () => {}

/** What Ctrl-C and SIGTERM end: the step that runs. The steps after it are still taken, so the result is told. */
/** @type {() => unknown} */
let interrupt = nothing
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    say('interrupted')
    if (interrupt === nothing) process.exit(130)
    interrupt()
  })
}

/** @typedef {{ status: string, assertionResults: { status: string }[] }} TestFile */

/**
 * What vitest counted. A run without a report, a file that could not be loaded and an unhandled error fail as well.
 *
 * @param {string} report
 * @param {number} code
 */
const counts = async (report, code) => {
  const text = await readFile(report, 'utf8').catch(() => null)
  if (text === null) return { passed: 0, failed: 1 }
  const { numPassedTests, numFailedTests, testResults } = JSON.parse(text)
  const isBroken = (/** @type {TestFile} */ { status, assertionResults }) =>
    status === 'failed' && !assertionResults.some((test) => test.status === 'failed')
  const failed = numFailedTests + testResults.filter(isBroken).length
  return { passed: numPassedTests, failed: failed === 0 && code !== 0 ? 1 : failed }
}

/** @param {import('./setup/stack.mjs').Stack} stack @param {readonly string[]} args */
const runTests = async (stack, args) => {
  const folder = await mkdtemp(join(tmpdir(), 'pullgate-report-'))
  const report = join(folder, 'report.json')
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const vitest = await supervise([PINNED_NODE, VITEST, 'run', ...reporters, ...args], {
    cwd: ROOT,
    output: 'inherit',
    env: projectEnv({ KAFKA_BROKERS: stack.brokers, REDIS_URL: stack.redisUrl }),
  })
  interrupt = vitest.stop
  try {
    return await counts(report, await vitest.exited)
  } finally {
    interrupt = nothing
    await rm(folder, { recursive: true, force: true })
  }
}

const main = async (/** @type {readonly string[]} */ args) => {
  const began = Date.now()
  await ensureDeps(say)
  const [checked, stack] = await Promise.all([
    run(PINNED_NODE, ['scripts/check.mjs'], { inherit: true, env: projectEnv() }),
    startStack({ say }),
  ])
  say(`servers are up and the check is done after ${((Date.now() - began) / 1000).toFixed(1)} s`)
  const { passed, failed } = await runTests(stack, args).finally(stack.stop)
  if (checked.code === 0) return { passed, failed }
  say('"npm run check" found problems; they are above, and count as one failure')
  return { passed, failed: failed + 1 }
}

endWithNpm()
const { passed, failed } = await main(process.argv.slice(2)).catch((error) => {
  say(error instanceof SetupError ? error.message : error.stack)
  return { passed: 0, failed: 1 }
})
process.exitCode = failed === 0 ? 0 : 1
process.stdout.write(`${passed} passed, ${failed} failed\n`)
