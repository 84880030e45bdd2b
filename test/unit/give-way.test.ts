import { execFile } from 'node:child_process'
import { getPriority, platform } from 'node:os'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const run = promisify(execFile)

/** Nice values by the name of the thread, of a process that has given way. */
const priorities = async (): Promise<Map<string, number>> => {
  const module = fileURLToPath(new URL('../../src/cli/give-way.ts', import.meta.url))
  const code = `
    import { readdirSync, readFileSync } from 'node:fs'
    import { getPriority } from 'node:os'
    import { Worker } from 'node:worker_threads'
    import { giveWay } from ${JSON.stringify(module)}
    const probe = new Worker('setInterval(() => {}, 1000)', { eval: true })
    await new Promise((resolve) => probe.once('online', resolve))
    giveWay()
    const tasks = readdirSync('/proc/self/task')
    const names = tasks.map((task) => readFileSync('/proc/self/task/' + task + '/comm', 'utf8').trim())
    console.log(JSON.stringify(tasks.map((task, at) => [names[at], getPriority(Number(task))])))
    process.exit()`
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', code])
  return new Map(JSON.parse(stdout))
}

/** Where priorities are counted by thread, and this process has one that can be lowered. */
const isTold = platform() === 'linux' && getPriority() < 10

test.runIf(isTold)('who gives way does so with V8’s threads too, but not with those of its probe', async () => {
  const found = await priorities()
  expect({ main: found.get('MainThread'), v8: found.get('V8Worker'), probe: found.get('WorkerThread') }).toEqual({
    main: 10,
    v8: 10,
    probe: getPriority(),
  })
})
