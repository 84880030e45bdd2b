import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The checkout. Everything in scripts/ but what needs TypeScript runs on Node 20 with nothing installed. */
export const ROOT = fileURLToPath(new URL('../../', import.meta.url))

export const PINNED_NODE = join(ROOT, 'node_modules', 'node', 'bin', 'node')

/** The environment in which the project's own tools and its pinned Node come first. */
export const projectEnv = (extra = {}) => ({
  ...process.env,
  ...extra,
  PATH: [dirname(PINNED_NODE), join(ROOT, 'node_modules', '.bin'), process.env.PATH].join(delimiter),
})

/**
 * Runs a command to its end; never rejects for an exit code. `inherit` shows its output instead of collecting it.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {import('node:child_process').SpawnOptions & { inherit?: boolean, timeoutMs?: number }} [settings]
 * @returns {Promise<{ code: number | null, output: string, stdout: string }>}
 */
export const run = (command, args, { inherit = false, timeoutMs, ...options } = {}) =>
  new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: ROOT,
      stdio: inherit ? 'inherit' : ['ignore', 'pipe', 'pipe'],
      ...options,
    })
    const timer = timeoutMs && setTimeout(() => child.kill('SIGKILL'), timeoutMs)
    let output = ''
    let stdout = ''
    child.stdout?.on('data', (chunk) => {
      output += chunk
      stdout += chunk
    })
    child.stderr?.on('data', (chunk) => {
      output += chunk
    })
    child.on('error', reject)
    child.on('close', (code) => {
      clearTimeout(timer)
      resolve({ code, output, stdout })
    })
  })

export const findOnPath = (command) =>
  (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, command))
    .find((file) => existsSync(file))

/** A set-up that cannot go on; the message names what is missing and the ways out. */
export class SetupError extends Error {
  name = 'SetupError'
}
