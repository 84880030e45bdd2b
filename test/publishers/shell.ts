import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

export type Ended = { readonly code: number | null; readonly stdout: string; readonly output: string }

type CallOptions = {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  readonly input?: string
  /** It is killed then, and has no code. */
  readonly timeoutMs?: number
}

/** Runs a command to its end; never rejects for an exit code. */
export const call = (command: string, args: readonly string[], options: CallOptions = {}): Promise<Ended> =>
  new Promise((resolve, reject) => {
    const { cwd, env, input = '', timeoutMs } = options
    const child = spawn(command, args, {
      ...(cwd && { cwd }),
      env: { ...process.env, ...env },
      stdio: 'pipe',
      ...(timeoutMs && { timeout: timeoutMs, killSignal: 'SIGKILL' }),
    })
    let [stdout, output] = ['', '']
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk
      output += chunk
    })
    child.stderr.on('data', (chunk: Buffer) => {
      output += chunk
    })
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, stdout, output }))
    child.stdin.on('error', () => {})
    child.stdin.end(input)
  })

export const findOnPath = (command: string): string | null =>
  (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, command))
    .find((file) => existsSync(file)) ?? null
