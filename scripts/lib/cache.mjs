// @ts-check
import { accessSync, constants, mkdirSync } from 'node:fs'
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
  return writable(join(base, 'pullgate')) ?? writable(join(tmpdir(), `pullgate-cache-${userInfo().uid}`)) ?? tmpdir()
}

/** @param {string} folder */
function writable(folder) {
  try {
    mkdirSync(folder, { recursive: true })
    accessSync(folder, constants.W_OK)
    return folder
  } catch {
    return undefined
  }
}
