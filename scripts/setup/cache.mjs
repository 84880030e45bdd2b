// @ts-check
import { accessSync, constants, mkdirSync, statSync } from 'node:fs'
import { homedir, tmpdir, userInfo } from 'node:os'
import { isAbsolute, join } from 'node:path'

/**
 * The folder for what is downloaded once and used by every checkout, outside of all of them. A user without a home to
 * write in gets one beside the temporary files.
 *
 * @returns {string}
 */
export function cacheFolder() {
  const xdg = process.env['XDG_CACHE_HOME']
  const base = xdg !== undefined && isAbsolute(xdg) ? xdg : join(homedir(), '.cache')
  const folder = usable(join(base, 'pullgate')) ?? usable(join(tmpdir(), `pullgate-cache-${userInfo().uid}`))
  if (folder === undefined) throw new Error(`neither ${base} nor ${tmpdir()} can be written to; set XDG_CACHE_HOME`)
  return folder
}

/** Somebody else's folder is not used, though it could be written to: what is in it gets executed. @param {string} folder */
function usable(folder) {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    accessSync(folder, constants.W_OK)
    return statSync(folder).uid === userInfo().uid ? folder : undefined
  } catch {
    return undefined
  }
}
