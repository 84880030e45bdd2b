import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { findOnPath, run, SetupError } from './exec.mjs'

/** Downloads are kept here, once for all checkouts of the user. */
export const CACHE = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'pullgate')

const isRoot = () => process.getuid?.() === 0

let updated = false
const apt = async (packages, say) => {
  if (!findOnPath('apt-get')) return false
  say(`installing ${packages.join(', ')} (apt)`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  // Debian starts a redis-server on install unless this prevents it.
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

const HELM_VERSION = '3.22.0'

/** The path of a helm: the one on the PATH, else built once from its Go module. */
export const requireHelm = async (say) => {
  const found = findOnPath('helm')
  if (found) return found
  const folder = join(CACHE, `helm-${HELM_VERSION}`)
  const helm = join(folder, 'helm')
  if (existsSync(helm)) return helm
  if (!findOnPath('go')) throw new SetupError('helm is not here. Ways out: put helm 3 on the PATH, or go to build it.')
  say(`building helm ${HELM_VERSION} from its module (go install), once`)
  await mkdir(CACHE, { recursive: true })
  const building = await mkdtemp(`${folder}-`)
  const module = `helm.sh/helm/v3/cmd/helm@v${HELM_VERSION}`
  const { code, output } = await run('go', ['install', '-trimpath', '-ldflags=-s -w', module], {
    env: { ...process.env, GOBIN: building, GOFLAGS: '' },
  })
  if (code === 0) await rename(building, folder).catch(() => {})
  await rm(building, { recursive: true, force: true })
  if (!existsSync(helm)) throw new SetupError(`helm could not be built:\n${output.slice(-2000)}`)
  return helm
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
