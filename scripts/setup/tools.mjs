import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { findOnPath, run, SetupError } from './exec.mjs'

/** What is downloaded once is kept here, for every checkout of the user. */
export const CACHE = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'pullgate')

const isRoot = () => process.getuid?.() === 0

let updated = false
const apt = async (packages, say) => {
  if (!findOnPath('apt-get')) return false
  say(`installing ${packages.join(', ')} (apt)`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  // Debian starts a redis-server of its own on install unless told not to.
  const install = () =>
    run('apt-get', ['install', '-y', '--no-install-recommends', ...packages], { env: { ...env, RUNLEVEL: '1' } })
  if ((await install()).code === 0) return true
  if (!updated) await run('apt-get', ['update'], { env })
  updated = true
  return (await install()).code === 0
}

/** A tool on the PATH, else installed from its package where that is allowed; else the ways out. */
const require = async (command, packages, say) => {
  if (findOnPath(command)) return command
  if (isRoot() && (await apt(packages, say)) && findOnPath(command)) return command
  throw new SetupError(
    `${command} is not here. Ways out: install ${packages.join(' ')}; or start Docker; or set KAFKA_BROKERS and REDIS_URL to servers of yours.`,
  )
}

export const requireJava = (say) => require('java', ['openjdk-17-jre-headless'], say)
export const requireMaven = (say) => require('mvn', ['maven'], say)

/** `{ command, env }` of a redis-server: installed, or unpacked from its packages where we may not install. */
export const requireRedis = async (say) => {
  if (findOnPath('redis-server')) return { command: 'redis-server', env: {} }
  const unpacked = join(CACHE, 'redis')
  if (!isRoot()) await unpack(REDIS_PACKAGES, unpacked, say)
  const binary = join(unpacked, 'usr/bin/redis-check-rdb')
  if (existsSync(binary))
    return { command: join(unpacked, 'usr/bin/redis-server'), env: { LD_LIBRARY_PATH: await libraries(unpacked) } }
  return { command: await require('redis-server', ['redis-server'], say), env: {} }
}

const REDIS_PACKAGES = [
  'redis-server',
  'redis-tools',
  'libjemalloc2',
  'liblua5.1-0',
  'liblzf1',
  'lua-bitop',
  'lua-cjson',
]

/** `{ prometheus, promtool }`: those on the PATH, else unpacked from Debian's package, which would start a service. */
export const requirePrometheus = async (say) => {
  if (findOnPath('prometheus') && findOnPath('promtool')) return { prometheus: 'prometheus', promtool: 'promtool' }
  const unpacked = join(CACHE, 'prometheus')
  const bin = (command) => join(unpacked, 'usr/bin', command)
  await unpack(['prometheus'], unpacked, say)
  if (!existsSync(bin('promtool')) && isRoot()) {
    await rm(unpacked, { recursive: true, force: true })
    await run('apt-get', ['update'])
    await unpack(['prometheus'], unpacked, say)
  }
  if (existsSync(bin('promtool'))) return { prometheus: bin('prometheus'), promtool: bin('promtool') }
  await rm(unpacked, { recursive: true, force: true })
  throw new SetupError('prometheus and promtool are not here. Way out: put them on the PATH (Debian: prometheus).')
}

/** The whole path of a Chromium, for tests of pages. */
export const requireChromium = async (say) => {
  const find = () => ['chromium', 'chromium-browser', 'google-chrome'].map(findOnPath).find(Boolean)
  if (!find() && isRoot()) await apt(['chromium'], say)
  const found = find()
  if (found) return found
  throw new SetupError('chromium is not here. Way out: install it (Debian: chromium).')
}

/** Packages into a folder of ours: nothing is installed, and nothing starts. */
const unpack = async (packages, target, say) => {
  if (existsSync(target) || !findOnPath('apt-get') || !findOnPath('dpkg')) return
  say(`unpacking ${packages[0]} from its package`)
  await mkdir(dirname(target), { recursive: true })
  const folder = await mkdtemp(`${target}-`)
  for (const name of packages) await run('apt-get', ['download', name], { cwd: folder })
  for (const file of await readdir(folder))
    if (file.endsWith('.deb')) await run('dpkg', ['-x', file, '.'], { cwd: folder })
  await rename(folder, target).catch(() => rm(folder, { recursive: true, force: true }))
}

const libraries = async (root) => {
  const lib = join(root, 'usr/lib')
  const folders = existsSync(lib) ? (await readdir(lib)).map((name) => join(lib, name)) : []
  return [lib, ...folders].join(':')
}
