import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { availableParallelism, constants, getPriority, loadavg, setPriority } from 'node:os'

const TASKS = '/proc/self/task'
/** As Node names the threads on which V8 collects garbage and compiles. */
const V8_WORKER = 'V8Worker'

/**
 * Lets other processes of this machine go first: where the system counts priorities by thread (Linux), this thread's and
 * those of V8's workers, which collect its garbage on the other cores. Others stay as they are: the probe's is to feel what
 * others feel. It is not taken back.
 *
 * A low priority alone is a small share of a core, but a turn once begun lasts its 3 ms, whoever wakes up meanwhile. Only
 * idle scheduling ends it at once; Node cannot ask for that, util-linux can. On a machine whose cores are all taken
 * already, idle threads would stand still: there it stays with the low priority.
 */
export const giveWay = (): void => {
  const hasRoom = loadavg()[0]! < availableParallelism()
  for (const thread of [process.pid, ...v8Workers()]) {
    lower(thread)
    if (hasRoom) spawnSync('chrt', ['-i', '-p', '0', `${thread}`], { stdio: 'ignore' })
  }
}

const v8Workers = (): readonly number[] => tasks().filter(isV8Worker).map(Number)

const tasks = (): readonly string[] => {
  try {
    return readdirSync(TASKS)
  } catch {
    // Another system.
    return []
  }
}

const isV8Worker = (task: string): boolean => {
  try {
    return readFileSync(`${TASKS}/${task}/comm`, 'utf8').startsWith(V8_WORKER)
  } catch {
    // It has just ended.
    return false
  }
}

const lower = (thread: number): void => {
  try {
    setPriority(thread, Math.max(getPriority(thread), constants.priority.PRIORITY_BELOW_NORMAL))
  } catch {
    // A system that does not allow it.
  }
}
