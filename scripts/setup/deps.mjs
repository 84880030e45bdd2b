// @ts-check
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isExecutable, PINNED_NODE, ROOT, run, SetupError } from './exec.mjs'
import { withLock } from './lock.mjs'

const STAMP = join(ROOT, 'node_modules', '.pullgate-installed')

const hash = (/** @type {string | Buffer} */ content) => createHash('sha256').update(content).digest('hex')
const wanted = () => hash(readFileSync(join(ROOT, 'package-lock.json')))

const isInstalled = () => isExecutable(PINNED_NODE) && existsSync(STAMP) && readFileSync(STAMP, 'utf8') === wanted()

/**
 * Installs what package-lock.json names, if that has not been done yet. Two commands started at once in one checkout
 * do it once.
 *
 * @param {(line: string) => void} say
 */
export const ensureDeps = async (say) => {
  if (isInstalled()) return
  const lock = join(tmpdir(), `pullgate-install-${hash(ROOT).slice(0, 16)}.lock`)
  await withLock(lock, async () => {
    if (isInstalled()) return
    say('installing dependencies (npm ci), once')
    const args = ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error']
    const { code, output } = await run('npm', args)
    if (code !== 0) throw new SetupError(`npm ci failed:\n${output}`)
    if (!isExecutable(PINNED_NODE)) {
      throw new SetupError('the pinned Node is missing: npm must be allowed to run the install script of "node"')
    }
    writeFileSync(STAMP, wanted())
  })
}
