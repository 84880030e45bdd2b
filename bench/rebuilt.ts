import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { cpuMicros } from './load.ts'
import { calledFor } from './profiles.ts'

const BIN = fileURLToPath(new URL('../bin/pullgate.mjs', import.meta.url))
const LOOK_MS = 100

/** What one `pullgate rebuild` came to. */
export type Rebuilt = {
  readonly events: number
  /** From the first event to the last. */
  readonly buildSeconds: number
  /** The whole command's, start and comparison included. */
  readonly seconds: number
  readonly restedSeconds: number
  readonly microsEach: number
  readonly redisMicrosEach: number
  readonly peakMiB: number
  /** Between the new generation and the live one; `null`: not compared. */
  readonly differences: number | null
}

/** Runs the command, and watches it from outside. @throws Error where it does not switch */
export const rebuilt = async (configFile: string, redisUrl: string, redisPid: number): Promise<Rebuilt> => {
  const env = { ...process.env, REDIS_URL: redisUrl }
  const redisBefore = cpuMicros(redisPid)
  const child = spawn(process.execPath, [BIN, 'rebuild', '--json', '--config', configFile], { env })
  calledFor(child.pid!, 'rebuild')
  const exited = once(child, 'exit')
  let [said, complaints] = ['', '']
  child.stdout.on('data', (chunk) => (said += chunk))
  child.stderr.on('data', (chunk) => (complaints += chunk))
  const seen = await watched(child)
  const [code] = await exited
  if (code !== 0) throw new Error(`the rebuild ended with ${code}: ${complaints}`)
  const { events, buildSeconds, seconds, restedSeconds, comparison } = JSON.parse(said)
  return {
    events,
    buildSeconds,
    seconds,
    restedSeconds: restedSeconds ?? 0,
    microsEach: seen.micros / events,
    redisMicrosEach: (cpuMicros(redisPid) - redisBefore) / events,
    peakMiB: seen.peakKiB / 1024,
    differences: comparison?.differences.length ?? null,
  }
}

const watched = async (child: ChildProcess): Promise<{ readonly micros: number; readonly peakKiB: number }> => {
  let seen = { micros: 0, peakKiB: 0 }
  while (child.exitCode === null) {
    try {
      const peak = /VmHWM:\s+(\d+)/u.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))
      seen = { micros: cpuMicros(child.pid!), peakKiB: Number(peak?.[1] ?? seen.peakKiB) }
    } catch {
      // It has ended in between.
    }
    await sleep(LOOK_MS)
  }
  return seen
}
