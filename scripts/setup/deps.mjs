import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PINNED_NODE, ROOT, run, SetupError } from './exec.mjs'

const STAMP = join(ROOT, 'node_modules', '.pullgate-installed')

const wanted = () =>
  createHash('sha256')
    .update(readFileSync(join(ROOT, 'package-lock.json')))
    .digest('hex')

const isInstalled = () => existsSync(PINNED_NODE) && existsSync(STAMP) && readFileSync(STAMP, 'utf8') === wanted()

/** Installs what package-lock.json names, if that has not been done yet. */
export const ensureDeps = async (say) => {
  if (isInstalled()) return
  say('installing dependencies (npm ci), once')
  const { code } = await run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { inherit: true })
  if (code !== 0) throw new SetupError('npm ci failed; its messages are above')
  writeFileSync(STAMP, wanted())
}
