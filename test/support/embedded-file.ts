import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { openFile } from '../../src/sqlite/file.ts'

export type EmbeddedFile = {
  readonly path: string
  /** Another connection, as another process has it, to do to the tables what the ports cannot. */
  readonly db: DatabaseSync
  readonly close: () => Promise<void>
}

/** An empty file of Pullgate's in a folder of its own that goes with it. */
export const embeddedFile = async (): Promise<EmbeddedFile> => {
  const folder = await mkdtemp(join(tmpdir(), 'pullgate-embedded-'))
  const path = join(folder, 'pullgate.db')
  openFile(path).close()
  const db = new DatabaseSync(path, { timeout: 5000 })
  return {
    path,
    db,
    close: async () => {
      db.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Nothing is projected any more; the log stays. */
export const emptyStore = ({ db }: EmbeddedFile): void => {
  db.exec('BEGIN IMMEDIATE')
  for (const { name } of db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name LIKE 'store%'").all())
    db.exec(`DELETE FROM ${name}`)
  db.exec('INSERT INTO store (one, last_generation) VALUES (1, 0); COMMIT')
}
