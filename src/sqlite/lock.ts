import { existsSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { fileFailure } from './file.ts'

export type Lock = { readonly release: () => void }

/**
 * Says that this process serves the file, for as long as it lives: an exclusive lock of SQLite's on an empty file beside
 * it, which the operating system takes back from a process that is gone, however it went. `null`: another one holds it.
 * The file itself stays open to the commands beside the process, so the lock cannot be on it.
 */
export const lockFile = (path: string): Lock | null => lockWithin(path, GLANCE_MS)

/** Whether a process serves the file now; looking holds the lock for a moment. */
export const isLocked = (path: string): boolean => {
  if (!existsSync(lockOf(path))) return false
  const lock = lockWithin(path, 0)
  lock?.release()
  return lock === null
}

const lockOf = (path: string): string => `${path}-lock`

const lockWithin = (path: string, timeout: number): Lock | null => {
  let db: DatabaseSync
  try {
    db = new DatabaseSync(lockOf(path), { timeout })
  } catch (error) {
    throw fileFailure(lockOf(path), error)
  }
  try {
    db.exec('PRAGMA journal_mode = OFF; BEGIN EXCLUSIVE')
    return { release: () => db.close() }
  } catch (error) {
    db.close()
    if (error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY) return null
    throw fileFailure(lockOf(path), error)
  }
}

/** As long as a look at the lock may take, so that none keeps a process from starting. */
const GLANCE_MS = 500
const SQLITE_BUSY = 5
