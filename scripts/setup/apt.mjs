// @ts-check
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findOnPath, run } from './exec.mjs'

const QUIET = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }

const isRoot = () => process.getuid?.() === 0

export const canInstall = () => isRoot() && findOnPath('apt-get') !== undefined
export const canUnpack = () => findOnPath('apt-get') !== undefined && findOnPath('dpkg') !== undefined

/**
 * Installs packages as root.
 *
 * @param {readonly string[]} packages
 * @returns {Promise<{ ok: boolean, output: string }>}
 */
export async function install(packages) {
  const command = ['install', '-y', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=120', ...packages]
  const first = await run('apt-get', command, { env: QUIET })
  if (first.code === 0) return { ok: true, output: '' }
  await run('apt-get', ['update'], { env: QUIET })
  const second = await run('apt-get', command, { env: QUIET })
  return { ok: second.code === 0, output: second.output }
}

/**
 * Downloads packages and unpacks them into a folder, which needs no root. The folder appears whole or not at all.
 *
 * @param {readonly string[]} packages
 * @param {string} folder
 * @returns {Promise<{ ok: boolean, output: string }>}
 */
export async function unpack(packages, folder) {
  const work = mkdtempSync(join(tmpdir(), 'pullgate-apt-'))
  const built = `${folder}.${process.pid}`
  try {
    const fetched = await fetch(packages, work)
    if (fetched.code !== 0) return { ok: false, output: fetched.output }
    mkdirSync(built, { recursive: true })
    for (const file of readdirSync(work).filter((name) => name.endsWith('.deb'))) {
      const { code, output } = await run('dpkg', ['-x', join(work, file), built])
      if (code !== 0) return { ok: false, output }
    }
    rmSync(folder, { recursive: true, force: true })
    renameSync(built, folder)
    return { ok: true, output: '' }
  } finally {
    rmSync(work, { recursive: true, force: true })
    rmSync(built, { recursive: true, force: true })
  }
}

/** With the system's package lists; where they are missing or old, with lists of our own. */
async function fetch(/** @type {readonly string[]} */ packages, /** @type {string} */ work) {
  const first = await run('apt-get', ['download', ...packages], { cwd: work, env: QUIET })
  if (first.code === 0) return first
  mkdirSync(join(work, 'lists', 'partial'), { recursive: true })
  mkdirSync(join(work, 'archives', 'partial'), { recursive: true })
  const own = ['-o', `Dir::State::lists=${work}/lists`, '-o', `Dir::Cache=${work}`]
  await run('apt-get', ['update', ...own], { cwd: work, env: QUIET })
  return run('apt-get', ['download', ...own, ...packages], { cwd: work, env: QUIET })
}
