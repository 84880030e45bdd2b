import { execFile, spawnSync } from 'node:child_process'
import { getPriority, platform } from 'node:os'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const run = promisify(execFile)

type Scheduling = { readonly nice: number; readonly policy: string }

/** How each thread of a process with lowered priority is scheduled, by the thread's name. */
const scheduled = async (hasRoom: boolean): Promise<Map<string, Scheduling>> => {
  const module = fileURLToPath(new URL('../../../../src/cli/lower-priority.ts', import.meta.url))
  const code = `
    import { execFileSync } from 'node:child_process'
    import { readdirSync, readFileSync } from 'node:fs'
    import { getPriority } from 'node:os'
    import { Worker } from 'node:worker_threads'
    import { lowerPriority } from ${JSON.stringify(module)}
    const probe = new Worker('setInterval(() => {}, 1000)', { eval: true })
    await new Promise((resolve) => probe.once('online', resolve))
    lowerPriority(${hasRoom})
    const tasks = readdirSync('/proc/self/task')
    const names = tasks.map((task) => readFileSync('/proc/self/task/' + task + '/comm', 'utf8').trim().replace('node-', ''))
    const policy = (task) => /SCHED_\\w+/.exec(execFileSync('chrt', ['--pid', task], { encoding: 'utf8' }))[0]
    const scheduling = (task) => ({ nice: getPriority(Number(task)), policy: policy(task) })
    console.log(JSON.stringify(tasks.map((task, at) => [names[at], scheduling(task)])))
    process.exit()`
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', code])
  return new Map(JSON.parse(stdout))
}

/** Linux counts priorities by thread, and this process has a priority that can be lowered. */
const canLower = platform() === 'linux' && getPriority() < 10 && spawnSync('chrt', ['--version']).status === 0

test.runIf(canLower).each([
  [true, 'SCHED_IDLE'],
  [false, 'SCHED_OTHER'],
])(
  'with room on the machine: %s, the main thread and V8’s are %s at a low priority, and the probe’s thread stays',
  async (hasRoom, policy) => {
    const found = await scheduled(hasRoom)
    const lowered: Scheduling = { nice: 10, policy }
    expect({ main: found.get('MainThread'), v8: found.get('V8Worker'), probe: found.get('WorkerThread') }).toEqual({
      main: lowered,
      v8: lowered,
      probe: { nice: getPriority(), policy: 'SCHED_OTHER' },
    })
  },
)
