import { existsSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { LOG_TABLES } from './log/tables.ts'
import { makeOwnerOnly } from './owner-only.ts'
import { RECENT_ANSWERS_TABLES, STORE_TABLES } from './store/tables.ts'

/**
 * The file does not exist, is not a Pullgate file, or cannot be opened. The message is for a person and names the file.
 */
export class EmbeddedFileError extends Error {
  override readonly name = 'EmbeddedFileError'
}

/** "PulG", as `file` and SQLite show it. The version is that of the tables, not that of the fold. */
const APPLICATION_ID = 0x50756c47
const TABLES_VERSION = 1
const MAKE_TABLES = `${LOG_TABLES}${STORE_TABLES}
PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${TABLES_VERSION};`

/**
 * Milliseconds that one process waits for short writes of another. The wait is shorter than a caller's timeout, so the
 * caller learns the outcome.
 */
const BUSY_MS = 2000

/**
 * Opens the file for writing and creates it where it does not exist. Only its owner may read the file and its journal.
 */
export const openFile = (path: string): DatabaseSync => {
  try {
    makeOwnerOnly(path)
  } catch (error) {
    throw fileFailure(path, error)
  }
  const db = opened(path)
  try {
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 67108864')
    if (!isReady(db, path)) inTransaction(db, () => isReady(db, path) || db.exec(MAKE_TABLES))
    if (!hasTable(db, 'store_recorders')) inTransaction(db, () => db.exec(RECENT_ANSWERS_TABLES))
    return db
  } catch (error) {
    db.close()
    throw fileFailure(path, error)
  }
}

/** Opens an existing file and never writes to it. */
export const openForReading = (path: string): DatabaseSync => {
  if (!existsSync(path)) throw new EmbeddedFileError(`there is no file ${path} yet: "npx pullgate all" makes it`)
  const db = opened(path)
  try {
    if (!isReady(db, path)) throw new EmbeddedFileError(`${path} is empty: "npx pullgate all" makes it`)
    db.exec('PRAGMA query_only = ON')
    return db
  } catch (error) {
    db.close()
    throw fileFailure(path, error)
  }
}

const hasTable = (db: DatabaseSync, name: string): boolean =>
  db.prepare('SELECT 1 FROM sqlite_schema WHERE name = ?').get(name) !== undefined

const opened = (path: string): DatabaseSync => {
  try {
    return new DatabaseSync(path, { timeout: BUSY_MS })
  } catch (error) {
    throw fileFailure(path, error)
  }
}

const isReady = (db: DatabaseSync, path: string): boolean => {
  const { application_id: id } = db.prepare('PRAGMA application_id').get() as { application_id: number }
  const { user_version: version } = db.prepare('PRAGMA user_version').get() as { user_version: number }
  const { tables } = db.prepare('SELECT count(*) AS tables FROM sqlite_schema').get() as { tables: number }
  if (id !== APPLICATION_ID && tables > 0) throw new EmbeddedFileError(`${path} is a database of another program`)
  if (version > TABLES_VERSION) throw new EmbeddedFileError(`${path} was made by a newer version of Pullgate`)
  return tables > 0
}

/** SQLite's messages name tables and files, never stored data. */
export const fileFailure = (path: string, error: unknown): EmbeddedFileError => {
  if (error instanceof EmbeddedFileError) return error
  const why = error instanceof Error ? error.message : String(error)
  return new EmbeddedFileError(`${path} cannot be used: ${why}`, { cause: error })
}

/** Writes everything or nothing, isolated from every other writer. */
export const inTransaction = <T>(db: DatabaseSync, write: () => T): T => {
  db.exec('BEGIN IMMEDIATE')
  try {
    const done = write()
    db.exec('COMMIT')
    return done
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK')
    throw error
  }
}
