import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { availableParallelism, constants, getPriority, loadavg, setPriority } from 'node:os'

const TASKS = '/proc/self/task'
/** The names of the threads on which V8 collects garbage and compiles: of Node 24, and of Node 26. */
const V8_WORKERS = ['V8Worker', 'node-V8Worker']

/**
 * Lowers the priority of this thread and of V8's workers, which collect its garbage. Linux counts priorities by thread.
 * Other threads keep theirs: the probe measures what other processes feel. Nothing raises the priority again.
 *
 * A low priority gives a small share of a core, but each turn still lasts 3 ms when another thread wakes up. Only idle
 * scheduling ends the turn at once. Node cannot set it; `chrt` of util-linux can.
 *
 * @param hasRoom whether a core is free. Idle threads make no progress on a machine whose cores are all busy, so without
 * room the low priority is all.
 */
export const lowerPriority = (hasRoom = loadavg()[0]! < availableParallelism()): void => {
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
    return V8_WORKERS.includes(readFileSync(`${TASKS}/${task}/comm`, 'utf8').trim())
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
