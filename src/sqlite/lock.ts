import { existsSync, statSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { fileFailure } from './file.ts'
import { makeOwnerOnly } from './owner-only.ts'

export type Lock = { readonly release: () => void }

/**
 * Marks the file as served by this process for the process's lifetime. The mark is an exclusive SQLite lock on an empty
 * file beside it, which the operating system releases whenever the process ends. `null`: another process holds the
 * lock. The lock cannot be on the file itself, because commands must be able to open the file.
 *
 * A deleted lock file excludes no process. The owner therefore checks every half second that the lock file exists and
 * locks a new one where it is missing. A process that finds a data file without a lock file first waits for such an
 * owner.
 *
 * @param onLost another process has the lock: this process must end
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
    // Another command may hold the lock for a moment while it checks the lock.
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

/** Creates the lock file of a new data file, which no process can serve yet. */
export const makeLockFile = (path: string): void => makeOwnerOnly(lockOf(path))

/** Whether a process serves the file now; the check holds the lock for a moment. */
export const isLocked = (path: string): boolean => {
  if (!existsSync(lockOf(path))) return false
  const lock = lockWithin(path, 0)
  lock?.release()
  return lock === null
}

const lockOf = (path: string): string => `${path}-lock`

/** `isInPlace`: the locked file is still the file under that name. */
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

/** Blocks the thread: the process serves nothing yet, and a signal still ends it. */
const waitSync = (ms: number): void => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)

/** Longest duration of a lock check in milliseconds; a check does not prevent a process from starting. */
const GLANCE_MS = 500
const WATCH_MS = 500
const LOOKS_BEFORE_LOST = 4
/** Time within which an owner on a busy machine checks its lock file. */
const OWNER_MS = 3_000
const SQLITE_BUSY = 5
