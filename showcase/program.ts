import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { fileURLToPath } from 'node:url'

const BIN = fileURLToPath(new URL('../bin/pullgate.mjs', import.meta.url))

export type Program = {
  readonly kill: () => Promise<void>
  readonly restart: () => Promise<void>
  /** SIGKILL, and a start anew; resolves when it is ready again. */
  readonly killAndRestart: () => Promise<void>
  /** Runs a command beside it, and resolves to what it says on stdout. */
  readonly run: (args: readonly string[]) => Promise<string>
  /** SIGTERM, and SIGKILL where that does not help. */
  readonly end: () => Promise<void>
}

export type ProgramOptions = {
  readonly role: 'all' | 'gateway' | 'projector'
  readonly file: string
  readonly env: NodeJS.ProcessEnv
  readonly metricsPort: number
  readonly logFile: string
}

/** Starts the program itself, and resolves when it is ready. */
export const startProgram = async ({ role, file, env, metricsPort, logFile }: ProgramOptions): Promise<Program> => {
  const output = createWriteStream(logFile, { flags: 'a' })
  const start = async (): Promise<ChildProcess> => {
    // Detached: Ctrl-C at the terminal is for the demo, which ends the program in its turn.
    const args = [BIN, role, '--config', file]
    const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
    for (const stream of [child.stdout, child.stderr]) stream?.pipe(output, { end: false })
    await untilReady(child, `http://127.0.0.1:${metricsPort}/readyz`, logFile).catch(async (error: unknown) => {
      await end(child)
      throw error
    })
    return child
  }
  let child = await start()
  const kill = async (): Promise<void> => {
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
  }
  const restart = async (): Promise<void> => {
    child = await start()
  }
  return {
    kill,
    restart,
    killAndRestart: async () => {
      await kill()
      await restart()
    },
    run: async (args) => {
      const command = spawn(process.execPath, [BIN, ...args, '--config', file], {
        env,
        stdio: ['ignore', 'pipe', 'ignore'],
      })
      let said = ''
      command.stdout.on('data', (chunk) => {
        said += chunk
      })
      await once(command, 'close')
      return said
    },
    end: () => end(child),
  }
}

const untilReady = async (child: ChildProcess, url: string, logFile: string): Promise<void> => {
  const until = Date.now() + 30_000
  for (;;) {
    if (child.exitCode !== null) throw new Error(`the program ended with ${child.exitCode}; its log is ${logFile}`)
    const response = await fetch(url).catch(() => null)
    if (response?.ok) return
    if (Date.now() > until) throw new Error(`the program is not ready after 30 s; its log is ${logFile}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

const end = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), 10_000)
  await exited
  clearTimeout(timer)
}
