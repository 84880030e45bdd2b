import { DatabaseSync } from 'node:sqlite'
import { fileFailure } from './file.ts'

export type Lock = { readonly release: () => void }

/**
 * Says that this process serves the file, for as long as it lives: an exclusive lock of SQLite's on an empty file beside
 * it, which the operating system takes back from a process that is gone, however it went. `null`: another one holds it.
 * The file itself stays open to the commands beside the process, so the lock cannot be on it.
 */
export const lockFile = (path: string): Lock | null => {
  let db: DatabaseSync
  try {
    db = new DatabaseSync(`${path}-lock`, { timeout: 0 })
  } catch (error) {
    throw fileFailure(`${path}-lock`, error)
  }
  try {
    db.exec('PRAGMA journal_mode = OFF; BEGIN EXCLUSIVE')
    return { release: () => db.close() }
  } catch (error) {
    db.close()
    if (error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY) return null
    throw fileFailure(`${path}-lock`, error)
  }
}

const SQLITE_BUSY = 5
