import { hash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { call, findOnPath } from './shell.ts'

/**
 * The runtimes of the publisher kits. What a kit needs beyond its language is fetched once, by that language's own
 * client, into the cache that the set-up scripts use; nothing is installed into the system. `null`: not to be had here.
 */
export type Runtime = { readonly command: readonly string[]; readonly env: Readonly<Record<string, string>> }

const CACHE = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'pullgate')

export const KITS = fileURLToPath(new URL('../../publishers/', import.meta.url))

/** A folder of the cache, made whole by `fill` and moved into place in one step; another run may have been quicker. */
const cached = async (name: string, fill: (folder: string) => Promise<boolean>): Promise<string | null> => {
  const target = join(CACHE, name)
  if (existsSync(target)) return target
  await mkdir(dirname(target), { recursive: true })
  const folder = await mkdtemp(`${target}-`)
  const filled = await fill(folder).catch(() => false)
  if (filled) await rename(folder, target).catch(() => {})
  await rm(folder, { recursive: true, force: true })
  return existsSync(target) ? target : null
}

/** A command on the PATH, else from its Debian package where we may install. */
const require = async (command: string, name: string): Promise<string | null> => {
  const found = findOnPath(command)
  if (found !== null || findOnPath('apt-get') === null) return found
  await call('apt-get', ['install', '-y', '--no-install-recommends', name], {
    env: { DEBIAN_FRONTEND: 'noninteractive' },
  })
  return findOnPath(command)
}

export const shRuntime = async (): Promise<Runtime | null> =>
  ['curl', 'flock', 'sha256sum'].every(findOnPath) ? { command: ['sh'], env: {} } : null

/** Packages in a folder instead of a virtual environment, which could not be moved. */
export const pythonRuntime = async (): Promise<Runtime | null> => {
  const python = await require('python3', 'python3')
  if (python === null) return null
  const requirements = join(KITS, 'python', 'requirements.txt')
  const [version = ''] = (await readFile(requirements, 'utf8')).trim().split('\n')
  const about = await call(python, ['-c', 'import sys; print(sys.implementation.cache_tag)'])
  const packages = await cached(`publisher-${version}-${about.stdout.trim()}`, async (folder) => {
    const args = ['-m', 'pip', 'install', '--quiet', '--only-binary', ':all:', '--target', folder, '-r', requirements]
    if ((await call(python, args)).code === 0) return true
    await require('pip3', 'python3-pip')
    return (await call(python, args)).code === 0
  })
  if (packages === null) return null
  return { command: [python], env: { PYTHONPATH: packages, PYTHONDONTWRITEBYTECODE: '1' } }
}

const TIERED = ['-XX:TieredStopAtLevel=1', '-Xshare:auto']

/** A JDK, and the jars that a Maven file names. `name` changes with them. */
const jarsRuntime = async (pom: string, name: string): Promise<Runtime | null> => {
  const javac = await require('javac', 'openjdk-17-jdk-headless')
  const [java, mvn] = [findOnPath('java'), findOnPath('mvn')]
  if (java === null || javac === null || mvn === null) return null
  const jars = await cached(name, async (folder) => {
    await cp(pom, join(folder, 'pom.xml'))
    const args = ['-q', '-B', 'dependency:copy-dependencies', '-DoutputDirectory=jars', '-DincludeScope=runtime']
    return (await call(mvn, args, { cwd: folder })).code === 0
  })
  if (jars === null) return null
  return { command: [java, ...TIERED], env: { CLASSPATH: join(jars, 'jars', '*') } }
}

export const javaRuntime = async (): Promise<Runtime | null> => {
  const pom = join(KITS, 'java', 'pom.xml')
  const [version] = /<kafka\.version>([^<]+)/.exec(await readFile(pom, 'utf8'))!.slice(1)
  return jarsRuntime(pom, `publisher-java-${version}`)
}

/** The jars of a recipe; its Maven file's text is in the name of their folder. */
export const recipeRuntime = async (pom: string): Promise<Runtime | null> =>
  jarsRuntime(pom, `recipe-${hash('sha1', await readFile(pom, 'utf8')).slice(0, 12)}`)

const PHP_PACKAGES = ['php-cli', 'php-common', 'php-sqlite3', 'librdkafka1']
/** What of all that they depend on is not in every base system. */
const PHP_NEEDS = /^(php\d|librdkafka|libsodium|libargon2|libpcre2-8|libedit|libffi)/
const CLOSURE = ['recurse', 'no-recommends', 'no-suggests', 'no-conflicts', 'no-breaks', 'no-replaces', 'no-enhances']

const unpackPhp = async (folder: string): Promise<boolean> => {
  const closure = await call('apt-cache', ['depends', ...CLOSURE.map((name) => `--${name}`), ...PHP_PACKAGES])
  const wanted = new Set(closure.stdout.split('\n').filter((name) => PHP_NEEDS.test(name)))
  if (wanted.size === 0) return false
  for (const name of wanted) if ((await call('apt-get', ['download', name], { cwd: folder })).code !== 0) return false
  for (const file of await readdir(folder))
    if (file.endsWith('.deb')) await call('dpkg', ['-x', file, '.'], { cwd: folder })
  return true
}

/** Debian's PHP, unpacked with what it needs beside the base system. */
export const phpRuntime = async (): Promise<Runtime | null> => {
  if (findOnPath('apt-get') === null || findOnPath('dpkg') === null) return null
  const root =
    (await cached('publisher-php', unpackPhp)) ??
    // The lists of packages may be missing or old; only root can renew them.
    ((await call('apt-get', ['update'])).code === 0 ? await cached('publisher-php', unpackPhp) : null)
  if (root === null) return null
  const binary = (await readdir(join(root, 'usr/bin'))).find((name) => /^php\d/.test(name))
  const modules = join(root, 'usr/lib/php')
  const [api] = (await readdir(modules)).filter((name) => /^\d{8}$/.test(name))
  if (binary === undefined || api === undefined) return null
  const folder = join(modules, api)
  const settings = ['pdo', 'pdo_sqlite', 'ffi'].map((name) => `extension=${join(folder, `${name}.so`)}`)
  settings.push(`auto_prepend_file=${fileURLToPath(new URL('rdkafka.php', import.meta.url))}`)
  const options = settings.flatMap((setting) => ['-d', setting])
  const libraries = [join(root, 'usr/lib/x86_64-linux-gnu'), join(root, 'usr/lib/aarch64-linux-gnu')].join(delimiter)
  return { command: [join(root, 'usr/bin', binary), '-n', ...options], env: { LD_LIBRARY_PATH: libraries } }
}
