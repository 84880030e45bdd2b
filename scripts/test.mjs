// Everything that `npm test` does: set-up, check, Kafka and Redis of its own, all tests; the last line is the result.
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensureDeps } from './setup/deps.mjs'
import { PINNED_NODE, projectEnv, ROOT, run, SetupError } from './setup/exec.mjs'
import { startStack } from './setup/stack.mjs'
import { requireHelm, requirePrometheus } from './setup/tools.mjs'

const say = (text) => process.stderr.write(`[test] ${text}\n`)

/** What vitest counted; a run that left no report, or files that could not even be loaded, count as one failure each. */
const counts = async (report, code) => {
  const text = await readFile(report, 'utf8').catch(() => null)
  if (text === null) return { passed: 0, failed: 1 }
  const { numPassedTests, numFailedTests, testResults } = JSON.parse(text)
  const broken = testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
  )
  const failed = numFailedTests + broken.length
  return { passed: numPassedTests, failed: failed === 0 && code !== 0 ? 1 : failed }
}

const main = async () => {
  const args = process.argv.slice(2)
  const began = Date.now()
  await ensureDeps(say)
  const checked = await run(PINNED_NODE, ['scripts/check.mjs'], { inherit: true, env: projectEnv() })
  // Once, before tests that run side by side would each see to it; without it they fail by themselves.
  for (const require of [requirePrometheus, requireHelm]) await require(say).catch((error) => say(error.message))
  const stack = await startStack({ choice: undefined, say })
  const folder = await mkdtemp(join(tmpdir(), 'pullgate-report-'))
  try {
    say(`servers are up after ${((Date.now() - began) / 1000).toFixed(1)} s`)
    const report = join(folder, 'report.json')
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
    const env = projectEnv({ KAFKA_BROKERS: stack.brokers, REDIS_URL: stack.redisUrl })
    const vitest = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs')
    const { code } = await run(PINNED_NODE, [vitest, 'run', ...reporters, ...args], { inherit: true, env })
    const { passed, failed } = await counts(report, code)
    const problems = failed + (checked.code === 0 ? 0 : 1)
    if (checked.code !== 0) say('"npm run check" found problems; they are above, and count as one failure')
    process.exitCode = problems === 0 ? 0 : 1
    return `${passed} passed, ${problems} failed`
  } finally {
    await stack.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

// Ctrl-C reaches the tests as well; the remaining servers are ended below, then the result is reported.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => say('ending'))

try {
  console.log(await main())
} catch (error) {
  if (!(error instanceof SetupError)) throw error
  say(error.message)
  console.log('0 passed, 1 failed')
  process.exitCode = 1
}
