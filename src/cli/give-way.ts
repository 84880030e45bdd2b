import { readdirSync, readFileSync } from 'node:fs'
import { constants, getPriority, setPriority } from 'node:os'

const TASKS = '/proc/self/task'
/** As Node names the threads on which V8 collects garbage and compiles. */
const V8_WORKER = 'V8Worker'

/**
 * Lets other processes of this machine go first: where the system counts priorities by thread (Linux), this thread's and
 * those of V8's workers, which collect its garbage on the other cores. Others stay as they are: the probe's is to feel what
 * others feel. It is not taken back.
 */
export const giveWay = (): void => {
  lower(0)
  try {
    for (const task of readdirSync(TASKS)) {
      if (readFileSync(`${TASKS}/${task}/comm`, 'utf8').startsWith(V8_WORKER)) lower(Number(task))
    }
  } catch {
    // Another system, or a thread that has just ended.
  }
}

const lower = (task: number): void => {
  try {
    setPriority(task, Math.max(getPriority(task), constants.priority.PRIORITY_BELOW_NORMAL))
  } catch {
    // A system that does not allow it.
  }
}
