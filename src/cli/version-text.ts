import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { BUILD, VERSION } from '../version.ts'

const root = new URL('../../', import.meta.url)

/** Commit and day of a checkout; `null` without git or without its folder. */
const checkoutCommit = (): string | null => {
  if (!existsSync(new URL('.git', root))) return null
  try {
    const args = ['-C', fileURLToPath(root), 'log', '-1', '--format=%h of %cs', '--abbrev=12']
    return execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], timeout: 5000 }).trim()
  } catch {
    return null
  }
}

/** The version first, so that scripts can cut at the blank. */
export const versionText = (): string =>
  BUILD
    ? `${VERSION} (commit ${BUILD.commit}, built ${BUILD.date})`
    : `${VERSION} (commit ${checkoutCommit() ?? 'unknown'}, not built)`
