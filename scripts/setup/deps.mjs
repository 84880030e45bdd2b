import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PINNED_NODE, ROOT, run, SetupError } from './exec.mjs'
import { nodeProblem } from './node-checksum.mjs'

const STAMP = join(ROOT, 'node_modules', '.pullgate-installed')

const wanted = () =>
  createHash('sha256')
    .update(readFileSync(join(ROOT, 'package-lock.json')))
    .digest('hex')

/** npm's own record of the installed packages, stored with them. */
const NOTE = join(ROOT, 'node_modules', '.package-lock.json')

const versionsIn = (file) =>
  new Map(
    Object.entries(JSON.parse(readFileSync(file, 'utf8')).packages)
      .filter(([path, { optional }]) => path !== '' && !optional)
      .map(([path, { version }]) => [path, version]),
  )

/** `npm ci` may have been run by hand: then every package of the lock is installed in its version. */
const isInstalledByHand = () => {
  if (!existsSync(NOTE)) return false
  const there = versionsIn(NOTE)
  return [...versionsIn(join(ROOT, 'package-lock.json'))].every(([path, version]) => there.get(path) === version)
}

const isInstalled = () => {
  if (!existsSync(PINNED_NODE)) return false
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === wanted()) return true
  if (!isInstalledByHand()) return false
  stamp()
  return true
}

/** Once an installation: the binary of Node is not in the lock. */
const stamp = () => {
  const problem = existsSync(PINNED_NODE) ? nodeProblem(PINNED_NODE) : null
  if (problem !== null) throw new SetupError(problem)
  writeFileSync(STAMP, wanted())
}

/** Installs what package-lock.json names, if that has not been done yet. */
export const ensureDeps = async (say) => {
  if (isInstalled()) return
  say('installing dependencies (npm ci), once')
  const { code } = await run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { inherit: true })
  if (code !== 0) throw new SetupError('npm ci failed; its messages are above')
  stamp()
}
