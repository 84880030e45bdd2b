// @ts-check
import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'

/**
 * Runs `work` while no other process on this machine does under the same lock file. A lock whose holder is dead is
 * taken over; two that take it over in the same instant could both go on, so what is done under the lock must itself
 * end in one atomic step.
 *
 * @template T
 * @param {string} path
 * @param {() => Promise<T>} work
 * @param {() => void} [onWait] called once if somebody else holds it
 * @returns {Promise<T>}
 */
export async function withLock(path, work, onWait = () => {}) {
  for (let waits = 0; !take(path); waits++) {
    if (waits === 0) onWait()
    await pause(200)
  }
  const release = () => rmSync(path, { force: true })
  process.once('exit', release)
  try {
    return await work()
  } finally {
    process.off('exit', release)
    release()
  }
}

/** A link appears with its content: nobody ever reads a lock without a holder. @param {string} path */
function take(path) {
  const claim = `${path}.${process.pid}`
  writeFileSync(claim, String(process.pid))
  try {
    linkSync(claim, path)
    return true
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error
  } finally {
    rmSync(claim, { force: true })
  }
  const holder = holderOf(path)
  if (holder !== undefined && !isAlive(holder)) rmSync(path, { force: true })
  return false
}

/** @param {string} path */
function holderOf(path) {
  try {
    return Number(readFileSync(path, 'utf8')) || undefined
  } catch {
    return undefined
  }
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM'
  }
}
