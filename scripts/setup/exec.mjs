// @ts-check
import { spawn } from 'node:child_process'
import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The checkout. Everything in scripts/ but what needs TypeScript runs on Node 20 with nothing installed. */
export const ROOT = fileURLToPath(new URL('../../', import.meta.url))

export const PINNED_NODE = join(ROOT, 'node_modules', 'node', 'bin', 'node')

/** The environment in which the project's own tools and its pinned Node come first. */
export const projectEnv = (/** @type {NodeJS.ProcessEnv} */ extra = {}) => ({
  ...process.env,
  ...extra,
  PATH: [dirname(PINNED_NODE), join(ROOT, 'node_modules', '.bin'), process.env['PATH']].join(delimiter),
})

/**
 * Runs a command to its end; never rejects. One that cannot be started has code 127, one that took too long 137.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ inherit?: boolean, timeoutMs?: number, cwd?: string, env?: NodeJS.ProcessEnv }} [options]
 *   inherit: show its output instead of collecting it
 * @returns {Promise<{ code: number, output: string }>}
 */
export const run = (command, args, { inherit = false, timeoutMs = 0, cwd = ROOT, env = process.env } = {}) =>
  new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd,
      env,
      stdio: inherit ? 'inherit' : ['ignore', 'pipe', 'pipe'],
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
    })
    let output = ''
    const collect = (/** @type {string} */ chunk) => {
      output += chunk
    }
    child.stdout?.setEncoding('utf8').on('data', collect)
    child.stderr?.setEncoding('utf8').on('data', collect)
    child.on('error', (error) => resolve({ code: 127, output: error.message }))
    child.on('close', (code) => resolve({ code: code ?? 137, output }))
  })

/** @param {string} command @returns {string | undefined} */
export const findOnPath = (command) =>
  (process.env['PATH'] ?? '')
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, command))
    .find(isExecutable)

export const isExecutable = (/** @type {string} */ file) => {
  try {
    accessSync(file, constants.X_OK)
    return statSync(file).isFile()
  } catch {
    return false
  }
}

/** A set-up that cannot go on; the message names what is missing and the ways out. */
export class SetupError extends Error {
  /** @override */
  name = 'SetupError'
}
