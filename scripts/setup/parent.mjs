// @ts-check
import { readFileSync } from 'node:fs'

/**
 * A script that npm started ends when npm is gone: npm killed with SIGKILL cannot tell it, and whatever the script
 * holds would go on. Between npm and the script there may be a shell. Outside of npm a script may outlive its parent.
 */
export const endWithNpm = () => {
  if (process.env['npm_lifecycle_event'] === undefined) return
  const parent = process.ppid
  const grandparent = isShell(parent) ? parentOf(parent) : undefined
  const isOrphan = () => process.ppid !== parent || (grandparent !== undefined && parentOf(parent) !== grandparent)
  setInterval(() => isOrphan() && process.exit(1), 300).unref()
}

const isShell = (/** @type {number} */ pid) => /^(ba|da|z|k)?sh$/.test(procFile(pid, 'comm').trim())

/** The name in parentheses may hold anything, so the fields are counted from behind it. @param {number} pid */
const parentOf = (pid) => procFile(pid, 'stat').replace(/^.*\)/s, '').split(' ')[2]

/** Empty where there is no /proc. @param {number} pid @param {string} name */
const procFile = (pid, name) => {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8')
  } catch {
    return ''
  }
}
