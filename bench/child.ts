import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { calledFor } from './profiles.ts'

/** A program of this folder as a process; the first line that it prints is its port, or whatever it has to say. */
export type Child = {
  readonly pid: number
  readonly said: string
  readonly process: ChildProcess
  readonly stop: () => Promise<void>
}

export const startChild = async (file: string, ...args: string[]): Promise<Child> => {
  const script = fileURLToPath(new URL(file, import.meta.url))
  const child = spawn(process.execPath, [script, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    // kafkajs sets negative timers when it is idle.
    env: { ...process.env, NODE_NO_WARNINGS: '1' },
  })
  calledFor(
    child.pid!,
    [file.replace(/\.ts$/, ''), ...args.slice(0, 1).filter((word) => /^[a-z]+$/.test(word))].join('-'),
  )
  const [line] = (await once(child.stdout!, 'data')) as [Buffer]
  return {
    pid: child.pid!,
    said: String(line).trim(),
    process: child,
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return
      const ended = once(child, 'exit')
      // It leaves in order: a profile is written at the end.
      child.kill('SIGTERM')
      await ended
    },
  }
}
