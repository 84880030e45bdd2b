import { readdirSync, readFileSync } from 'node:fs'

/** The kernel counts CPU in hundredths of a second. */
const TICK_MS = 10

/** CPU time of the projector's scout: the process has no other worker thread. Linux only. */
export const scoutCpuMs = (pid: number): number => {
  const tasks = `/proc/${pid}/task`
  let ms = 0
  for (const task of readdirSync(tasks)) {
    if (!readFileSync(`${tasks}/${task}/comm`, 'utf8').startsWith('WorkerThread')) continue
    const stat = readFileSync(`${tasks}/${task}/stat`, 'utf8')
    // The name in brackets may hold blanks: user and system time are fields 14 and 15, and field 3 follows the name.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    ms += (Number(fields[11]) + Number(fields[12])) * TICK_MS
  }
  return ms
}
