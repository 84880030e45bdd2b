// @ts-check
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import * as apt from './apt.mjs'
import { cacheFolder } from './cache.mjs'
import { findOnPath, isExecutable, run } from './exec.mjs'
import { lastLine } from './java.mjs'
import { withLock } from './lock.mjs'
import { freePorts } from './ports.mjs'
import { redisAnswers, until } from './ready.mjs'
import { supervise } from './supervise.mjs'

const START_TIMEOUT_MS = 20_000

/**
 * @typedef {object} Redis
 * @property {string} server the program
 * @property {NodeJS.ProcessEnv} env
 *
 * @typedef {import('./supervise.mjs').Supervised & { readonly port: number, readonly url: string }} RedisServer
 */

/**
 * redis-server: the PATH's, an installed one, or Debian's packages unpacked into the cache.
 *
 * @param {(line: string) => void} say
 * @returns {Promise<Redis | { problem: string }>}
 */
export async function prepareRedis(say) {
  const present = findOnPath('redis-server')
  if (present !== undefined) return { server: present, env: process.env }
  if (apt.canInstall()) {
    say('installing redis-server')
    const { ok, output } = await apt.install(['redis-server'])
    const server = findOnPath('redis-server')
    return ok && server
      ? { server, env: process.env }
      : { problem: `apt-get could not install redis-server: ${lastLine(output)}` }
  }
  const folder = join(cacheFolder(), 'redis')
  const unpacked = await runnable(folder)
  if (unpacked !== undefined) return unpacked
  if (!apt.canUnpack()) return { problem: 'there is no redis-server' }
  return withLock(`${folder}.lock`, async () => (await runnable(folder)) ?? unpack(folder, say))
}

/**
 * @param {string} folder
 * @param {(line: string) => void} say
 * @returns {Promise<Redis | { problem: string }>}
 */
async function unpack(folder, say) {
  say(`unpacking redis-server from its package into ${folder}`)
  const programs = ['redis-server', 'redis-tools']
  const depends = await run('apt-cache', ['depends', '--no-recommends', '--no-suggests', '--no-enhances', ...programs])
  const libraries = [...depends.output.matchAll(/^\s+(?:Pre)?Depends: ((?:lib|lua)[\w.+-]+)$/gm)].map(
    ([, name]) => `${name}`,
  )
  const wanted = new Set([...programs, ...libraries.filter((name) => !/^libc6$|^libgcc|^libstdc/.test(name))])
  const { ok, output } = await apt.unpack([...wanted], folder)
  if (!ok) return { problem: `redis-server could not be downloaded: ${lastLine(output)}` }
  return (await runnable(folder)) ?? { problem: 'the redis-server that was downloaded does not run here' }
}

/** @param {string} folder @returns {Promise<Redis | undefined>} */
async function runnable(folder) {
  const server = join(folder, 'usr', 'bin', 'redis-server')
  if (!isExecutable(server)) return undefined
  const libraries = [join(folder, 'usr', 'lib'), join(folder, 'lib')].flatMap((base) => [base, ...triplets(base)])
  const env = { ...process.env, LD_LIBRARY_PATH: libraries.join(':') }
  const { code } = await run(server, ['--version'], { env, timeoutMs: 10_000 })
  return code === 0 ? { server, env } : undefined
}

/** @param {string} base */
function triplets(base) {
  try {
    return readdirSync(base).map((name) => join(base, name))
  } catch {
    return []
  }
}

/**
 * Starts a server that keeps nothing on disk, unless `settings` (as on redis-server's command line) say otherwise.
 *
 * @param {Redis} redis
 * @param {{ port?: number, folder?: string, settings?: readonly string[] }} [options] folder: its working folder
 * @returns {Promise<RedisServer>}
 */
export async function startRedisServer({ server, env }, { port: wanted, folder = '/', settings = [] } = {}) {
  for (let attempt = 1; ; attempt++) {
    const port = wanted ?? (await freePorts(1))[0] ?? 0
    const place = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', folder]
    const keep = ['--save', '', '--appendonly', 'no', '--maxmemory-policy', 'noeviction']
    const running = await supervise([server, ...place, ...keep, ...settings], { env })
    const ready = () => redisAnswers('127.0.0.1', port)
    if (await until(ready, { timeoutMs: START_TIMEOUT_MS, gone: running.exited })) {
      return { ...running, port, url: `redis://127.0.0.1:${port}` }
    }
    await running.stop()
    if (wanted !== undefined || attempt === 3) throw new Error(`${server} did not start on port ${port}`)
  }
}
