import { execFile, spawnSync } from 'node:child_process'
import { getPriority, platform } from 'node:os'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const run = promisify(execFile)

type Told = { readonly nice: number; readonly policy: string }

/** How each thread is scheduled, by its name, of a process that has given way. */
const scheduled = async (): Promise<Map<string, Told>> => {
  const module = fileURLToPath(new URL('../../../../src/cli/lower-priority.ts', import.meta.url))
  const code = `
    import { execFileSync } from 'node:child_process'
    import { readdirSync, readFileSync } from 'node:fs'
    import { getPriority } from 'node:os'
    import { Worker } from 'node:worker_threads'
    import { giveWay } from ${JSON.stringify(module)}
    const probe = new Worker('setInterval(() => {}, 1000)', { eval: true })
    await new Promise((resolve) => probe.once('online', resolve))
    giveWay()
    const tasks = readdirSync('/proc/self/task')
    const names = tasks.map((task) => readFileSync('/proc/self/task/' + task + '/comm', 'utf8').trim())
    const policy = (task) => /SCHED_\\w+/.exec(execFileSync('chrt', ['--pid', task], { encoding: 'utf8' }))[0]
    const told = (task) => ({ nice: getPriority(Number(task)), policy: policy(task) })
    console.log(JSON.stringify(tasks.map((task, at) => [names[at], told(task)])))
    process.exit()`
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', code])
  return new Map(JSON.parse(stdout))
}

/** Where threads are scheduled one by one, and this process has a priority that can be lowered. */
const isTold = platform() === 'linux' && getPriority() < 10 && spawnSync('chrt', ['--version']).status === 0

test.runIf(isTold)('who gives way does so with V8’s threads too, but not with those of its probe', async () => {
  const found = await scheduled()
  const given: Told = { nice: 10, policy: 'SCHED_IDLE' }
  expect({ main: found.get('MainThread'), v8: found.get('V8Worker'), probe: found.get('WorkerThread') }).toEqual({
    main: given,
    v8: given,
    probe: { nice: getPriority(), policy: 'SCHED_OTHER' },
  })
})
