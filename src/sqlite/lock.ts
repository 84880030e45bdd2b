import { existsSync, statSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { fileFailure } from './file.ts'
import { makeOwnerOnly } from './owner-only.ts'

export type Lock = { readonly release: () => void }

/**
 * Says that this process serves the file, for as long as it lives: an exclusive lock of SQLite's on an empty file beside
 * it, which the operating system takes back from a process that is gone, however it went. `null`: another one holds it.
 * The file itself stays open to the commands beside the process, so the lock cannot be on it.
 *
 * A lock file that was removed keeps nobody out. So its owner looks every half second whether it is still there, and locks
 * a new one in its place; and who finds none beside a file that is there gives an owner the time to do so first.
 *
 * @param onLost another process has the lock: this one must end
 */
export const lockFile = (path: string, onLost: () => void): Lock | null => {
  if (!existsSync(lockOf(path))) {
    makeOwnerOnly(lockOf(path))
    waitSync(OWNER_MS)
  }
  let lock = lockWithin(path, GLANCE_MS)
  if (lock === null) return null
  let missed = 0
  const timer = setInterval(() => {
    if (lock?.isInPlace()) return
    lock?.release()
    lock = lockWithin(path, 0)
    // A command beside the process may look at the lock just now.
    missed = lock === null ? missed + 1 : 0
    if (missed < LOOKS_BEFORE_LOST) return
    clearInterval(timer)
    onLost()
  }, WATCH_MS)
  timer.unref()
  return {
    release: () => {
      clearInterval(timer)
      lock?.release()
    },
  }
}

/** The lock file of a file that is made now: nobody can serve it yet. */
export const makeLockFile = (path: string): void => makeOwnerOnly(lockOf(path))

/** Whether a process serves the file now; looking holds the lock for a moment. */
export const isLocked = (path: string): boolean => {
  if (!existsSync(lockOf(path))) return false
  const lock = lockWithin(path, 0)
  lock?.release()
  return lock === null
}

const lockOf = (path: string): string => `${path}-lock`

/** `isInPlace`: the file that is locked is the one under its name. */
type HeldLock = Lock & { readonly isInPlace: () => boolean }

const lockWithin = (path: string, timeout: number): HeldLock | null => {
  let db: DatabaseSync
  try {
    makeOwnerOnly(lockOf(path))
    db = new DatabaseSync(lockOf(path), { timeout })
  } catch (error) {
    throw fileFailure(lockOf(path), error)
  }
  try {
    db.exec('PRAGMA journal_mode = OFF; BEGIN EXCLUSIVE')
    const inode = inodeOf(path)
    return { release: () => db.close(), isInPlace: () => inode !== null && inodeOf(path) === inode }
  } catch (error) {
    db.close()
    if (error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY) return null
    throw fileFailure(lockOf(path), error)
  }
}

const inodeOf = (path: string): bigint | null =>
  statSync(lockOf(path), { bigint: true, throwIfNoEntry: false })?.ino ?? null

/** Before the process serves anything, so nothing else has to go on meanwhile; a signal ends it as ever. */
const waitSync = (ms: number): void => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)

/** As long as a look at the lock may take, so that none keeps a process from starting. */
const GLANCE_MS = 500
const WATCH_MS = 500
const LOOKS_BEFORE_LOST = 4
/** An owner whose machine is busy may look that late. */
const OWNER_MS = 3_000
const SQLITE_BUSY = 5
