// @ts-check
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const SUPERVISOR = fileURLToPath(new URL('supervise.sh', import.meta.url))

/**
 * @typedef {object} Supervised
 * @property {number} pid of the command itself, not of its supervisor
 * @property {Promise<number>} exited its exit code, 128 + n for signal n; everything is cleaned up by then
 * @property {() => Promise<void>} stop kills it at once, with all it started, and removes its directory
 */

/**
 * Starts a command that ends when this process ends, however that happens.
 *
 * @param {readonly string[]} command
 * @param {{ dir?: string, output?: 'inherit' | 'ignore' | number, env?: NodeJS.ProcessEnv, cwd?: string }} [options]
 *   `dir` is removed when the command has ended; `output` takes standard output and error
 * @returns {Promise<Supervised>}
 */
export function supervise(command, { dir = '', output = 'ignore', env, cwd } = {}) {
  const child = spawn('/bin/sh', [SUPERVISOR, dir, ...command], {
    detached: true,
    stdio: ['pipe', output, output, 'pipe'],
    env: env ?? process.env,
    ...(cwd === undefined ? {} : { cwd }),
  })
  const stdin = /** @type {import('node:stream').Writable} */ (child.stdin)
  const speech = /** @type {import('node:stream').Readable} */ (child.stdio[3])
  stdin.on('error', () => {}) // the supervisor may be gone already
  let said = ''
  const heard = (/** @type {string} */ word) => new RegExp(`^${word} (\\d+)$`, 'm').exec(said)?.[1]
  const exited = new Promise((resolve) => child.once('close', () => resolve(Number(heard('exit') ?? 137))))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', () => reject(new Error(`${command[0]} could not be started`)))
    speech.setEncoding('utf8').on('data', (chunk) => {
      said += chunk
      const pid = heard('pid')
      if (pid === undefined) return
      resolve({
        pid: Number(pid),
        exited,
        stop: async () => {
          stdin.end()
          await exited
        },
      })
    })
  })
}
